package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.EnergyModel;
import org.udge.Provenance;
import org.udge.data.Batch;
import org.udge.data.TrainingData;
import org.udge.loss.ImageGroup;
import org.udge.state.State;
import org.udge.state.Stateful;

/**
 * A run of training: everything that changes while a model is trained.
 *
 * <p>Either let {@link #run} do all steps, or call {@link #step(Batch)} in a loop of your own. A
 * captured state holds parameters, optimizer, position, the terms' memories, the snapshots of a
 * guard and the best epoch so far; restored into a session of a trainer with the same settings,
 * training goes on with the same bits. {@link RunState} reads it.
 *
 * <p>The model's graph keeps count: its iterations are updates, and its Deeplearning4j listeners
 * hear {@code iterationDone} after each update, and in {@link #run} {@code onEpochStart} and {@code
 * onEpochEnd}. They do not hear {@code onForwardPass}, {@code onGradientCalculation} and {@code
 * onBackwardPass}: passes are the engine's, not the graph's.
 *
 * <p>Not thread-safe.
 */
public final class TrainingSession implements Stateful {

  private static final Logger LOG = LoggerFactory.getLogger(TrainingSession.class);

  /**
   * What a run is to do.
   *
   * @param keepBest whether the model holds the parameters of the best epoch in the end
   */
  record Plan(
      long epochs,
      OptionalLong maxSteps,
      boolean keepBest,
      Optional<TrainingData> unlabeled,
      List<TrainingListener> listeners,
      String objective,
      long seed) {}

  private final Plan plan;
  private final TrainedModel trained;
  private final Terms terms;
  private final TrainingStep step;
  private final Position position;
  private final Epochs epochs;
  private final Rollbacks rollbacks;
  private final GraphCounters counters;
  private final AveragedWeights averagedWeights;
  private final StepTimes stepTimes = new StepTimes();
  private final Clock clock = new Clock();

  private boolean stopRequested;

  TrainingSession(
      Plan plan,
      TrainedModel trained,
      Terms terms,
      TrainingStep step,
      Position position,
      Epochs epochs,
      Rollbacks rollbacks,
      GraphCounters counters,
      AveragedWeights averagedWeights) {
    this.plan = plan;
    this.trained = trained;
    this.terms = terms;
    this.step = step;
    this.position = position;
    this.epochs = epochs;
    this.rollbacks = rollbacks;
    this.counters = counters;
    this.averagedWeights = averagedWeights;
  }

  /**
   * The model in training.
   *
   * @return the model
   */
  public EnergyModel model() {
    return trained.model();
  }

  /**
   * Steps done.
   *
   * @return the count
   */
  public long steps() {
    return position.steps();
  }

  /**
   * The epoch that the next step belongs to.
   *
   * @return from 0; always 0 in loops of your own
   */
  public long epoch() {
    return position.epoch();
  }

  /**
   * Reports of the epochs done; where a run has ended in the middle of an epoch, one of that part
   * too.
   *
   * @return a copy, in order
   */
  public List<EpochReport> history() {
    return epochs.history();
  }

  /**
   * Does one step: forward, losses, backward, and an update if gradients of enough steps have come
   * together.
   *
   * @param labeled images with labels; terms of log p(x) read them too
   * @return what it did
   * @throws NonFiniteLossException if a term's value is not a finite number; the parameters are
   *     those before the step
   */
  @CanIgnoreReturnValue
  public StepReport step(Batch labeled) {
    return step(labeled, labeled);
  }

  /**
   * Does one step with images of their own for terms of log p(x).
   *
   * @param labeled images with labels
   * @param unlabeled images whose labels are not used
   * @return what it did
   * @throws NonFiniteLossException if a term's value is not a finite number; the parameters are
   *     those before the step
   */
  @CanIgnoreReturnValue
  public StepReport step(Batch labeled, Batch unlabeled) {
    return step.run(labeled, unlabeled);
  }

