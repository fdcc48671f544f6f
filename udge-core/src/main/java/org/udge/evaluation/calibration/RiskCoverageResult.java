package org.udge.evaluation.calibration;

import static org.udge.evaluation.Direction.LOWER_IS_BETTER;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.udge.evaluation.EvaluationResult;
import org.udge.evaluation.Metric;

/**
 * Risk, the fraction of wrong answers, as a function of coverage, the fraction of images that are
 * answered.
 *
 * <p>Immutable and thread-safe.
 */
public final class RiskCoverageResult implements EvaluationResult {

  private static final double[] REPORTED = {0.5, 0.7, 0.8, 0.9, 0.95, 1};

  private final boolean calibrated;
  private final double[] confidences;
  private final double[] risks;

  /**
   * A confidence threshold for answering.
   *
   * @param confidence images whose max_y p(y|x) is at least this are answered
   * @param coverage the fraction of images answered
   * @param risk the fraction of wrong answers among them
   */
  public record Line(double confidence, double coverage, double risk) {}

  /**
   * Creates a curve.
   *
   * @param calibrated whether logits were calibrated first
   * @param confidences the confidences of all images, descending; owned by the result
   * @param risks the risks of answering the first 1, 2, ... N images; owned by the result
   */
  RiskCoverageResult(boolean calibrated, double[] confidences, double... risks) {
    this.calibrated = calibrated;
    this.confidences = confidences;
    this.risks = risks;
  }

  /**
   * Returns the number of images evaluated.
   *
   * @return the number of images, at least 1
   */
  @Override
  public long images() {
    return risks.length;
  }

  /**
   * Returns the curve.
   *
   * @return the risk of answering the 1, 2, ... N most confident images; a copy
   */
  public double[] risks() {
    return risks.clone();
  }

  /**
   * Computes the area under the risk-coverage curve: the mean of {@link #risks} (Geifman et al.
   * 2019).
   *
   * @return 0 to 1, lower is better
   */
  public double aurc() {
    return Arrays.stream(risks).average().orElseThrow();
  }

  /**
   * Computes the excess area: the area minus the least area possible for the same number of wrong
   * answers, which has all of them last (Geifman et al. 2019, E-AURC). It measures how well
   * confidence ranks, independently of accuracy.
   *
   * @return 0 to 1, lower is better
   */
  public double excessAurc() {
    int n = risks.length;
    long wrong = Math.round(risks[n - 1] * n);
    double best = 0;
    for (long k = n - wrong + 1; k <= n; k++) {
      best += (double) (k - (n - wrong)) / k;
    }
    return aurc() - best / n;
  }

  /**
   * Returns the threshold that answers the most images at a risk not above the given one. Choose it
   * on held-out images: on new images, the risk holds on average, not with certainty.
   *
   * @param risk the accepted fraction of wrong answers, 0 to 1
   * @return the threshold; empty if even the most confident images are wrong too often
   * @throws IllegalArgumentException if the risk is out of range
   */
  public Optional<Line> lineForRisk(double risk) {
    checkArgument(risk >= 0 && risk <= 1, "risk must be in [0, 1], was %s", risk);
    for (int k = risks.length - 1; k >= 0; k--) {
      boolean between = k + 1 < risks.length && confidences[k + 1] == confidences[k];
      if (!between && risks[k] <= risk) {
        return Optional.of(new Line(confidences[k], (k + 1.0) / risks.length, risks[k]));
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the risk at a coverage.
   *
   * @param coverage the coverage, above 0 and at most 1
   * @return the fraction of wrong answers among the most confident images
   * @throws IllegalArgumentException if it is out of range
   */
  public double riskAt(double coverage) {
    checkArgument(coverage > 0 && coverage <= 1, "coverage must be in (0, 1], was %s", coverage);
    return risks[Math.max(1, (int) Math.round(coverage * risks.length)) - 1];
  }

  @Override
  public List<Metric> metrics(String split) {
    String prefix = calibrated ? split + "/calibrated_" : split + "/";
    return List.of(
        new Metric(prefix + "aurc", aurc(), LOWER_IS_BETTER),
        new Metric(prefix + "excess_aurc", excessAurc(), LOWER_IS_BETTER));
  }

  @Override
  public Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("images", images());
    details.put("calibrated", calibrated);
    details.put("aurc", aurc());
    details.put("excess_aurc", excessAurc());
    Map<String, Object> curve = new LinkedHashMap<>();
    for (double coverage : REPORTED) {
      curve.put(Double.toString(coverage), riskAt(coverage));
    }
    details.put("risk_at_coverage", curve);
    return details;
  }

  /**
   * Returns the areas, and the risk at some coverages.
   *
   * @return several lines
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("Risk and coverage");
    text.append(calibrated ? ", logits calibrated, over " : " over ").append(images());
    text.append(" images\n").append(Metric.table(metrics("all")));
    for (double coverage : REPORTED) {
      text.append(
          String.format(
              Locale.ROOT, "answering %3.0f %%: %.4f wrong%n", 100 * coverage, riskAt(coverage)));
    }
    return text.toString();
  }
}
