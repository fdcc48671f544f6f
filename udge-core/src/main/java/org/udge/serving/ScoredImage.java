package org.udge.serving;

import java.util.Optional;
import org.udge.Threshold;
import org.udge.engine.Logits;

/**
 * What a model says of one image.
 *
 * @param label index of the predicted class
 * @param className its name
 * @param probability its probability, calibrated if the model has a calibration
 * @param logits f(x), one row, not calibrated
 * @param logDensity log p(x) up to a constant, not calibrated
 * @param score the scorer's out-of-distribution score, higher is more in-distribution
 * @param threshold the line the scorer was given; empty if it was given none
 */
public record ScoredImage(
    int label,
    String className,
    double probability,
    Logits logits,
    double logDensity,
    double score,
    Optional<Threshold> threshold) {

  /**
   * Whether the image is taken for in-distribution.
   *
   * @return whether the score reaches the threshold; empty if there is none
   */
  public Optional<Boolean> inDistribution() {
    return threshold.map(line -> line.accepts(score));
  }
}
