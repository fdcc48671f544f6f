package org.udge.evaluation.calibration;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.Optional;
import org.udge.Calibration;
import org.udge.evaluation.Accumulator;
import org.udge.evaluation.Evaluator;
import org.udge.internal.Sorting;

/**
 * Evaluates selective classification: the fraction of wrong answers (risk) as a function of the
 * fraction of images answered (coverage), in order of descending max_y p(y|x) (El-Yaniv &amp;
 * Wiener 2010; Geifman et al. 2019). Needs labels; stores two numbers per image.
 *
 * @param calibration applied to logits first; default none, even if the model has a calibration
 */
public record RiskCoverageEvaluator(Optional<Calibration> calibration)
    implements Evaluator<RiskCoverageResult> {

  /**
   * Checks the setting.
   *
   * @param calibration applied to logits first
   */
  public RiskCoverageEvaluator {
    requireNonNull(calibration);
  }

  /**
   * Returns an evaluator of the network's uncalibrated probabilities.
   *
   * @return the evaluator
   */
  public static RiskCoverageEvaluator ofDefaults() {
    return new RiskCoverageEvaluator(Optional.empty());
  }

  /**
   * Returns a copy that evaluates probabilities after a calibration; the keys of metrics then begin
   * with {@code calibrated_}.
   *
   * @param by applied to logits first
   * @return a copy
   */
  public RiskCoverageEvaluator withCalibration(Calibration by) {
    return new RiskCoverageEvaluator(Optional.of(by));
  }

  @Override
  public String name() {
    return calibration.isPresent() ? "risk_coverage_calibrated" : "risk_coverage";
  }

  @Override
  public Accumulator<RiskCoverageResult> begin() {
    return new Risks(this);
  }

  private static final class Risks extends TopLabelAccumulator<RiskCoverageResult> {

    private final boolean calibrated;

    Risks(RiskCoverageEvaluator settings) {
      super(settings, settings.calibration);
      calibrated = settings.calibration.isPresent();
    }

    @Override
    RiskCoverageResult compute(double[] confidences, double[] right) {
      int[] order = Sorting.descending(confidences);
      return new RiskCoverageResult(
          calibrated,
          Arrays.stream(order).mapToDouble(i -> confidences[i]).toArray(),
          risks(order, confidences, right));
    }

    /**
     * Computes the risks. Images of equal confidence may come in any order: the risk within such a
     * group is the mean over these orders.
     */
    private static double[] risks(int[] order, double[] confidence, double[] right) {
      double[] risks = new double[order.length];
      double errors = 0;
      int first = 0;
      while (first < order.length) {
        int end = first;
        double wrong = 0;
        while (end < order.length && confidence[order[end]] == confidence[order[first]]) {
          wrong += 1 - right[order[end++]];
        }
        for (int k = first; k < end; k++) {
          risks[k] = (errors + wrong * (k + 1 - first) / (end - first)) / (k + 1);
        }
        errors += wrong;
        first = end;
      }
      return risks;
    }
  }
}
