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
 * <p>Either let {@link #run} do all steps, or call {@link #step(Batch)} in a custom loop. A
 * captured state contains parameters, optimizer, position, the memory of terms, the snapshots of a
 * guard and the best epoch so far. If it is restored into a session of a trainer with the same
 * settings, training continues with the same bits. {@link RunState} reads it.
 *
 * <p>The model's graph maintains its counts: iterations are updates, and its Deeplearning4j
 * listeners receive {@code iterationDone} after each update and, in {@link #run}, {@code
 * onEpochStart} and {@code onEpochEnd}. They do not receive {@code onForwardPass}, {@code
 * onGradientCalculation} and {@code onBackwardPass}: passes are run by the engine, not by the
 * graph.
 *
 * <p>Not thread-safe.
 */
public final class TrainingSession implements Stateful {

  private static final Logger LOG = LoggerFactory.getLogger(TrainingSession.class);

  /**
   * The extent of a run.
   *
   * @param keepBest whether the model holds the parameters of the best epoch at the end
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
   * Returns the model in training.
   *
   * @return the model
   */
  public EnergyModel model() {
    return trained.model();
  }

  /**
   * Returns the number of steps done.
   *
   * @return the number of steps
   */
  public long steps() {
    return position.steps();
  }

  /**
   * Returns the epoch that the next step belongs to.
   *
   * @return the epoch, from 0; always 0 in custom loops
   */
  public long epoch() {
    return position.epoch();
  }

  /**
   * Returns the reports of the completed epochs; if a run has ended in the middle of an epoch,
   * including one of that partial epoch.
   *
   * @return a copy, in order
   */
  public List<EpochReport> history() {
    return epochs.history();
  }

  /**
   * Performs one step: forward pass, losses, backward pass, and an update if the gradients of
   * enough steps have been accumulated.
   *
   * @param labeled labeled images; terms of log p(x) read them too
   * @return the report of the step
   * @throws NonFiniteLossException if a term's value is not a finite number; the parameters are
   *     those before the step
   */
  @CanIgnoreReturnValue
  public StepReport step(Batch labeled) {
    return step(labeled, labeled);
  }

  /**
   * Performs one step with separate images for terms of log p(x).
   *
   * @param labeled labeled images
   * @param unlabeled images whose labels are not used
   * @return the report of the step
   * @throws NonFiniteLossException if a term's value is not a finite number; the parameters are
   *     those before the step
   */
  @CanIgnoreReturnValue
  public StepReport step(Batch labeled, Batch unlabeled) {
    return step.run(labeled, unlabeled);
  }

  /**
   * Performs all remaining steps. Afterwards the model holds the parameters of the best epoch,
   * unless {@link Trainer.Builder#keepLast} is set; to capture states for resuming, do so before
   * that, in {@link TrainingListener#onEpoch}, as {@link Checkpoints} does. After a run that a
   * listener stopped, the model holds the parameters of the last step.
   *
   * @param data labeled mini-batches
   * @return the result
   * @throws NonFiniteLossException if a term's value is not a finite number
   * @throws DivergenceException if training diverged once more than the guard may roll back; the
   *     parameters are those of the last good state
   * @throws IllegalArgumentException if the data do not fit the model or the epochs so far, or the
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

  /** Performs a step; returns empty if it diverged and the run was rolled back. */
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
        "the training images are %s, the model expects %s",
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
   * Participates in a rollback that was decided elsewhere, for example by the coordinator of
   * several workers: applies the event's remedies to the terms, lowers the learning rate, continues
   * sampling with fresh randomness, and includes the event in states from now on. Restore the state
   * to return to before calling this. Listeners are not notified.
   *
   * @param event the divergence, with the remedies to apply
   */
  public void rolledBack(DivergenceEvent event) {
    event.remedies().forEach(terms::adjust);
    rollbacks.rolledBack(event, () -> captureProgress().build());
  }

  /**
   * Makes the model hold the averaged weights, in a custom loop; {@link #run} does so
   * automatically. The next step continues with the parameters in training, and states captured
   * until then contain these. Without {@link Trainer.Builder#averaging}, or as long as there is no
   * average, this has no effect.
   *
   * @param data training images, from whose first batches of this epoch the running statistics of
   *     batch normalization are computed
   */
  public void showAverage(TrainingData data) {
    checkShape(data);
    averagedWeights.show(data, Math.max(0, steps() - 1) / position.stepsPerEpoch());
  }

  /** Returns the best epoch so far by a metric, if that is the one that this run compares. */
  Optional<BestEpoch> best(String key) {
    return epochs.best().filter(best -> best.metric().key().equals(key));
  }

  /** Runs an action while the model holds other parameters than those in training. */
  void with(BestEpoch best, Runnable work) {
    trained.show(best.parameters()[0]);
    try {
      work.run();
    } finally {
      trained.hide();
    }
  }

  /** Returns whether a state can be captured. */
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
    // Whatever is checked here is refused before anything of this run has changed.
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

  /** Captures what a rollback restores: everything but time and snapshots. */
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
