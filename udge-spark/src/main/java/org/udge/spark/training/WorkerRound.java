package org.udge.spark.training;

import com.esotericsoftware.kryo.DefaultSerializer;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.udge.state.State;
import org.udge.training.StepReport;

/**
 * A worker's data after a round: an element of the persisted data set that each round maps to the
 * next.
 */
@DefaultSerializer(JavaSerializer.class)
final class WorkerRound implements Serializable {

  private static final long serialVersionUID = 1;

  /**
   * The reason why a round failed.
   *
   * @param quantity the quantity that was not finite; absent for other reasons
   * @param step the step, from 1; 0 if none
   */
  record Failure(String message, @Nullable String quantity, long step) implements Serializable {

    Optional<String> notFinite() {
      return Optional.ofNullable(quantity);
    }
  }

  /**
   * The report to the driver.
   *
   * @param steps reports of the round's steps
   * @param parameters empty if they are sent in another way
   * @param seconds seconds of the local steps
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, never compared
  @DefaultSerializer(JavaSerializer.class)
  record Outcome(
      Place place,
      List<StepReport> steps,
      float[] parameters,
      double seconds,
      @Nullable Failure failed)
      implements Serializable {

    Optional<Failure> failure() {
      return Optional.ofNullable(failed);
    }
  }

  private final int worker;
  private final @Nullable State state;
  private final @Nullable Outcome outcome;

  private WorkerRound(int worker, @Nullable State state, @Nullable Outcome outcome) {
    this.worker = worker;
    this.state = state;
    this.outcome = outcome;
  }

  /** A worker that has not started. */
  static WorkerRound first(int worker) {
    return new WorkerRound(worker, null, null);
  }

  /** A worker that resumes from a state without parameters. */
  static WorkerRound from(int worker, State state) {
    return new WorkerRound(worker, state, null);
  }

  static WorkerRound done(int worker, State state, Outcome outcome) {
    return new WorkerRound(worker, state, outcome);
  }

  static WorkerRound failed(int worker, Outcome outcome) {
    return new WorkerRound(worker, null, outcome);
  }

  int worker() {
    return worker;
  }

  /** The state without parameters; absent before the first round. */
  Optional<State> state() {
    return Optional.ofNullable(state);
  }

  Outcome outcome() {
    if (outcome == null) {
      throw new IllegalStateException("worker " + worker + " has done no round");
    }
    return outcome;
  }

  Outcome outcomeWithoutParameters() {
    Outcome all = outcome();
    return new Outcome(all.place, all.steps, new float[0], all.seconds, all.failed);
  }
}
