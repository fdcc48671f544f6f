package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Optional;
import java.util.function.Supplier;
import org.udge.evaluation.Metric;
import org.udge.state.State;

/**
 * The best epoch so far.
 *
 * @param epoch the epoch, from 0
 * @param metric the metric by which it is the best
 * @param parameters the model's parameters at the end of that epoch, as the single row of an array
 *     that is never modified, because states share it
 */
record BestEpoch(long epoch, Metric metric, float[][] parameters) {

  /**
   * Returns the better of an epoch and the previous best one; of equal ones, the earlier.
   *
   * @param key the key of the metric to compare
   * @param parameters the current parameters of the model
   */
  static Optional<BestEpoch> better(
      EpochReport report, Optional<BestEpoch> before, String key, Supplier<float[]> parameters) {
    if (report.validation().isEmpty()) {
      return before;
    }
    Metric metric = report.validation().get().metric(key);
    return metric.isBetterThan(before.map(BestEpoch::metric))
        ? Optional.of(new BestEpoch(report.epoch(), metric, new float[][] {parameters.get()}))
        : before;
  }

  State capture() {
    return State.builder()
        .put("epoch", epoch)
        .put("metric", EpochHistory.captureMetric(metric))
        .putRows("parameters", parameters)
        .build();
  }

  /**
   * Reads a captured best epoch.
   *
   * @param key the key of the metric that the run compares from now on
   */
  static BestEpoch restore(State state, String key) {
    Metric metric = EpochHistory.restoreMetric(state.getState("metric"));
    checkArgument(
        metric.key().equals(key),
        "the run so far kept its best epoch by %s, this trainer keeps it by %s",
        metric.key(),
        key);
    float[][] parameters = state.getRows("parameters");
    checkArgument(
        parameters.length == 1,
        "state entry 'parameters' of the best epoch must be one row, was %s",
        parameters.length);
    return new BestEpoch(state.getLong("epoch"), metric, parameters);
  }
}
