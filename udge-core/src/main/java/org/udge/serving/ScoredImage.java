package org.udge.serving;

import java.util.List;
import java.util.Optional;
import org.udge.Threshold;
import org.udge.engine.Logits;

/**
 * What a model says of one image.
 *
 * @param label index of the predicted class
 * @param className its name
 * @param probability its probability, calibrated if the model has a calibration
 * @param rawProbability its probability by the logits as they are, not calibrated
 * @param predictionSet the classes that hold the true one with the coverage of the scorer's
 *     prediction sets, the most probable first; empty if it has none
 * @param logits f(x), one row, not calibrated
 * @param logDensity log p(x) up to a constant, not calibrated
 * @param score the scorer's out-of-distribution score, higher is more in-distribution
 * @param threshold the line the scorer was given; empty if it was given none
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
   * Returns whether the image is taken for in-distribution.
   *
   * @return whether the score reaches the threshold; empty if there is none
   */
  public Optional<Boolean> inDistribution() {
    return threshold.map(line -> line.accepts(score));
  }
}
