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
 * What there is to know of a run of training from its state: how far it was, how it had gone, and
 * what its terms remembered.
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
 * <p>Immutable and thread-safe; replay buffers and functions made from it belong to the caller.
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
        "the state is of step %s, but tells of epochs that end later",
        steps());
  }

  /**
   * Reads a state file.
   *
   * @param file written by {@link Checkpoints} or {@link #write}
   * @return the state
   * @throws IOException if the file is absent, damaged, of a newer format, or the state of
   *     something else; the message says which
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
   * @return what it tells
   * @throws IllegalArgumentException if an entry is missing or out of range
   */
  public static RunState of(State state) {
    return new RunState(state);
  }

  /**
   * Writes a state file. It appears under its name only when complete.
   *
   * @param file where to; replaced if it exists
   * @throws IOException if it cannot be written
   */
  public void write(Path file) throws IOException {
    StateFiles.write(state, file);
  }

  /**
   * What {@link TrainingSession#restoreState} takes.
   *
   * @return the state as it was captured
   */
  public State state() {
    return state;
  }

  /**
   * The root of everything random.
   *
   * @return the seed that a trainer needs to go on
   */
  public long seed() {
    return state.getLong("seed");
  }

  /**
   * Steps done.
   *
   * @return not negative
   */
  public long steps() {
    return state.getLong("steps");
  }

  /**
   * Steps of an epoch.
   *
   * @return at least 1; {@link Integer#MAX_VALUE} in loops of one's own, which are all one epoch
   */
  public int stepsPerEpoch() {
    return (int) state.getLong("stepsPerEpoch");
  }

  /**
   * The epoch that the next step belongs to.
   *
   * @return from 0
   */
  public long epoch() {
    return steps() / stepsPerEpoch();
  }

  /**
   * Time spent in {@link TrainingSession#run}.
   *
   * @return seconds, those before the run was gone on with included
   */
  public double seconds() {
    return state.getDouble("seconds");
  }

  /**
   * Reports of the epochs done in turn.
   *
   * @return in order
   */
  public List<EpochReport> history() {
    return history;
  }

  /**
   * Rollbacks after divergence.
   *
   * @return in order
   */
  public List<DivergenceEvent> events() {
    return events;
  }

  /**
   * The parameters of the model in training.
   *
   * @return in the order of the graph's flat parameters; a copy
   */
  public float[] parameters() {
    return state.getFloats(PARAMETERS);
  }

  /**
   * The images that Langevin terms had gathered, with the default habits for drawing.
   *
   * @return a new buffer; empty if no term of the run keeps one
   */
  public Optional<ReplayBuffer> replayBuffer() {
    return Terms.replayBuffer(terms()).map(ReplayBuffer::fromState);
  }

  /**
   * The images that Langevin terms had gathered, with other habits for drawing.
   *
   * @param settings of the size that the run's buffer has
   * @return a new buffer; empty if no term of the run keeps one
   * @throws IllegalArgumentException if the size is another
   */
  public Optional<ReplayBuffer> replayBuffer(Replay settings) {
    return Terms.replayBuffer(terms()).map(buffer -> ReplayBuffer.fromState(buffer, settings));
  }

  /**
   * The negatives that contrastive terms had gathered.
   *
   * @return logits, a row for each image; empty if no term of the run keeps any, or none came yet
   */
  public Optional<Logits> negatives() {
    return Terms.negatives(terms());
  }

  /**
   * A contrastive term with the negatives of the run, for example to draw samples of its energy.
   *
   * @param term with the queue settings of the run's
   * @param setup of the run's classes and image shape
   * @return a function of its own: what it takes in from now on is not the run's
   * @throws IllegalArgumentException if no term of the run keeps negatives, or the queue is another
   */
  public LossFunction beginContrastive(LossTerm term, LossSetup setup) {
    return Terms.begin(term, setup, terms());
  }

  private State terms() {
    return state.getState("terms");
  }

  /**
   * This run with other parameters, for example the mean of those of several workers.
   *
   * @param values in the order of the graph's flat parameters; copied
   * @return a new state; whether it fits the model is checked where it is restored
   */
  public RunState withParameters(float[] values) {
    return of(state.without(PARAMETERS).toBuilder().put(PARAMETERS, values).build());
  }

  /**
   * This run without its parameters, for whoever keeps them apart. It cannot be restored until
   * {@link #withParameters} has given it some.
   *
   * @return a new state
   */
  public RunState withoutParameters() {
    return of(state.without(PARAMETERS));
  }

  /**
   * What a run on other data can take over from this one: parameters, the optimizer's memory, what
   * terms remember, and what remedies of divergence have changed. Means and reports of epochs, the
   * best epoch and snapshots stay behind; sampling and augmentation go on from the new position
   * with the randomness of the new seed.
   *
   * @param newSeed of the trainer that goes on
   * @param newSteps done in terms of the other data, not negative
   * @param newStepsPerEpoch of the other data, at least 1
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
