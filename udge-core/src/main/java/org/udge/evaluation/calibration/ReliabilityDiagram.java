package org.udge.evaluation.calibration;

import java.util.List;
import org.apache.commons.math3.special.Erf;

/**
 * Accuracy as a function of confidence, in bins (Niculescu-Mizil &amp; Caruana 2005), and the
 * calibration errors that follow from it.
 *
 * @param bins the bins, of equal width over [0, 1], ascending
 */
public record ReliabilityDiagram(List<ReliabilityBin> bins) {

  /**
   * Copies the bins.
   *
   * @param bins the bins, of equal width over [0, 1], ascending
   */
  public ReliabilityDiagram {
    bins = List.copyOf(bins);
  }

  /**
   * Returns the number of images.
   *
   * @return the sum over bins
   */
  public long images() {
    return bins.stream().mapToLong(ReliabilityBin::count).sum();
  }

  /**
   * Computes the expected calibration error: the mean of |gap|, with bins weighted by their number
   * of images (Naeini et al. 2015; Guo et al. 2017, equation 3).
   *
   * @return 0 to 1, lower is better
   */
  public double expectedError() {
    return bins.stream().mapToDouble(b -> Math.abs(b.correct() - b.confidenceSum())).sum()
        / images();
  }

  /**
   * Computes the maximum calibration error: the largest |gap| of a nonempty bin.
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
   * Computes the root mean square of the gaps, with bins weighted by their number of images
   * (Hendrycks et al. 2019, here over bins of equal width).
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
   * Computes the expected calibration error minus its bias. With few images, a bin has a gap even
   * if the model is calibrated: with gap g and variance s^2 = a (1 - a) / n of a bin's accuracy a,
   * |g| is too large by about E|X| - |g|, X normal with mean g and standard deviation s (bootstrap
   * bias correction; Kumar et al. 2019, "Verified uncertainty calibration", section 5). For a
   * perfectly calibrated model, about half of the bias remains: compare with {@link
   * #errorOfPerfectCalibration}.
   *
   * @return at most {@link #expectedError}, lower is better; may be slightly below 0
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

  /** Computes E|X| for normal X. */
  private static double foldedMean(double mean, double deviation) {
    if (deviation == 0) {
      return mean;
    }
    double z = mean / deviation;
    return deviation * Math.sqrt(2 / Math.PI) * Math.exp(-z * z / 2)
        + mean * Erf.erf(z / Math.sqrt(2));
  }

  /**
   * Computes the expected calibration error that a perfectly calibrated model with the same
   * confidences would have on the same number of images: sum over bins of E|correct -
   * confidenceSum| / N = sqrt(2 / pi) sum over bins of (sum c (1 - c))^1/2 / N, where each image is
   * correct with the probability of its confidence c (normal approximation). Below this, no model
   * can be distinguished from a calibrated one.
   *
   * @return 0 to 1
   */
  public double errorOfPerfectCalibration() {
    return Math.sqrt(2 / Math.PI)
        * bins.stream().mapToDouble(b -> Math.sqrt(b.confidenceVariance())).sum()
        / images();
  }

  /**
   * Computes the mean square of the gaps minus its bias: sum over bins of n / N (g^2 - a (1 - a) /
   * (n - 1)), which is unbiased for any gaps (Bröcker 2012; Kumar et al. 2019, definition 5.1). A
   * bin with one image, whose variance is unknown, contributes g^2.
   *
   * @return lower is better; below 0 if gaps are smaller than expected by chance
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
