package org.udge.training;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.EnergyModel;
import org.udge.Provenance;
import org.udge.data.Batch;
import org.udge.data.TrainingData;
import org.udge.engine.BatchStatistics;
import org.udge.engine.Engine;
import org.udge.engine.Mode;
import org.udge.loss.ImageGroup;
import org.udge.loss.LossFunction;
import org.udge.loss.LossInput;
import org.udge.loss.LossSetup;
import org.udge.loss.LossValue;
import org.udge.loss.Remedy;
import org.udge.loss.SampleContext;
import org.udge.loss.SamplingLoss;
import org.udge.network.ActNormalization;
import org.udge.random.RandomStreams;
import org.udge.state.State;
import org.udge.state.Stateful;

/**
 * A run of training: everything that changes while a model is trained.
 *
 * <p>Either let {@link #run} do all steps, or call {@link #step(Batch)} in a loop of your own. A
 * captured state holds parameters, optimizer, position, the terms' memories and the best epoch so
 * far; restored into a session of a trainer with the same settings, training goes on with the same
 * bits.
 *
 * <p>Not thread-safe.
 */
public final class TrainingSession implements Stateful {

  private static final Logger LOG = LoggerFactory.getLogger(TrainingSession.class);

  /** A term at work. Equal to itself alone, whatever the term says of equality. */
  private static final class ActiveTerm {
    private final Objective.Weighted settings;
    private final LossFunction function;

    ActiveTerm(Objective.Weighted settings, LossFunction function) {
      this.settings = settings;
      this.function = function;
    }

    String name() {
      return settings.term().name();
    }

    boolean reads(ImageGroup group) {
      return settings.term().groups().contains(group);
    }
  }

  private final Trainer trainer;
  private final EnergyModel model;
  private final RandomStreams streams;
  private final List<ActiveTerm> terms = new ArrayList<>();
  private final ParameterUpdate update;
  private final Optional<RunningAverages> averages;
  private final List<DivergenceEvent> events = new ArrayList<>();
  private final Map<Integer, INDArray> joinBuffers = new LinkedHashMap<>();
  private final StepTimes stepTimes = new StepTimes();

  private final Clock clock = new Clock();
  private final Epochs epochs;

  private long steps;
  private double rateFactor = 1;
  private int rollbacks;
  private Optional<State> lastGood = Optional.empty();
  private Optional<State> candidate = Optional.empty();
  private int stepsPerEpoch = Integer.MAX_VALUE;
  private boolean stopRequested;

  TrainingSession(Trainer trainer) {
    this.trainer = trainer;
    this.model = trainer.model;
    this.streams = RandomStreams.of(trainer.seed);
    this.update = trainer.optimizer.begin(model.graph());
    this.epochs = new Epochs(model, trainer.validation, trainer.validateEvery);
    LossSetup setup = LossSetup.of(model.classCount(), model.shape(), streams);
    for (Objective.Weighted weighted : trainer.objective.terms()) {
      LossSetup own = setup.withStreams(streams.child("term/" + weighted.term().name()));
      terms.add(new ActiveTerm(weighted, weighted.term().begin(own)));
    }
    this.averages =
        BatchStatistics.areUsedBy(model.graph())
            ? Optional.of(new RunningAverages(model.graph()))
            : Optional.empty();
    checkArgument(
        trainer.sharpness.isEmpty() || terms.stream().noneMatch(t -> t.function.remembersAtOnce()),
        "sharpness-aware updates evaluate terms twice: they exclude queues that each term feeds");
  }

  /**
   * The model in training.
   *
   * @return the model
   */
  public EnergyModel model() {
    return model;
  }

  /**
   * Steps done.
   *
   * @return the count
   */
  public long steps() {
    return steps;
  }

