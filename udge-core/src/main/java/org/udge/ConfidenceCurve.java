package org.udge;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * Maps the confidence, the probability of the predicted class, to the fraction of predictions of
 * that confidence that are correct. Curves are fitted by {@code org.udge.evaluation.calibration};
 * {@link Calibration#topLabel} applies them.
 *
 * <p>Immutable and thread-safe.
 */
public final class ConfidenceCurve {

  /** Bounds probabilities away from 0 and 1, whose log-odds are infinite. */
  private static final double EDGE = 1e-15;

  private final double[] confidences;
  private final double[] accuracies;
  private final double slope;
  private final double offset;

  private ConfidenceCurve(double[] confidences, double[] accuracies, double slope, double offset) {
    this.confidences = confidences;
    this.accuracies = accuracies;
    this.slope = slope;
    this.offset = offset;
  }

  /**
   * Returns a piecewise linear curve through points, constant before the first and after the last.
   *
   * @param confidences in [0, 1], ascending; copied
   * @param accuracies one per confidence, above 0 and below 1, in non-descending order; copied
   * @return the curve
   * @throws IllegalArgumentException if there is no point, the lengths differ, or a number is out
   *     of range or out of order
   */
  public static ConfidenceCurve ofPoints(double[] confidences, double... accuracies) {
    checkArgument(
        confidences.length > 0 && confidences.length == accuracies.length,
        "there must be as many confidences as accuracies, and at least one: were %s and %s",
        confidences.length,
        accuracies.length);
    for (int i = 0; i < confidences.length; i++) {
      checkArgument(
          confidences[i] >= 0
              && confidences[i] <= 1
              && (i == 0 || confidences[i] > confidences[i - 1]),
          "confidences must ascend within [0, 1], that of point %s is %s",
          i,
          confidences[i]);
      checkArgument(
          accuracies[i] > 0 && accuracies[i] < 1 && (i == 0 || accuracies[i] >= accuracies[i - 1]),
          "accuracies must not descend and be above 0 and below 1, that of point %s is %s",
          i,
          accuracies[i]);
    }
    return new ConfidenceCurve(confidences.clone(), accuracies.clone(), 0, 0);
  }

  /**
   * Returns the curve 1 / (1 + exp(-(slope log(c / (1 - c)) + offset))) of the confidence c.
   *
   * @param slope the slope in log-odds, finite
   * @param offset the offset in log-odds, finite
   * @return the curve; slope 1 and offset 0 give the identity
   * @throws IllegalArgumentException if a number is not finite
   */
  public static ConfidenceCurve ofLogOdds(double slope, double offset) {
    checkArgument(
        Double.isFinite(slope) && Double.isFinite(offset),
        "slope and offset must be finite, were %s and %s",
        slope,
        offset);
    return new ConfidenceCurve(new double[0], new double[0], slope, offset);
  }

  /**
   * Evaluates the curve.
   *
   * @param confidence the confidence, in [0, 1]
   * @return the probability of being correct, 0 to 1
   */
  public double at(double confidence) {
    if (confidences.length == 0) {
      double c = Math.min(1 - EDGE, Math.max(EDGE, confidence));
      return 1 / (1 + Math.exp(-(slope * Math.log(c / (1 - c)) + offset)));
    }
    int found = Arrays.binarySearch(confidences, confidence);
    if (found >= 0) {
      return accuracies[found];
    }
    int next = -found - 1;
    if (next == 0 || next == confidences.length) {
      return accuracies[Math.min(next, confidences.length - 1)];
    }
    double share =
        (confidence - confidences[next - 1]) / (confidences[next] - confidences[next - 1]);
    return accuracies[next - 1] + share * (accuracies[next] - accuracies[next - 1]);
  }

  /** Returns the points to be written to a file; none if the curve is one of log-odds. */
  double[] confidences() {
    return confidences.clone();
  }

  double[] accuracies() {
    return accuracies.clone();
  }

  /** Returns slope and offset to be written to a file; none if the curve consists of points. */
  double[] logOdds() {
    return confidences.length == 0 ? new double[] {slope, offset} : new double[0];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConfidenceCurve that
        && Arrays.equals(confidences, that.confidences)
        && Arrays.equals(accuracies, that.accuracies)
        && Double.compare(slope, that.slope) == 0
        && Double.compare(offset, that.offset) == 0;
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Arrays.hashCode(confidences) + Arrays.hashCode(accuracies))
        + Double.hashCode(slope)
        + Double.hashCode(offset);
  }

  @Override
  public String toString() {
    return confidences.length == 0
        ? "ConfidenceCurve[slope=" + slope + ", offset=" + offset + "]"
        : "ConfidenceCurve[" + confidences.length + " points]";
  }
}
