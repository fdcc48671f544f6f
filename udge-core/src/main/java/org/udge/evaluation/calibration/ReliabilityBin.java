package org.udge.evaluation.calibration;

import java.util.OptionalDouble;

/**
 * The images whose confidence lies in (lower, upper]; a confidence of exactly 0 belongs to the
 * first bin.
 *
 * @param lower the lower edge
 * @param upper the upper edge
 * @param count the number of images
 * @param confidenceSum the sum of their confidences
 * @param correct the number of images classified correctly
 * @param confidenceVariance the sum of c (1 - c) over their confidences c, which is the variance of
 *     {@code correct} if each image were correct with probability c
 */
public record ReliabilityBin(
    double lower,
    double upper,
    long count,
    double confidenceSum,
    long correct,
    double confidenceVariance) {

  /**
   * Returns the mean confidence.
   *
   * @return in [lower, upper]; empty if the bin is empty
   */
  public OptionalDouble confidence() {
    return count == 0 ? OptionalDouble.empty() : OptionalDouble.of(confidenceSum / count);
  }

  /**
   * Returns the fraction of correct images.
   *
   * @return in [0, 1]; empty if the bin is empty
   */
  public OptionalDouble accuracy() {
    return count == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) correct / count);
  }

  /**
   * Returns the gap: accuracy minus confidence, negative if the model is overconfident.
   *
   * @return in [-1, 1]; empty if the bin is empty
   */
  public OptionalDouble gap() {
    return count == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((correct - confidenceSum) / count);
  }
}