  /**
   * Does all steps that remain. When they are done the model holds the parameters of the best
   * epoch, unless {@link Trainer.Builder#keepLast} says otherwise; capture states to go on from in
   * {@link TrainingListener#onEpoch}, before that, as {@link Checkpoints} does. A run that a
   * listener stopped keeps those of its last step.
   *
   * @param data labeled mini-batches
   * @return how it went
   * @throws NonFiniteLossException if a term's value is not a finite number
   * @throws DivergenceException if training diverged once more than the guard rolls back; the
   *     parameters are those of the last good state
   * @throws IllegalArgumentException if data do not suit the model or the epochs so far, or the
   *     limit of steps is inside an update
   */
  public TrainingResult run(TrainingData data) {
    check(data);
    plan.unlabeled.ifPresent(this::checkShape);
    position.setStepsPerEpoch(
        plan.unlabeled
            .filter(ignored -> terms.anyReads(ImageGroup.UNLABELED))
            .orElse(data)
            .batchesPerEpoch());
    long wanted = plan.epochs * position.stepsPerEpoch();
    long limit = Math.min(wanted, plan.maxSteps.orElse(wanted));
    position.checkLimit(limit);
    LOG.info(
        "training {} for {} epochs of {} steps: {}",
        model(),
        plan.epochs,
        position.stepsPerEpoch(),
        plan.objective);
    stopRequested = false;
    trained.hide();
    clock.start();
    epochs.start(steps() < limit);
    try {
      tell(listener -> listener.onStart(this, plan.epochs, position.stepsPerEpoch()));
      runTo(limit, data);
    } finally {
      clock.stop();
      epochs.stop();
    }
    if (steps() >= limit) {
      epochs
          .best()
          .filter(ignored -> plan.keepBest)
          .ifPresentOrElse(
              best -> trained.setParameters(best.parameters()[0]), () -> showAverage(data));
    }
    TrainingResult result = result(reason(wanted), rollbacks.events());
    tell(listener -> listener.onEnd(result));
    return result;
  }

  private void tell(Consumer<TrainingListener> what) {
    plan.listeners.forEach(what);
  }

  private void runTo(long limit, TrainingData data) {
    if (steps() > 0 && position.isBetweenEpochs() && epochs.isUnderWay()) {
      // The state was captured before its epoch was finished.
      finishEpoch(limit, data);
    }
    takeSnapshots();
    if (steps() < limit) {
      counters.epochStarts();
    } else {
      finishEarly(epoch(), data);
    }
    while (steps() < limit && !(stopRequested && position.isBetweenUpdates())) {
      Optional<StepReport> done = nextGuardedStep(data);
      if (done.isEmpty()) {
        continue;
      }
      StepReport report = done.get();
      tell(listener -> listener.onStep(report, this::requestStop));
      if (position.isBetweenEpochs()) {
        finishEpoch(limit, data);
      } else if (steps() == limit) {
        finishEarly(report.epoch(), data);
      }
      takeSnapshots();
    }
  }

  private void requestStop() {
    stopRequested = true;
  }

  private void finishEpoch(long limit, TrainingData data) {
    boolean last = steps() == limit;
    long epoch = epoch() - 1;
    averagedWeights.show(data, epoch);
    counters.epochEnds(position.updates(), epoch);
    tellEpoch(epochs.finish(epoch, steps(), last));
    trained.hide();
    if (!last) {
      counters.epochStarts();
    }
  }

  private void finishEarly(long epoch, TrainingData data) {
    averagedWeights.show(data, epoch);
    epochs.finishEarly(epoch, steps()).ifPresent(this::tellEpoch);
    trained.hide();
  }

  private void tellEpoch(EpochReport report) {
    tell(listener -> listener.onEpoch(this, report, this::requestStop));
  }

  private void takeSnapshots() {
    if (position.isBetweenUpdates()) {
      rollbacks.takeSnapshots(steps(), () -> captureProgress().build());
    }
  }

  /** Does a step; empty if it diverged and the run was rolled back. */
  private Optional<StepReport> nextGuardedStep(TrainingData data) {
    DivergenceGuard.Verdict verdict;
    try {
      StepReport report = nextStep(data);
      verdict = rollbacks.judge(report);
      if (verdict instanceof DivergenceGuard.Verdict.Proceed) {
        return Optional.of(report);
      }
    } catch (NonFiniteLossException failure) {
      verdict = rollbacks.judge(failure);
    }
    restoreProgress(rollbacks.lastGood());
    if (verdict instanceof DivergenceGuard.Verdict.GiveUp giveUp) {
      rollbacks.gaveUp();
      List<DivergenceEvent> all = new ArrayList<>(rollbacks.events());
      all.add(giveUp.event());
      throw new DivergenceException(all, result(StopReason.DIVERGED, all));
    }
    DivergenceEvent event = ((DivergenceGuard.Verdict.RollBack) verdict).event();
    rolledBack(event);
    tell(listener -> listener.onRollBack(event));
    return Optional.empty();
  }

  private StepReport nextStep(TrainingData data) {
    try (Batch labeled = batchAt(data)) {
      Optional<Batch> unlabeled = plan.unlabeled.map(this::batchAt);
      try {
        long start = System.nanoTime();
        StepReport report = step(labeled, unlabeled.orElse(labeled));
        stepTimes.add(System.nanoTime() - start);
        epochs.add(report);
        return report;
      } finally {
        unlabeled.ifPresent(Batch::close);
      }
    }
  }

  private Batch batchAt(TrainingData data) {
    int perEpoch = data.batchesPerEpoch();
    return data.batch(steps() / perEpoch, (int) (steps() % perEpoch));
  }

  private void check(TrainingData data) {
    checkShape(data);
    int classes = data.classNames().size();
    checkArgument(
        classes == model().classCount(),
        "the training data have %s classes, the model has %s",
        classes,
        model().classCount());
  }

