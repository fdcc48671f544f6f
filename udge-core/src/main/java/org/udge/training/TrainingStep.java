package org.udge.training;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.data.Batch;
import org.udge.engine.BatchStatistics;
import org.udge.engine.Engine;
import org.udge.loss.LossInput;
import org.udge.loss.LossValue;
import org.udge.loss.SampleContext;
import org.udge.published.PublishedHabit;
import org.udge.random.RandomStreams;
import org.udge.state.State;
import org.udge.state.Stateful;

/** One step: sampling, forward pass, losses, backward pass, and the update that it may complete. */
final class TrainingStep implements Stateful {

  /**
   * The settings of steps.
   *
   * @param habits the habits of the published program
   * @param trainedLayers the names of the layers that updates change; empty: all
   */
  record Settings(
      Optimizer optimizer,
      LearningRate learningRate,
      Optional<SharpnessAware> sharpness,
      Set<PublishedHabit> habits,
      Optional<Set<String>> trainedLayers) {

    boolean separatePasses() {
      return habits.contains(PublishedHabit.SEPARATE_PASSES);
    }

    double learningRate(long update, long epoch) {
      return learningRate.at(update, epoch, habits.contains(PublishedHabit.WARM_UP_FROM_ZERO));
    }
  }

  /** The losses of a step. */
  private record Losses(
      double total, Map<String, Double> values, Map<ActiveTerm, LossInput> inputs) {}

  private final Settings settings;
  private final TrainedModel model;
  private final Terms terms;
  private final RandomStreams streams;
  private final Position position;
  private final Rollbacks rollbacks;
  private final ParameterUpdate update;
  private final Optional<RunningAverages> averages;
  private final Optional<FrozenLayers> frozen;
  private final GraphCounters counters;
  private final AveragedWeights averagedWeights;
  private final Map<Integer, INDArray> joinBuffers = new LinkedHashMap<>();

  TrainingStep(
      Settings settings,
      TrainedModel model,
      Terms terms,
      RandomStreams streams,
      Position position,
      Rollbacks rollbacks,
      GraphCounters counters,
      AveragedWeights averagedWeights) {
    this.settings = settings;
    this.model = model;
    this.terms = terms;
    this.streams = streams;
    this.position = position;
    this.rollbacks = rollbacks;
    this.counters = counters;
    this.averagedWeights = averagedWeights;
    this.update = settings.optimizer.begin(model.model().graph());
    this.averages =
        BatchStatistics.areUsedBy(model.model().graph())
            ? Optional.of(new RunningAverages(model.model().graph()))
            : Optional.empty();
    this.frozen =
        settings.trainedLayers.map(names -> FrozenLayers.allBut(names, model.model().graph()));
    checkArgument(
        settings.sharpness.isEmpty() || !terms.rememberAtOnce(),
        "sharpness-aware updates evaluate terms twice: they exclude queues that each term feeds");
  }

  StepReport run(Batch labeled, Batch unlabeled) {
    model.hide();
    if (position.steps() == 0) {
      model.initialize(labeled);
    }
    SampleContext context =
        SampleContext.of(
                model.samplingEngine(),
                labeled.labels(),
                position.steps(),
                rollbacks.renewed(streams.child("sampling")))
            .withImages(labeled, unlabeled);
    StepImages images =
        new StepImages(
            terms.all(), labeled, unlabeled, terms.ownImages(context), settings.separatePasses());
    if (position.isBetweenUpdates()) {
      model.clearGradient();
    }
    Losses losses =
        settings.sharpness.isPresent()
            ? addSharpnessAwareGradients(images, settings.sharpness.get())
            : addGradients(images);
    return finish(images, labeled.images(), losses);
  }

  @CanIgnoreReturnValue
  private Losses addGradients(StepImages images) {
    try (SharedPass pass = forward(images.groups())) {
      Map<ActiveTerm, LossInput> inputs = new LinkedHashMap<>();
      for (ActiveTerm term : terms.all()) {
        inputs.put(term, images.input(term, pass));
      }
      List<double[][]> gradients = images.zeros(model.model().classCount());
      Losses losses = evaluate(images, inputs, gradients);
      pass.backward(
          gradients,
          () -> averages.ifPresent(RunningAverages::move),
          () -> averages.ifPresent(RunningAverages::stay));
      frozen.ifPresent(FrozenLayers::clearGradients);
      return losses;
    }
  }

