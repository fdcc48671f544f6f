package org.udge.evaluation.calibration;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import java.util.Arrays;
import java.util.Optional;
import org.udge.Calibration;
import org.udge.engine.Logits;
import org.udge.evaluation.Accumulator;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.Evaluator;
import org.udge.evaluation.LabeledLogits;
import org.udge.internal.Sorting;
import org.udge.state.State;

/**
 * What refusing to answer is worth: the share of wrong answers (risk) against the share of images
 * answered (coverage), those of the highest max_y p(y|x) first (El-Yaniv &amp; Wiener 2010; Geifman
 * et al. 2019). Needs labels; keeps two numbers for each image.
 *
 * @param calibration what is done to logits first; default nothing, also where the model has a
 *     calibration
 */
public record RiskCoverageEvaluator(Optional<Calibration> calibration)
    implements Evaluator<RiskCoverageResult> {

  /**
   * Checks the setting.
   *
   * @param calibration what is done to logits first
   */
  public RiskCoverageEvaluator {
    requireNonNull(calibration);
  }

  /**
   * By probabilities as the network gives them.
   *
   * @return the evaluator
   */
  public static RiskCoverageEvaluator ofDefaults() {
    return new RiskCoverageEvaluator(Optional.empty());
  }

  /**
   * By probabilities after a calibration; keys of metrics then begin with {@code calibrated_}.
   *
   * @param by applied to logits first
   * @return the changed evaluator
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
    return new Kept(calibration);
  }

  private static final class Kept implements Accumulator<RiskCoverageResult> {

    private final Optional<Calibration> calibration;
    private final TopLabels labels = new TopLabels();

    Kept(Optional<Calibration> calibration) {
      this.calibration = calibration;
    }

    @Override
    public void update(EvaluationBatch batch) {
      LabeledLogits given = batch.labeledLogits();
      Logits logits = calibration.map(c -> c.apply(given.logits())).orElseGet(given::logits);
      labels.add(logits, given);
    }

    @Override
    public void merge(Accumulator<RiskCoverageResult> other) {
      checkArgument(
          other instanceof Kept that && that.calibration.equals(calibration),
          "cannot merge with an accumulator of other settings: %s",
          other);
      labels.addAll(((Kept) other).labels);
    }

    @Override
    public State captureState() {
      return labels.captureState();
    }

    @Override
    public void restoreState(State state) {
      labels.restoreState(state);
    }

    @Override
    public RiskCoverageResult compute() {
      checkState(labels.size() > 0, "no image was judged: the set is empty");
      double[] confidence = labels.confidences();
      int[] order = Sorting.descending(confidence);
      return new RiskCoverageResult(
          calibration.isPresent(),
          Arrays.stream(order).mapToDouble(i -> confidence[i]).toArray(),
          risks(order, confidence, labels.right()));
    }

    /** Of equal confidences any may come first: the risk between is the mean over their orders. */
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