  private void checkShape(TrainingData data) {
    checkArgument(
        data.shape().equals(model().shape()),
        "the training images are %s, the model wants %s",
        data.shape(),
        model().shape());
  }

  private StopReason reason(long wantedSteps) {
    if (steps() >= wantedSteps) {
      return StopReason.EPOCHS_DONE;
    }
    return plan.maxSteps.isPresent() && steps() >= plan.maxSteps.getAsLong()
        ? StopReason.STEPS_DONE
        : StopReason.REQUESTED;
  }

  private TrainingResult result(StopReason reason, List<DivergenceEvent> divergence) {
    return new TrainingResult(
        reason,
        epochs.history(),
        epochs.best().map(best -> OptionalLong.of(best.epoch())).orElse(OptionalLong.empty()),
        steps(),
        clock.seconds(),
        stepTimes.medianMilliseconds(),
        plan.objective,
        plan.seed,
        divergence,
        Provenance.capture(model().engine()));
  }

  /**
   * Takes part in a rollback that was decided elsewhere, as by whoever watches several workers:
   * terms are adjusted by the event's remedies, the learning rate is lowered, sampling goes on with
   * fresh randomness, and states tell of the event from now on. Restore the state to go back to
   * first. Listeners are not told.
   *
   * @param event what happened, with the remedies to apply
   */
  public void rolledBack(DivergenceEvent event) {
    event.remedies().forEach(terms::adjust);
    rollbacks.rolledBack(event, () -> captureProgress().build());
  }

  /**
   * Lets the model hold the averaged weights, in a loop of your own; {@link #run} does so by
   * itself. The next step goes on with the parameters in training, and states captured until then
   * are of those. Without {@link Trainer.Builder#averaging}, or as long as there is no average,
   * nothing happens.
   *
   * @param data training images, from whose first batches of this epoch running statistics of batch
   *     normalization are computed
   */
  public void showAverage(TrainingData data) {
    checkShape(data);
    averagedWeights.show(data, Math.max(0, steps() - 1) / position.stepsPerEpoch());
  }

  /** The best epoch so far by a metric, if it is the one that this run compares. */
  Optional<BestEpoch> best(String key) {
    return epochs.best().filter(best -> best.metric().key().equals(key));
  }

  /** Does something while the model holds other parameters than those in training. */
  void with(BestEpoch best, Runnable work) {
    trained.show(best.parameters()[0]);
    try {
      work.run();
    } finally {
      trained.hide();
    }
  }

  /** Whether a state can be captured. */
  boolean isBetweenUpdates() {
    return position.isBetweenUpdates();
  }

  @Override
  public State captureState() {
    State.Builder state =
        captureProgress().put("seconds", clock.seconds()).put("epochSeconds", epochs.seconds());
    rollbacks.captureSnapshots(state);
    return state.build();
  }

  @Override
  public void restoreState(State state) {
    // What is checked here is refused before anything of this run has changed.
    checkArgument(
        state.getDouble("seconds") >= 0 && state.getDouble("epochSeconds") >= 0,
        "state entries 'seconds' and 'epochSeconds' must not be negative, were %s and %s",
        state.getDouble("seconds"),
        state.getDouble("epochSeconds"));
    restoreProgress(state);
    rollbacks.restoreSnapshots(state);
    clock.set(state.getDouble("seconds"));
    epochs.setSeconds(state.getDouble("epochSeconds"));
  }

  /** What a rollback restores: everything but time and snapshots. */
  private State.Builder captureProgress() {
    checkState(
        position.isBetweenUpdates(),
        "a state can be captured after an update only, not after step %s: updates are of %s steps",
        steps(),
        position.stepsOfUpdate());
    State.Builder state = State.builder().put("seed", plan.seed);
    position.capture(state);
    return state
        .put("parameters", trained.copyParameters())
        .put("optimizer", step.captureState())
        .put("averagedWeights", averagedWeights.captureState())
        .put("terms", terms.captureState())
        .put("epochs", epochs.captureState())
        .put("rollbacks", rollbacks.captureState())
        .put("graph", counters.captureState());
  }

  private void restoreProgress(State state) {
    RunState checked = RunState.of(state);
    checkArgument(
        checked.seed() == plan.seed,
        "the state is of a run with seed %s, this trainer has %s",
        checked.seed(),
        plan.seed);
    averagedWeights.restoreState(
        state.has("averagedWeights") ? state.getState("averagedWeights") : State.empty());
    trained.setParameters(checked.parameters());
    step.restoreState(state.getState("optimizer"));
    terms.restoreState(state.getState("terms"));
    position.restore(checked);
    epochs.restoreState(state.getState("epochs"));
    rollbacks.restoreState(state.getState("rollbacks"));
    counters.restoreState(state.getState("graph"));
    counters.set(position.updates(), position.epoch());
  }
}
