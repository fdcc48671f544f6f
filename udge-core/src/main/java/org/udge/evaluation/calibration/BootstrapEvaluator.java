package org.udge.evaluation.calibration;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import org.udge.Calibration;
import org.udge.evaluation.Accumulator;
import org.udge.evaluation.Bootstrap;
import org.udge.evaluation.Evaluator;

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
    return new Intervals(this);
  }

  private static final class Intervals extends TopLabelAccumulator<BootstrapResult> {

    private final BootstrapEvaluator settings;

    Intervals(BootstrapEvaluator settings) {
      super(settings, settings.calibration);
      this.settings = settings;
    }

    @Override
    BootstrapResult compute(double[] confidences, double[] right) {
      return new BootstrapResult(
          settings.calibration.isPresent(),
          right.length,
          settings.bootstrap.mean(right),
          settings.bootstrap.interval(
              right.length, indices -> calibrationError(confidences, right, indices)));
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
