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
 * Risk, the share of wrong answers, against coverage, the share of images that are answered.
 *
 * <p>Immutable and thread-safe.
 */
public final class RiskCoverageResult implements EvaluationResult {

  private static final double[] REPORTED = {0.5, 0.7, 0.8, 0.9, 0.95, 1};

  private final boolean calibrated;
  private final double[] confidences;
  private final double[] risks;

  /**
   * Where to stop answering.
   *
   * @param confidence images whose max_y p(y|x) is at least this are answered
   * @param coverage the share of images answered
   * @param risk the share of wrong answers among them
   */
  public record Line(double confidence, double coverage, double risk) {}

  /**
   * A curve.
   *
   * @param calibrated whether logits were calibrated first
   * @param confidences of all images, descending; the result's own
   * @param risks of answering as many; the result's own
   */
  RiskCoverageResult(boolean calibrated, double[] confidences, double... risks) {
    this.calibrated = calibrated;
    this.confidences = confidences;
    this.risks = risks;
  }

  /**
   * Returns the number of images were judged.
   *
   * @return at least 1
   */
  @Override
  public long images() {
    return risks.length;
  }

  /**
   * Returns the curve.
   *
   * @return risk of answering the 1, 2, ... N surest images; a copy
   */
  public double[] risks() {
    return risks.clone();
  }

  /**
   * Area under the risk-coverage curve: the mean of {@link #risks} (Geifman et al. 2019).
   *
   * @return 0 to 1, lower is better
   */
  public double aurc() {
    return Arrays.stream(risks).average().orElseThrow();
  }

  /**
   * Returns the area less the least that is possible with as many wrong answers, all of them last
   * (Geifman et al. 2019, E-AURC): how well confidence ranks, apart from accuracy.
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
   * Returns the line that answers the most images at a risk that is no higher than chosen. Choose
   * it on held-out images: on new ones the risk is that on average, not for certain.
   *
   * @param risk accepted share of wrong answers, 0 to 1
   * @return the line; empty if even the surest images are wrong too often
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
   * Risk at a coverage.
   *
   * @param coverage above 0 and at most 1
   * @return the share of wrong answers among the surest images
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
   * Areas, and the risk at some coverages.
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
