package org.udge.evaluation.calibration;

import java.util.List;
import org.apache.commons.math3.special.Erf;

/**
 * Confidence against accuracy, bin by bin (Niculescu-Mizil &amp; Caruana 2005), and the calibration
 * errors that follow from it.
 *
 * @param bins bins of equal width over [0, 1], ascending
 */
public record ReliabilityDiagram(List<ReliabilityBin> bins) {

  /**
   * Copies the bins.
   *
   * @param bins bins of equal width over [0, 1], ascending
   */
  public ReliabilityDiagram {
    bins = List.copyOf(bins);
  }

  /**
   * Returns the number of images.
   *
   * @return sum over bins
   */
  public long images() {
    return bins.stream().mapToLong(ReliabilityBin::count).sum();
  }

  /**
   * Expected calibration error: mean of |gap|, bins weighted by their images (Naeini et al. 2015;
   * Guo et al. 2017, equation 3).
   *
   * @return 0 to 1, lower is better
   */
  public double expectedError() {
    return bins.stream().mapToDouble(b -> Math.abs(b.correct() - b.confidenceSum())).sum()
        / images();
  }

  /**
   * Maximum calibration error: the largest |gap| of a bin that is not empty.
   *
   * @return 0 to 1, lower is better
   */
  public double maximumError() {
    return bins.stream()
        .flatMapToDouble(b -> b.gap().stream())
        .map(Math::abs)
        .max()
        .orElse(Double.NaN);
  }

  /**
   * Root mean square of the gaps, bins weighted by their images (Hendrycks et al. 2019, here over
   * bins of equal width).
   *
   * @return 0 to 1, lower is better
   */
  public double rootMeanSquareError() {
    double sum =
        bins.stream()
            .filter(b -> b.count() > 0)
            .mapToDouble(b -> b.count() * Math.pow(b.gap().getAsDouble(), 2))
            .sum();
    return Math.sqrt(sum / images());
  }

  /**
   * Expected calibration error less its bias. Few images in a bin make a gap where there is none:
   * with gap g and variance s^2 = a (1 - a) / n of a bin's accuracy a, |g| is too large by about
   * E|X| - |g|, X normal with mean g and deviation s (bootstrap bias correction; Kumar et al. 2019,
   * "Verified uncertainty calibration", section 5). Where the model is perfectly calibrated about
   * half of the bias is left: compare with {@link #errorOfPerfectCalibration}.
   *
   * @return at most {@link #expectedError}, lower is better; may be a little below 0
   */
  public double debiasedError() {
    double sum = 0;
    for (ReliabilityBin bin : bins) {
      if (bin.count() > 0) {
        double gap = Math.abs(bin.gap().getAsDouble());
        double accuracy = bin.accuracy().getAsDouble();
        double deviation = Math.sqrt(accuracy * (1 - accuracy) / bin.count());
        sum += bin.count() * (2 * gap - foldedMean(gap, deviation));
      }
    }
    return sum / images();
  }

  /** E|X| for normal X. */
  private static double foldedMean(double mean, double deviation) {
    if (deviation == 0) {
      return mean;
    }
    double z = mean / deviation;
    return deviation * Math.sqrt(2 / Math.PI) * Math.exp(-z * z / 2)
        + mean * Erf.erf(z / Math.sqrt(2));
  }

  /**
   * Returns the expected calibration error that a perfectly calibrated model of the same
   * confidences would show on as many images: sum over bins of E|correct - confidenceSum| / N =
   * sqrt(2 / pi) sum over bins of (sum c (1 - c))^1/2 / N, where each image is right with its
   * confidence c (normal approximation). No model can be told from a calibrated one below this.
   *
   * @return 0 to 1
   */
  public double errorOfPerfectCalibration() {
    return Math.sqrt(2 / Math.PI)
        * bins.stream().mapToDouble(b -> Math.sqrt(b.confidenceVariance())).sum()
        / images();
  }

  /**
   * Mean square of the gaps less its bias: sum over bins of n / N (g^2 - a (1 - a) / (n - 1)),
   * right on average whatever the gaps (Bröcker 2012; Kumar et al. 2019, definition 5.1). A bin of
   * one image, of which no variance is known, counts with g^2.
   *
   * @return lower is better; below 0 where gaps are smaller than chance makes them
   */
  public double debiasedSquaredError() {
    double sum = 0;
    for (ReliabilityBin bin : bins) {
      if (bin.count() > 0) {
        double accuracy = bin.accuracy().getAsDouble();
        double variance = bin.count() > 1 ? accuracy * (1 - accuracy) / (bin.count() - 1) : 0;
        sum += bin.count() * (Math.pow(bin.gap().getAsDouble(), 2) - variance);
      }
    }
    return sum / images();
  }
}
