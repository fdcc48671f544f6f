package org.udge.spark.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.udge.evaluation.Metric;
import org.udge.state.State;
import org.udge.training.DivergenceEvent;
import org.udge.training.EpochHistory;
import org.udge.training.EpochReport;
import org.udge.training.StepMeans;

/**
 * The complete progress of a run: returning to an earlier one is a rollback. Immutable.
 *
 * @param round number of completed rounds
 * @param steps number of steps completed by each worker
 * @param rollbacks rollbacks that are not yet in the workers' states
 * @param means means over the current epoch; further steps are added to a copy
 */
@SuppressWarnings("ArrayRecordComponent") // shared, never compared
record Progress(
    long round,
    long steps,
    float[] parameters,
    float[] velocity,
    WorkerStates states,
    List<DivergenceEvent> rollbacks,
    StepMeans means,
    List<EpochReport> history,
    Optional<Best> best) {

  /** The best epoch so far. */
  @SuppressWarnings("ArrayRecordComponent") // shared, never compared
  record Best(long epoch, Metric metric, float[] parameters) {}

  Progress with(WorkerStates other) {
    return new Progress(round, steps, parameters, velocity, other, rollbacks, means, history, best);
  }

  Progress with(DivergenceEvent rollback) {
    List<DivergenceEvent> more = new ArrayList<>(rollbacks);
    more.add(rollback);
    return new Progress(round, steps, parameters, velocity, states, more, means, history, best);
  }

  Progress with(EpochReport report, Optional<Best> bestSoFar) {
    List<EpochReport> more = new ArrayList<>(history);
    more.add(report);
    return new Progress(
        round, steps, parameters, velocity, states, rollbacks, new StepMeans(), more, bestSoFar);
  }

  /** The driver's part of a checkpoint, except for constant entries. */
  State.Builder capture() {
    State.Builder state =
        State.builder()
            .put("round", round)
            .put("steps", steps)
            .put("parameters", parameters)
            .put("velocity", velocity)
            .put("means", means.captureState())
            .put("history", EpochHistory.capture(history));
    best.ifPresent(
        epoch ->
            state
                .put("bestEpoch", epoch.epoch)
                .put("bestKey", epoch.metric.key())
                .put("bestParameters", epoch.parameters));
    return state;
  }

  /**
   * Restores captured progress.
   *
   * @param stepsPerEpoch steps per epoch of the resumed run's data, by which reports count steps
   */
  static Progress restore(
      State state, long steps, int stepsPerEpoch, StepMeans means, WorkerStates states) {
    List<EpochReport> history =
        EpochHistory.restore(state.getState("history")).stream()
            .map(
                report ->
                    new EpochReport(
                        report.epoch(),
                        (report.epoch() + 1) * stepsPerEpoch,
                        report.loss(),
                        report.values(),
                        report.validation(),
                        report.seconds()))
            .toList();
    Optional<Best> best = Optional.empty();
    if (state.has("bestEpoch")) {
      long epoch = state.getLong("bestEpoch");
      Metric metric =
          history.stream()
              .filter(report -> report.epoch() == epoch)
              .flatMap(report -> report.validation().stream())
              .map(validation -> validation.metric(state.getString("bestKey")))
              .findFirst()
              .orElseThrow(
                  () -> new IllegalArgumentException("the best epoch was not validated: " + epoch));
      best = Optional.of(new Best(epoch, metric, state.getFloats("bestParameters")));
    }
    return new Progress(
        state.getLong("round"),
        steps,
        state.getFloats("parameters"),
        state.getFloats("velocity"),
        states,
        List.of(),
        means,
        history,
        best);
  }
}