  /**
   * The epoch that the next step belongs to.
   *
   * @return from 0; always 0 in loops of your own
   */
  public long epoch() {
    return steps / stepsPerEpoch;
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
   * @param labelled images with labels; terms of log p(x) read them too
   * @return what it did
   * @throws NonFiniteLossException if a term's value is not a finite number; the parameters are
   *     those before the step
   */
  public StepReport step(Batch labelled) {
    return step(labelled, Optional.empty());
  }

  /**
   * Does one step with images of their own for terms of log p(x).
   *
   * @param labelled images with labels
   * @param unlabelled images whose labels are not used
   * @return what it did
   * @throws NonFiniteLossException if a term's value is not a finite number; the parameters are
   *     those before the step
   */
  public StepReport step(Batch labelled, Batch unlabelled) {
    return step(labelled, Optional.of(unlabelled));
  }

  private StepReport step(Batch labelled, Optional<Batch> unlabelled) {
    if (steps == 0 && !ActNormalization.isInitialized(model.graph())) {
      ActNormalization.initialize(model.graph(), labelled.images());
      parametersChanged();
    }
    StepImages images =
        new StepImages(labelled, unlabelled.orElse(labelled), drawSamples(labelled));
    if (accumulation().isComplete(steps)) {
      clearGradient();
    }
    Losses losses =
        trainer.sharpness.isPresent()
            ? addSharpnessAwareGradients(images, trainer.sharpness.get())
            : addGradients(images);
    return finishStep(images, losses);
  }

  /** The images of a step, in groups that go through the network together or one by one. */
  private final class StepImages {
    private final List<SharedPass.Group> groups = new ArrayList<>();
    private final List<Batch> batches = new ArrayList<>();

    /** For each term, which of the groups it reads. */
    private final Map<ActiveTerm, Map<ImageGroup, Integer>> places = new LinkedHashMap<>();

    StepImages(Batch labelled, Batch unlabelled, Map<ActiveTerm, Batch> samples) {
      for (ActiveTerm term : terms) {
        Map<ImageGroup, Integer> own = new EnumMap<>(ImageGroup.class);
        if (term.reads(ImageGroup.LABELED)) {
          own.put(ImageGroup.LABELED, place(labelled, Mode.TRAINING));
        }
        if (term.reads(ImageGroup.UNLABELED)) {
          own.put(ImageGroup.UNLABELED, place(unlabelled, Mode.TRAINING));
        }
        if (samples.containsKey(term)) {
          own.put(ImageGroup.SAMPLED, place(samples.get(term), Mode.TRAINING_FROZEN_STATISTICS));
        }
        places.put(term, own);
      }
    }

    /**
     * Images that a group holds already go through the network once, unless passes are separate.
     */
    private int place(Batch batch, Mode mode) {
      int known = batches.indexOf(batch);
      if (known >= 0 && !trainer.separatePasses) {
        return known;
      }
      batches.add(batch);
      groups.add(new SharedPass.Group(batch.images(), mode));
      return groups.size() - 1;
    }

    LossInput input(ActiveTerm term, SharedPass pass) {
      LossInput input = LossInput.none();
      for (Map.Entry<ImageGroup, Integer> place : places.get(term).entrySet()) {
        Batch batch = batches.get(place.getValue());
        int[] labels =
            switch (place.getKey()) {
              case LABELED -> batch.requireLabels();
              case UNLABELED -> noLabels(batch.size());
              case SAMPLED -> batch.labels();
            };
        input = input.with(place.getKey(), pass.logits(place.getValue()), labels);
      }
      return input;
    }

    private static int[] noLabels(int size) {
      int[] none = new int[size];
      Arrays.fill(none, Batch.UNLABELED);
      return none;
    }

    int count() {
      return groups.stream().mapToInt(SharedPass.Group::size).sum();
    }
  }

  /** What the terms said of a step. */
  private record Losses(
      double total, Map<String, Double> values, Map<ActiveTerm, LossInput> inputs) {}

  private void parametersChanged() {
    model.parametersChanged();
    trainer.samplingEngine.ifPresent(Engine::parametersChanged);
  }

  private Accumulation accumulation() {
    return new Accumulation(trainer.accumulation, stepsPerEpoch);
  }

  private INDArray gradient() {
    return model.graph().getGradientsViewArray();
  }

  /** Not by an operation of ND4J, which would wake its threads for nothing. */
  private void clearGradient() {
    Nd4j.getMemoryManager().memset(gradient());
  }

  private Losses addGradients(StepImages images) {
    try (SharedPass pass = forward(images.groups)) {
      Map<ActiveTerm, LossInput> inputs = new LinkedHashMap<>();
      for (ActiveTerm term : terms) {
        inputs.put(term, images.input(term, pass));
      }
      List<double[][]> gradients = new ArrayList<>();
      Losses losses = evaluate(images, inputs, gradients);
      pass.backward(gradients, () -> averages.ifPresent(RunningAverages::move));
      return losses;
    }
  }

  /**
   * Statistics of generated images must not mix with those of data: they get a pass of their own.
   */
  private SharedPass forward(List<SharedPass.Group> groups) {
    Engine engine = model.engine();
    if (trainer.separatePasses) {
      return SharedPass.separate(engine, groups, group -> streams.seedFor("dropout", steps, group));
    }
    long seed = streams.seedFor("dropout", steps);
    return averages.isPresent() || groups.size() == 1
        ? SharedPass.separate(engine, groups, group -> seed)
        : SharedPass.joined(engine, groups, joinBuffer(groups), seed);
  }

  /** The losses reported are those at the parameters themselves, and so are running statistics. */
  private Losses addSharpnessAwareGradients(StepImages images, SharpnessAware sharpness) {
    INDArray parameters = model.graph().params();
    INDArray flat = gradient().reshape(parameters.length());
    Optional<List<INDArray>> before = averages.map(RunningAverages::copy);
    Losses losses = addGradients(images);
    try {
      try (SharpnessAware.Climb climb = sharpness.climb(parameters, flat)) {
        parametersChanged();
        clearGradient();
        addGradients(images);
      } catch (NonFiniteLossException e) {
        averages.ifPresent(moved -> moved.restore(before.orElseThrow()));
        throw e;
      }
    } finally {
      parametersChanged();
    }
    return losses;
  }

  private boolean anyReads(ImageGroup group) {
    return terms.stream().anyMatch(term -> term.reads(group));
  }

  private Map<ActiveTerm, Batch> drawSamples(Batch labelled) {
    Map<ActiveTerm, Batch> samples = new LinkedHashMap<>();
    Engine engine = trainer.samplingEngine.orElse(model.engine());
    for (ActiveTerm term : terms) {
      if (term.function instanceof SamplingLoss sampling) {
        SampleContext context =
            SampleContext.of(engine, labelled.labels(), steps, samplingStreams());
        samples.put(term, sampling.draw(context));
      }
    }
    return samples;
  }

  /** After a rollback chains must go another way than the one that diverged. */
  private RandomStreams samplingStreams() {
    RandomStreams sampling = streams.child("sampling");
    return rollbacks == 0 ? sampling : sampling.child("rollback " + rollbacks);
  }

  private INDArray joinBuffer(List<SharedPass.Group> groups) {
    int size = groups.stream().mapToInt(SharedPass.Group::size).sum();
    return joinBuffers.computeIfAbsent(size, ignored -> SharedPass.joinBuffer(groups));
  }

  /** Evaluates the terms and adds up their gradients with respect to each group's logits. */
  private Losses evaluate(
      StepImages images, Map<ActiveTerm, LossInput> inputs, List<double[][]> gradients) {
    for (SharedPass.Group group : images.groups) {
      gradients.add(new double[group.size()][model.classCount()]);
    }
    Map<String, Double> values = new LinkedHashMap<>();
    double total = 0;
    for (ActiveTerm term : terms) {
      LossValue value = term.function.evaluate(inputs.get(term));
      if (!Double.isFinite(value.value())) {
        throw new NonFiniteLossException(term.name(), steps + 1, value.value());
      }
      double weight = term.settings.weight();
      total += weight * value.value();
      values.put(term.name(), value.value());
      value.metrics().forEach((name, number) -> values.put(term.name() + "/" + name, number));
      double factor = weight / accumulation().stepsOfUpdate(steps);
      images
          .places
          .get(term)
          .forEach((group, place) -> addGradient(gradients.get(place), value, group, factor));
      if (term.function.remembersAtOnce()) {
        term.function.remember(inputs.get(term));
      }
    }
    return new Losses(total, values, inputs);
  }

  private StepReport finishStep(StepImages images, Losses losses) {
    long updates = accumulation().updates(steps);
    long epochOfStep = epoch();
    double rate = rateFactor * trainer.learningRate.at(updates, epochOfStep);
    steps++;
    if (accumulation().isComplete(steps)) {
      update.apply(rate, updates, epochOfStep);
      parametersChanged();
    } else if (averages.isPresent()) {
      parametersChanged();
    }
    losses.inputs.forEach(
        (term, input) -> {
          if (!term.function.remembersAtOnce()) {
            term.function.remember(input);
          }
        });
    return new StepReport(steps, epochOfStep, rate, losses.total, losses.values, images.count());
  }

  private static void addGradient(
      double[][] sum, LossValue value, ImageGroup group, double factor) {
    value
        .gradient(group)
        .ifPresent(
            gradient -> {
              for (int i = 0; i < sum.length; i++) {
                for (int c = 0; c < sum[i].length; c++) {
                  sum[i][c] += factor * gradient[i][c];
                }
              }
            });
  }

  /**
   * Does all steps that remain. When they are done the model holds the parameters of the best
   * epoch, unless {@link Trainer.Builder#keepBest} is off; capture states to go on from in {@link
   * TrainingListener#onEpoch}, before that. A run that a listener stopped keeps those of its last
   * step.
   *
   * @param data labelled mini-batches
   * @return how it went
   * @throws NonFiniteLossException if a term's value is not a finite number
   * @throws DivergenceException if training diverged once more than the guard rolls back; the
   *     parameters are those of the last good state
   */
  public TrainingResult run(TrainingData data) {
    check(data);
    trainer.unlabelled.ifPresent(this::checkShape);
    int perEpoch =
        trainer
            .unlabelled
            .filter(ignored -> anyReads(ImageGroup.UNLABELED))
            .orElse(data)
            .batchesPerEpoch();
    checkArgument(
        stepsPerEpoch == Integer.MAX_VALUE || stepsPerEpoch == perEpoch,
        "the run so far had epochs of %s steps, these data make epochs of %s",
        stepsPerEpoch,
        perEpoch);
    stepsPerEpoch = perEpoch;
    long wanted = trainer.epochs * stepsPerEpoch;
    long limit = Math.min(wanted, trainer.steps.orElse(wanted));
    checkLimit(limit);
    stopRequested = false;
    LOG.info(
        "training {} for {} epochs of {} steps: {}",
        model,
        trainer.epochs,
        stepsPerEpoch,
        trainer.objective);
    clock.start();
    epochs.start(steps < limit);
    try {
      trainer.listeners.forEach(l -> l.onStart(this, trainer.epochs, stepsPerEpoch));
      runTo(limit, data);
    } finally {
      clock.stop();
      epochs.stop();
    }
    if (trainer.keepBest && steps >= limit) {
      epochs.best().ifPresent(epoch -> setParameters(epoch.parameters()[0]));
    }
    TrainingResult result = result(reason(wanted), events);
    trainer.listeners.forEach(l -> l.onEnd(result));
    return result;
  }

  private void checkLimit(long limit) {
    long within = limit % stepsPerEpoch % trainer.accumulation;
    checkArgument(
        accumulation().isComplete(limit),
        "a limit of %s steps is inside an update of %s steps; the nearest that are not are %s and"
            + " %s",
        limit,
        accumulation().stepsOfUpdate(limit),
        limit - within,
        limit - within + accumulation().stepsOfUpdate(limit));
  }

  private void runTo(long limit, TrainingData data) {
    if (steps > 0 && steps % stepsPerEpoch == 0 && epochs.isUnderWay()) {
      // The state was captured before its epoch was finished.
      tell(epochs.finish(steps / stepsPerEpoch - 1, steps, steps == limit));
    }
    if (trainer.guard.isPresent()) {
      if (lastGood.isEmpty()) {
        lastGood = Optional.of(captureProgress().build());
      }
      renewSnapshots();
    }
    if (steps >= limit) {
      epochs.finishEarly(epoch(), steps).ifPresent(this::tell);
    }
    while (steps < limit && !(stopRequested && accumulation().isComplete(steps))) {
      Optional<StepReport> done = nextGuardedStep(data);
      if (done.isEmpty()) {
        continue;
      }
      StepReport report = done.get();
      trainer.listeners.forEach(l -> l.onStep(report, () -> stopRequested = true));
      if (steps % stepsPerEpoch == 0) {
        tell(epochs.finish(report.epoch(), steps, steps == limit));
      } else if (steps == limit) {
        epochs.finishEarly(report.epoch(), steps).ifPresent(this::tell);
      }
      if (trainer.guard.isPresent()) {
        renewSnapshots();
      }
    }
  }

  private void tell(EpochReport report) {
    trainer.listeners.forEach(l -> l.onEpoch(this, report, () -> stopRequested = true));
  }

  /** Does a step; empty if it diverged and the run was rolled back. */
  private Optional<StepReport> nextGuardedStep(TrainingData data) {
    if (trainer.guard.isEmpty()) {
      return Optional.of(nextStep(data));
    }
    DivergenceGuard guard = trainer.guard.get();
    DivergenceGuard.Verdict verdict;
    try {
      StepReport report = nextStep(data);
      verdict = guard.inspect(report, rollbacks);
      if (verdict instanceof DivergenceGuard.Verdict.Proceed) {
        return Optional.of(report);
      }
    } catch (NonFiniteLossException failure) {
      verdict = guard.inspect(failure, rollbacks);
    }
    if (verdict instanceof DivergenceGuard.Verdict.GiveUp giveUp) {
      restoreProgress(lastGood.orElseThrow());
      candidate = Optional.empty();
      List<DivergenceEvent> all = new ArrayList<>(events);
      all.add(giveUp.event());
      throw new DivergenceException(all, result(StopReason.DIVERGED, all));
    }
    rollBack(((DivergenceGuard.Verdict.RollBack) verdict).event());
    return Optional.empty();
  }

  /**
   * A snapshot holds the events of all rollbacks before it: one is taken after each. The newest
   * holds an update that no step has judged yet, so it becomes the one to roll back to only when
   * the next is taken, after that many more good steps.
   */
  private void renewSnapshots() {
    if (steps % trainer.snapshotEvery != 0
        || !accumulation().isComplete(steps)
        || isOfNow(lastGood)
        || isOfNow(candidate)) {
      return;
    }
    if (candidate.isPresent()) {
      lastGood = candidate;
    }
    candidate = Optional.of(captureProgress().build());
  }

  private boolean isOfNow(Optional<State> snapshot) {
    return snapshot.filter(state -> state.getLong("steps") == steps).isPresent();
  }

  private void rollBack(DivergenceEvent event) {
    LOG.warn("training diverged: {}", event);
    restoreProgress(lastGood.orElseThrow());
    events.add(event);
    rollbacks++;
    for (Remedy remedy : event.remedies()) {
      if (remedy instanceof Remedy.LowerRate lower) {
        rateFactor *= lower.factor();
      }
      for (ActiveTerm term : terms) {
        if (term.function instanceof SamplingLoss sampling) {
          sampling.adjust(remedy).ifPresent(change -> LOG.warn("{}: {}", term.name(), change));
        }
      }
    }
    lastGood = Optional.of(captureProgress().build());
    candidate = Optional.empty();
    trainer.listeners.forEach(l -> l.onRollBack(event));
  }

  private StepReport nextStep(TrainingData data) {
    try (Batch labelled = batchAt(data)) {
      Optional<Batch> unlabelled = trainer.unlabelled.map(this::batchAt);
      try {
        long start = System.nanoTime();
        StepReport report = step(labelled, unlabelled);
        stepTimes.add(System.nanoTime() - start);
        epochs.add(report);
        return report;
      } finally {
        unlabelled.ifPresent(Batch::close);
      }
    }
  }

  private Batch batchAt(TrainingData data) {
    int perEpoch = data.batchesPerEpoch();
    return data.batch(steps / perEpoch, (int) (steps % perEpoch));
  }

  private void check(TrainingData data) {
    checkShape(data);
    int classes = data.classNames().size();
    checkArgument(
        classes == model.classCount(),
        "the training data have %s classes, the model has %s",
        classes,
        model.classCount());
  }

  private void checkShape(TrainingData data) {
    checkArgument(
        data.shape().equals(model.shape()),
        "the training images are %s, the model wants %s",
        data.shape(),
        model.shape());
  }

  private StopReason reason(long wantedSteps) {
    if (steps >= wantedSteps) {
      return StopReason.EPOCHS_DONE;
    }
    return trainer.steps.filter(limit -> steps >= limit).isPresent()
        ? StopReason.STEPS_DONE
        : StopReason.REQUESTED;
  }

  private TrainingResult result(StopReason reason, List<DivergenceEvent> divergence) {
    return new TrainingResult(
        reason,
        epochs.history(),
        epochs.best().map(b -> OptionalLong.of(b.epoch())).orElse(OptionalLong.empty()),
        steps,
        clock.seconds(),
        stepTimes.medianMilliseconds(),
        trainer.objective.toString(),
        trainer.seed,
        divergence,
        Provenance.capture(model.engine()));
  }

  private float[] parameters() {
    return model.graph().params().dup('c').data().asFloat();
  }

  private void setParameters(float[] values) {
    INDArray parameters = model.graph().params();
    checkArgument(
        values.length == parameters.length(),
        "the state has %s parameters, the model %s",
        values.length,
        parameters.length());
    parameters.assign(Nd4j.createFromArray(values));
    parametersChanged();
  }

  @Override
  public State captureState() {
    State.Builder state =
        captureProgress()
            .put("stepsPerEpoch", stepsPerEpoch)
            .put("seconds", clock.seconds())
            .put("epochSeconds", epochs.seconds());
    lastGood.ifPresent(snapshot -> state.put("lastGood", snapshot));
    candidate.ifPresent(snapshot -> state.put("candidate", snapshot));
    return state.build();
  }

  @Override
  public void restoreState(State state) {
    restoreProgress(state);
    stepsPerEpoch = (int) state.getLong("stepsPerEpoch");
    clock.set(state.getDouble("seconds"));
    epochs.setSeconds(state.getDouble("epochSeconds"));
    lastGood = snapshot(state, "lastGood");
    candidate = snapshot(state, "candidate");
  }

  private static Optional<State> snapshot(State state, String name) {
    return state.has(name) ? Optional.of(state.getState(name)) : Optional.empty();
  }

  /** What a rollback restores. */
  private State.Builder captureProgress() {
    checkState(
        accumulation().isComplete(steps),
        "a state can be captured after an update only, not after step %s: updates are of %s steps",
        steps,
        trainer.accumulation);
    State.Builder memories = State.builder();
    terms.forEach(term -> memories.put(term.name(), term.function.captureState()));
    return State.builder()
        .put("seed", trainer.seed)
        .put("steps", steps)
        .put("rateFactor", rateFactor)
        .put("rollbacks", rollbacks)
        .put("parameters", parameters())
        .put("optimizer", update.captureState())
        .put("terms", memories.build())
        .put("epochs", epochs.captureState())
        .put("events", DivergenceHistory.capture(events));
  }

  private void restoreProgress(State state) {
    checkArgument(
        state.getLong("seed") == trainer.seed,
        "the state is of a run with seed %s, this trainer has %s",
        state.getLong("seed"),
        trainer.seed);
    // A state of another network is refused before anything of this run has changed.
    setParameters(state.getFloats("parameters"));
    update.restoreState(state.getState("optimizer"));
    State memories = state.getState("terms");
    for (ActiveTerm term : terms) {
      term.function.restoreState(memories.getState(term.name()));
    }
    steps = state.getLong("steps");
    rateFactor = state.getDouble("rateFactor");
    rollbacks = (int) state.getLong("rollbacks");
    epochs.restoreState(state.getState("epochs"));
    events.clear();
    events.addAll(DivergenceHistory.restore(state.getState("events")));
  }
}
