package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.udge.engine.Logits;
import org.udge.loss.LossFunction;
import org.udge.loss.LossSetup;
import org.udge.loss.LossTerm;
import org.udge.sampling.Replay;
import org.udge.sampling.ReplayBuffer;
import org.udge.state.State;
import org.udge.state.StateFiles;

/**
 * The state of a run of training: its position, its history, and the memory of its terms.
 *
 * <pre>{@code
 * RunState state = RunState.read(Path.of("runs/mine/last.state"));
 * Trainer trainer =
 *     Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults())).seed(state.seed()).build();
 * TrainingSession session = trainer.begin();
 * session.restoreState(state.state());
 * session.run(batches);
 * }</pre>
 *
 * <p>Immutable and thread-safe; replay buffers and functions created from it belong to the caller.
 */
public final class RunState {

  private static final String PARAMETERS = "parameters";

  private final State state;
  private final List<EpochReport> history;
  private final List<DivergenceEvent> events;

  private RunState(State state) {
    this.state = state;
    checkArgument(steps() >= 0, "state entry 'steps' must not be negative, was %s", steps());
    long perEpoch = state.getLong("stepsPerEpoch");
    checkArgument(
        perEpoch > 0 && perEpoch <= Integer.MAX_VALUE,
        "state entry 'stepsPerEpoch' must be from 1 to %s, was %s",
        Integer.MAX_VALUE,
        perEpoch);
    history = Epochs.history(state.getState("epochs"));
    events = Rollbacks.events(state.getState("rollbacks"));
    checkArgument(
        history.stream().allMatch(report -> report.steps() <= steps()),
        "the state is of step %s, but contains epochs that end later",
        steps());
  }

  /**
   * Reads a state file.
   *
   * @param file written by {@link Checkpoints} or {@link #write}
   * @return the state
   * @throws IOException if the file is absent, damaged, of a newer format, or not the state of a
   *     run; the message states which
   */
  public static RunState read(Path file) throws IOException {
    State state = StateFiles.read(file);
    try {
      return of(state);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "state file " + file + " is not of a run of training: " + e.getMessage(), e);
    }
  }

  /**
   * Reads a captured state.
   *
   * @param state from {@link TrainingSession#captureState()}
   * @return the state
   * @throws IllegalArgumentException if an entry is missing or out of range
   */
  public static RunState of(State state) {
    return new RunState(state);
  }

  /**
   * Writes a state file. The file appears under its name only once it is complete.
   *
   * @param file the file to write; replaced if it exists
   * @throws IOException if the file cannot be written
   */
  public void write(Path file) throws IOException {
    StateFiles.write(state, file);
  }

  /**
   * Returns the state for {@link TrainingSession#restoreState}.
   *
   * @return the state as it was captured
   */
  public State state() {
    return state;
  }

  /**
   * Returns the root seed of all randomness.
   *
   * @return the seed that a trainer needs to resume the run
   */
  public long seed() {
    return state.getLong("seed");
  }

  /**
   * Returns the number of steps done.
   *
   * @return the number of steps, not negative
   */
  public long steps() {
    return state.getLong("steps");
  }

  /**
   * Returns the number of steps per epoch.
   *
   * @return at least 1; {@link Integer#MAX_VALUE} in custom loops, which are a single epoch
   */
  public int stepsPerEpoch() {
    return (int) state.getLong("stepsPerEpoch");
  }

  /**
   * Returns the epoch that the next step belongs to.
   *
   * @return the epoch, from 0
   */
  public long epoch() {
    return steps() / stepsPerEpoch();
  }

  /**
   * Returns the time spent in {@link TrainingSession#run}.
   *
   * @return seconds, including those before the run was resumed
   */
  public double seconds() {
    return state.getDouble("seconds");
  }

  /**
   * Returns the reports of the regularly completed epochs.
   *
   * @return the reports in order
   */
  public List<EpochReport> history() {
    return history;
  }

  /**
   * Returns the rollbacks after divergence.
   *
   * @return the events in order
   */
  public List<DivergenceEvent> events() {
    return events;
  }

  /**
   * Returns the parameters of the model in training.
   *
   * @return in the order of the graph's flat parameters; a copy
   */
  public float[] parameters() {
    return state.getFloats(PARAMETERS);
  }

  /**
   * Returns the replay buffer of the Langevin terms, with default settings for drawing.
   *
   * @return a new buffer; empty if no term of the run keeps one
   */
  public Optional<ReplayBuffer> replayBuffer() {
    return Terms.replayBuffer(terms()).map(ReplayBuffer::fromState);
  }

  /**
   * Returns the replay buffer of the Langevin terms, with the given settings for drawing.
   *
   * @param settings settings with the size of the run's buffer
   * @return a new buffer; empty if no term of the run keeps one
   * @throws IllegalArgumentException if the size differs
   */
  public Optional<ReplayBuffer> replayBuffer(Replay settings) {
    return Terms.replayBuffer(terms()).map(buffer -> ReplayBuffer.fromState(buffer, settings));
  }

  /**
   * Returns the negatives of the contrastive terms.
   *
   * @return logits, one row per image; empty if no term of the run keeps any, or none was added yet
   */
  public Optional<Logits> negatives() {
    return Terms.negatives(terms());
  }

  /**
   * Returns a contrastive term with the negatives of the run, for example to draw samples of its
   * energy.
   *
   * @param term a term with the queue settings of the run's term
   * @param setup a setup with the run's classes and image shape
   * @return an independent function: what it remembers from now on does not affect the run
   * @throws IllegalArgumentException if no term of the run keeps negatives, or the queue settings
   *     differ
   */
  public LossFunction beginContrastive(LossTerm term, LossSetup setup) {
    return Terms.begin(term, setup, terms());
  }

  private State terms() {
    return state.getState("terms");
  }

  /**
   * Returns a copy of this state with other parameters, for example the mean of those of several
   * workers.
   *
   * @param values in the order of the graph's flat parameters; copied
   * @return a new state; {@code restoreState} checks whether the parameters fit the model
   */
  public RunState withParameters(float[] values) {
    return of(state.without(PARAMETERS).toBuilder().put(PARAMETERS, values).build());
  }

  /**
   * Returns a copy of this state without its parameters, for callers that keep them separately. It
   * cannot be restored until {@link #withParameters} has supplied them.
   *
   * @return a new state
   */
  public RunState withoutParameters() {
    return of(state.without(PARAMETERS));
  }

  /**
   * Returns a state for a run on other data that takes over from this one: parameters, the
   * optimizer's memory, the memory of terms, and the changes made by remedies of divergence. Means
   * and reports of epochs, the best epoch and snapshots are dropped; sampling and augmentation
   * continue from the new position with the randomness of the new seed.
   *
   * @param newSeed the seed of the trainer that continues
   * @param newSteps the number of steps done, in terms of the other data, not negative
   * @param newStepsPerEpoch the number of steps per epoch of the other data, at least 1
   * @return a new state
   * @throws IllegalArgumentException if a number is out of range
   */
  public RunState movedTo(long newSeed, long newSteps, int newStepsPerEpoch) {
    return of(
        state
            .without("seed")
            .without("steps")
            .without("stepsPerEpoch")
            .without("epochs")
            .without("lastGood")
            .without("candidate")
            .toBuilder()
            .put("seed", newSeed)
            .put("steps", newSteps)
            .put("stepsPerEpoch", newStepsPerEpoch)
            .put("epochs", Epochs.nothingYet())
            .build());
  }

  @Override
  public String toString() {
    return "RunState[" + Map.of("steps", steps(), "epochs", history.size(), "seed", seed()) + "]";
  }
}
