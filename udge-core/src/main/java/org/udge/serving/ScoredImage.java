package org.udge.serving;

import java.util.List;
import java.util.Optional;
import org.udge.Threshold;
import org.udge.engine.Logits;

/**
 * The results of a model for one image.
 *
 * @param label the index of the predicted class
 * @param className the name of the predicted class
 * @param probability the probability of the predicted class, calibrated if the model has a
 *     calibration
 * @param rawProbability the probability of the predicted class computed from the uncalibrated
 *     logits
 * @param predictionSet the classes that contain the true one with the coverage of the scorer's
 *     prediction sets, the most probable first; empty if the scorer has none
 * @param logits the logits f(x), one row, uncalibrated
 * @param logDensity log p(x) up to a constant, uncalibrated
 * @param score the scorer's out-of-distribution score; higher is more in-distribution
 * @param threshold the scorer's threshold; empty if it has none
 */
public record ScoredImage(
    int label,
    String className,
    double probability,
    double rawProbability,
    Optional<List<Integer>> predictionSet,
    Logits logits,
    double logDensity,
    double score,
    Optional<Threshold> threshold) {

  /**
   * Returns whether the image is accepted as in-distribution.
   *
   * @return whether the score reaches the threshold; empty if there is none
   */
  public Optional<Boolean> inDistribution() {
    return threshold.map(line -> line.accepts(score));
  }
}
