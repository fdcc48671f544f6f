package org.udge.evaluation.calibration;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import java.util.Optional;
import org.udge.Calibration;
import org.udge.engine.Logits;
import org.udge.evaluation.Accumulator;
import org.udge.evaluation.Bootstrap;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.Evaluator;
import org.udge.evaluation.LabeledLogits;
import org.udge.state.State;

/**
 * Bootstrap intervals of accuracy and of the expected calibration error over 15 bins. Needs labels.
 * Stores two numbers per image.
 *
 * @param bootstrap the resampling
 * @param calibration applied to logits first; default none
 */
public record BootstrapEvaluator(Bootstrap bootstrap, Optional<Calibration> calibration)
    implements Evaluator<BootstrapResult> {

  private static final int BINS = 15;

  /**
   * Checks that nothing is missing.
   *
   * @param bootstrap the resampling
   * @param calibration applied to logits first
   */
  public BootstrapEvaluator {
    requireNonNull(bootstrap);
    requireNonNull(calibration);
  }

  /**
   * Returns an evaluator of the intervals of accuracy and expected calibration error.
   *
   * @param bootstrap the resampling
   * @return the evaluator
   */
  public static BootstrapEvaluator of(Bootstrap bootstrap) {
    return new BootstrapEvaluator(bootstrap, Optional.empty());
  }

  /**
   * Returns a copy that evaluates probabilities after a calibration.
   *
   * @param by applied to logits first
   * @return a copy
   */
  public BootstrapEvaluator withCalibration(Calibration by) {
    return new BootstrapEvaluator(bootstrap, Optional.of(by));
  }

  @Override
  public String name() {
    return calibration.isPresent() ? "intervals_calibrated" : "intervals";
  }

  @Override
  public Accumulator<BootstrapResult> begin() {
    return new Kept(this);
  }

  private static final class Kept implements Accumulator<BootstrapResult> {

    private final BootstrapEvaluator settings;
    private final TopLabels labels = new TopLabels();

    Kept(BootstrapEvaluator settings) {
      this.settings = settings;
    }

    @Override
    public void update(EvaluationBatch batch) {
      LabeledLogits given = batch.labeledLogits();
      Logits logits =
          settings.calibration.map(c -> c.apply(given.logits())).orElseGet(given::logits);
      labels.add(logits, given);
    }

    @Override
    public void merge(Accumulator<BootstrapResult> other) {
      checkArgument(
          other instanceof Kept that && that.settings.equals(settings),
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
    public BootstrapResult compute() {
      checkState(labels.size() > 0, "no image was evaluated: the set is empty");
      double[] confidence = labels.confidences();
      double[] correct = labels.right();
      return new BootstrapResult(
          settings.calibration.isPresent(),
          correct.length,
          settings.bootstrap.mean(correct),
          settings.bootstrap.interval(
              correct.length, indices -> calibrationError(confidence, correct, indices)));
    }

    private static double calibrationError(double[] confidence, double[] correct, int[] indices) {
      ConfidenceBins bins = new ConfidenceBins(BINS);
      for (int i : indices) {
        bins.add(confidence[i], correct[i] == 1);
      }
      return bins.diagram().expectedError();
    }
  }
}
