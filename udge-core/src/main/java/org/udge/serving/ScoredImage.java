package org.udge.serving;

import java.util.OptionalDouble;
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
 * @param threshold what the score had to reach; empty if the scorer has no threshold
 */
public record ScoredImage(
    int label,
    String className,
    double probability,
    Logits logits,
    double logDensity,
    double score,
    OptionalDouble threshold) {

  /**
   * Whether the image is taken for in-distribution.
   *
   * @return true if the score reaches the threshold, or there is none
   */
  public boolean inDistribution() {
    return threshold.isEmpty() || score >= threshold.getAsDouble();
  }
}