  /**
   * Statistics of generated images must not be mixed with those of data: generated images have a
   * pass of their own.
   */
  private SharedPass forward(List<SharedPass.Group> groups) {
    Engine engine = model.model().engine();
    long steps = position.steps();
    if (settings.separatePasses()) {
      return SharedPass.separate(engine, groups, group -> streams.seedFor("dropout", steps, group));
    }
    long seed = streams.seedFor("dropout", steps);
    return averages.isPresent() || groups.size() == 1
        ? SharedPass.separate(engine, groups, group -> seed)
        : SharedPass.joined(engine, groups, joinBuffer(groups), seed);
  }

  private INDArray joinBuffer(List<SharedPass.Group> groups) {
    int size = groups.stream().mapToInt(SharedPass.Group::size).sum();
    return joinBuffers.computeIfAbsent(size, ignored -> SharedPass.joinBuffer(groups));
  }

  /**
   * Adds gradients at the perturbed parameters. The losses reported are those at the parameters
   * themselves, and so are running statistics.
   */
  private Losses addSharpnessAwareGradients(StepImages images, SharpnessAware sharpness) {
    INDArray parameters = model.parameters();
    INDArray flat = model.gradient().reshape(parameters.length());
    Optional<List<INDArray>> before = averages.map(RunningAverages::copy);
    Losses losses = addGradients(images);
    try {
      try (SharpnessAware.Climb climb = sharpness.climb(parameters, flat)) {
        model.changed();
        model.clearGradient();
        addGradients(images);
      } catch (NonFiniteLossException e) {
        averages.ifPresent(moved -> moved.restore(before.orElseThrow()));
        throw e;
      }
    } finally {
      model.changed();
    }
    return losses;
  }

  /** Evaluates the terms and adds up their gradients with respect to each group's logits. */
  private Losses evaluate(
      StepImages images, Map<ActiveTerm, LossInput> inputs, List<double[][]> gradients) {
    Map<String, Double> values = new LinkedHashMap<>();
    double total = 0;
    for (ActiveTerm term : terms.all()) {
      LossInput input = requireNonNull(inputs.get(term));
      LossValue value = term.function().evaluate(input);
      if (!Double.isFinite(value.value())) {
        throw new NonFiniteLossException(term.name(), position.steps() + 1, value.value());
      }
      total += term.weight() * value.value();
      values.put(term.name(), value.value());
      value.metrics().forEach((name, number) -> values.put(term.name() + "/" + name, number));
      images.addGradients(gradients, term, value, term.weight() / position.stepsOfUpdate());
      if (terms.rememberAtOnce()) {
        term.function().remember(input);
      }
    }
    return new Losses(total, values, inputs);
  }

  private StepReport finish(StepImages images, INDArray labeled, Losses losses) {
    long updates = position.updates();
    long epoch = position.epoch();
    double rate = rollbacks.rateFactor() * settings.learningRate(updates, epoch);
    position.advance();
    if (position.isBetweenUpdates()) {
      Runnable move = () -> update.apply(rate, rollbacks.rateFactor(), updates, epoch);
      frozen.ifPresentOrElse(layers -> layers.during(move), move);
      model.changed();
      averagedWeights.updated(epoch, position.isBetweenEpochs());
    } else if (averages.isPresent()) {
      model.changed();
    }
    terms.remember(losses.inputs);
    if (position.isBetweenUpdates()) {
      counters.updated(updates, epoch, losses.total, labeled);
    }
    return new StepReport(
        position.steps(), epoch, rate, losses.total, losses.values, images.count());
  }

  @Override
  public State captureState() {
    return update.captureState();
  }

  @Override
  public void restoreState(State state) {
    update.restoreState(state);
  }
}
