package org.udge.evaluation.calibration;

import java.util.List;

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
   * How many images.
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
}
