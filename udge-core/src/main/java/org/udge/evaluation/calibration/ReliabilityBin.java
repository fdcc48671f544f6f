package org.udge.evaluation.calibration;

import java.util.OptionalDouble;

/**
 * The images whose confidence lies in (lower, upper]; a confidence of exactly 0 belongs to the
 * first bin.
 *
 * @param lower lower edge
 * @param upper upper edge
 * @param count how many images
 * @param confidenceSum sum of their confidences
 * @param correct how many were right
 * @param confidenceVariance sum of c (1 - c) over their confidences c: the variance of {@code
 *     correct}, were each right with the probability c
 */
public record ReliabilityBin(
    double lower,
    double upper,
    long count,
    double confidenceSum,
    long correct,
    double confidenceVariance) {

  /**
   * Mean confidence.
   *
   * @return in [lower, upper]; empty if the bin is
   */
  public OptionalDouble confidence() {
    return count == 0 ? OptionalDouble.empty() : OptionalDouble.of(confidenceSum / count);
  }

  /**
   * Share that was right.
   *
   * @return in [0, 1]; empty if the bin is
   */
  public OptionalDouble accuracy() {
    return count == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) correct / count);
  }

  /**
   * Accuracy less confidence: negative where the model is too sure of itself.
   *
   * @return in [-1, 1]; empty if the bin is
   */
  public OptionalDouble gap() {
    return count == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((correct - confidenceSum) / count);
  }
}
