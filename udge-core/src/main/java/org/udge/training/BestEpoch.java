package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Optional;
import java.util.function.Supplier;
import org.udge.evaluation.Metric;
import org.udge.state.State;

/**
 * The best epoch so far.
 *
 * @param epoch from 0
 * @param metric what it is the best by
 * @param parameters of the model then, as the one row of a memory that is never changed: states
 *     share it
 */
record BestEpoch(long epoch, Metric metric, float[][] parameters) {

  /**
   * The better of an epoch and the best before it, the first of equal ones.
   *
   * @param key of the metric to compare
   * @param parameters of the model as it is
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
   * Reads a captured epoch.
   *
   * @param key of the metric that the run goes on to compare
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
