package org.udge.spark.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.jspecify.annotations.Nullable;
import org.udge.state.State;
import org.udge.training.DivergenceEvent;
import org.udge.training.EpochReport;
import org.udge.training.NonFiniteLossException;
import org.udge.training.RunState;
import org.udge.training.StepReport;
import org.udge.training.TrainingControl;
import org.udge.training.TrainingListener;
import org.udge.training.TrainingSession;

/**
 * A round of one worker: local steps from the common parameters and its own state. A pure function
 * of these: repeated anywhere, it gives the same bits, except for the reported duration.
 *
 * @param target number of steps completed after the round
 * @param rollbacks since the state was captured
 */
record LocalSteps(
    WorkerSetup setup,
    Broadcast<float[]> parameters,
    long target,
    ArrayList<DivergenceEvent> rollbacks)
    implements Serializable {

  /** Collects reports, and refuses settings that belong to the driver. */
  private static final class Watch implements TrainingListener {
    private final List<StepReport> steps = new ArrayList<>();
    private double seconds;

    @Override
    public void onStep(StepReport report, TrainingControl control) {
      steps.add(report);
    }

    @Override
    public void onEpoch(TrainingSession session, EpochReport report, TrainingControl control) {
      checkArgument(
          report.validation().isEmpty(),
          "the local training validates: give validation images to SparkTraining, which judges the"
              + " common parameters");
    }
  }

  WorkerRound run(WorkerRound before, @Nullable ExampleShard shard) {
    Place place = Place.of(before.worker());
    Watch watch = new Watch();
    try (WorkerSlot slot = WorkerSlot.take(setup, before.worker(), shard)) {
      RunState state = steps(slot, before, watch);
      float[] after = state.parameters();
      for (float value : after) {
        if (!Float.isFinite(value)) {
          return failed(place, watch, "its parameters are not finite", "parameters", target);
        }
      }
      return WorkerRound.done(
          place.worker(),
          state.withoutParameters().state(),
          new WorkerRound.Outcome(place, watch.steps, after, watch.seconds, null));
    } catch (NonFiniteLossException e) {
      return failed(place, watch, String.valueOf(e.getMessage()), e.term(), e.step());
    } catch (IllegalArgumentException | IllegalStateException e) {
      // The result would be the same wherever it is retried.
      return failed(place, watch, String.valueOf(e.getMessage()), null, 0);
    } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
      throw SparkTrainingException.of(place, e);
    }
  }

  private RunState steps(WorkerSlot slot, WorkerRound before, Watch watch) {
    int worker = before.worker();
    TrainingSession session =
        setup
            .local()
            .settings(slot.model())
            .seed(setup.seedOf(worker))
            .epochs(setup.epochs())
            .maxSteps(target)
            .keepLast()
            .listener(watch)
            .build()
            .begin();
    session.restoreState(
        RunState.of(before.state().orElse(slot.initial()))
            .withParameters(parameters.value())
            .state());
    rollbacks.forEach(session::rolledBack);
    long start = System.nanoTime();
    var unused = session.run(slot.data());
    watch.seconds = (System.nanoTime() - start) / 1e9;
    State state = session.captureState();
    checkArgument(
        !state.has("lastGood"),
        "the local training has a guard: give it to SparkTraining, which rolls back all workers");
    return RunState.of(state);
  }

  private static WorkerRound failed(
      Place place, Watch watch, String message, @Nullable String quantity, long step) {
    return WorkerRound.failed(
        place.worker(),
        new WorkerRound.Outcome(
            place,
            watch.steps,
            new float[0],
            watch.seconds,
            new WorkerRound.Failure(message, quantity, step)));
  }
}
