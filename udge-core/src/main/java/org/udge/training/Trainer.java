package org.udge.training;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.udge.EnergyModel;
import org.udge.data.ImageSource;
import org.udge.data.TrainingData;
import org.udge.engine.Engine;
import org.udge.evaluation.Evaluator;
import org.udge.loss.LossSetup;
import org.udge.published.PublishedHabit;
import org.udge.random.RandomStreams;

/**
 * Trains a model according to settings, which are checked when the trainer is built.
 *
 * <pre>{@code
 * TrainingResult result =
 *     Trainer.builder(
 *             model,
 *             Objective.of(CrossEntropy.ofDefaults()).plus(ConditionalContrastive.ofDefaults()))
 *         .learningRate(LearningRate.constant(1e-3).withWarmUp(100))
 *         .epochs(10)
 *         .validation(validation)
 *         .build()
 *         .fit(batches);
 * }</pre>
 *
 * <p>The same seed, machine, engine, number of threads and data yield the same parameters, bit for
 * bit. A trainer keeps no state between runs; every run starts from the model's current parameters.
 *
 * <p>Immutable. Runs of the same model must not overlap.
 */
public final class Trainer {

  private final Builder settings;

  private Trainer(Builder settings) {
    this.settings = settings;
  }

  /**
   * Returns a builder of a trainer.
   *
   * @param model the model to train
   * @param objective the objective to minimize
   * @return a builder
   */
  public static Builder builder(EnergyModel model, Objective objective) {
    return new Builder(model, objective);
  }

  /**
   * Trains from the beginning.
   *
   * @param data labeled mini-batches
   * @return the result; the model holds the trained parameters
   * @throws NonFiniteLossException if a term's value is not a finite number
   */
  @CanIgnoreReturnValue
  public TrainingResult fit(TrainingData data) {
    return begin().run(data);
  }

  /**
   * Begins a run without doing a step, for custom loops and for resuming.
   *
   * @return the run
   */
  public TrainingSession begin() {
    return settings.begin();
  }

  /** Builds trainers. Not thread-safe. */
  public static final class Builder {
    private final EnergyModel model;
    private final Objective objective;
    private Optimizer optimizer = Optimizer.adam();
    private LearningRate learningRate = LearningRate.constant(1e-4);
    private long epochs = 1;
    private OptionalLong maxSteps = OptionalLong.empty();
    private int accumulation = 1;
    private long seed = 1;
    private Optional<Validator> validator = Optional.empty();
    private int validateEvery = 1;
    private boolean keepBest = true;
    private String bestBy = "validation/accuracy";
    private Optional<TrainingData> unlabeled = Optional.empty();
    private Optional<Engine> samplingEngine = Optional.empty();
    private Optional<DivergenceGuard> guard = Optional.empty();
    private long snapshotEvery = 200;
    private Optional<SharpnessAware> sharpness = Optional.empty();
    private Optional<WeightAveraging> averaging = Optional.empty();
    private Set<PublishedHabit> habits = Set.of();
    private Optional<Set<String>> trainedLayers = Optional.empty();
    private final List<TrainingListener> listeners;

    private Builder(EnergyModel model, Objective objective) {
      this.model = requireNonNull(model);
      this.objective = requireNonNull(objective);
      this.listeners = new ArrayList<>();
    }

    /** Creates a copy, which later settings do not affect. */
    private Builder(Builder other) {
      model = other.model;
      objective = other.objective;
      optimizer = other.optimizer;
      learningRate = other.learningRate;
      epochs = other.epochs;
      maxSteps = other.maxSteps;
      accumulation = other.accumulation;
      seed = other.seed;
      validator = other.validator;
      validateEvery = other.validateEvery;
      keepBest = other.keepBest;
      bestBy = other.bestBy;
      unlabeled = other.unlabeled;
      samplingEngine = other.samplingEngine;
      guard = other.guard;
      snapshotEvery = other.snapshotEvery;
      sharpness = other.sharpness;
      averaging = other.averaging;
      habits = other.habits;
      trainedLayers = other.trainedLayers;
      listeners = List.copyOf(other.listeners);
    }

    /**
     * Sets the optimizer.
     *
     * @param value the optimizer; default {@link Optimizer#adam()}
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder optimizer(Optimizer value) {
      optimizer = requireNonNull(value);
      return this;
    }

    /**
     * Sets the learning rate.
     *
     * @param value the schedule; default: 1e-4, constant
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder learningRate(LearningRate value) {
      learningRate = requireNonNull(value);
      return this;
    }

    /**
     * Sets the number of epochs.
     *
     * @param count the number of epochs, at least 1; default 1
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder epochs(long count) {
      checkArgument(count > 0, "epochs must be at least 1, were %s", count);
      epochs = count;
      return this;
    }

    /**
     * Sets a limit of steps, regardless of the number of epochs. A run that is resumed from there
     * gives the same bits as one without a limit.
     *
     * @param count the number of steps, at least 1; default: no limit. Where gradients accumulate,
     *     it must be a step that completes an update, otherwise {@link TrainingSession#run} refuses
     *     it
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder maxSteps(long count) {
      checkArgument(count > 0, "maxSteps must be at least 1, was %s", count);
      maxSteps = OptionalLong.of(count);
      return this;
    }

    /**
     * Sets the number of steps whose mean gradient makes one update: the effective batch consists
     * of that many batches. The last update of an epoch uses the remaining steps. Each step still
     * moves the running statistics of batch normalization once.
     *
     * @param count the number of steps per update, at least 1; default 1
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder accumulation(int count) {
      checkArgument(count > 0, "accumulation must be at least 1, was %s", count);
      accumulation = count;
      return this;
    }

    /**
     * Sets the root seed of all randomness in training.
     *
     * @param value any number; default 1
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Sets images on which the model is evaluated after epochs: by accuracy, negative
     * log-likelihood, and any further evaluators. They never influence training, but at the end the
     * model holds the parameters of the best epoch, unless {@link #keepLast} is set.
     *
     * @param images labeled images; default: none
     * @param evaluators further evaluators; their metrics have keys such as {@code
     *     validation/ece15}
     * @return this
     * @throws IllegalArgumentException if there is no image, or the number of classes differs
     */
    @CanIgnoreReturnValue
    public Builder validation(ImageSource images, Evaluator<?>... evaluators) {
      validator = Optional.of(new Validator(model, images, List.of(evaluators)));
      return this;
    }

    /**
     * Sets the interval between validations.
     *
     * @param everyEpochs the number of epochs, at least 1; default 1. The last epoch is always
     *     validated
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder validateEvery(int everyEpochs) {
      checkArgument(everyEpochs > 0, "validateEvery must be at least 1, was %s", everyEpochs);
      validateEvery = everyEpochs;
      return this;
    }

    /**
     * Sets the validation metric that determines the best epoch, whose parameters the model holds
     * at the end; of equal epochs, the first is the best.
     *
     * @param metricKey the key of the metric, for example {@code validation/nll}; default {@code
     *     validation/accuracy}
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder keepBest(String metricKey) {
      checkArgument(
          metricKey.startsWith(Validator.SPLIT + "/"),
          "the key of a validation metric begins with 'validation/', was '%s'",
          metricKey);
      bestBy = metricKey;
      keepBest = true;
      return this;
    }

    /**
     * Makes the model hold the parameters of the last step at the end, not those of the best epoch.
     *
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder keepLast() {
      keepBest = false;
      return this;
    }

    /**
     * Sets images whose labels are not used, for terms of log p(x). An epoch is then one pass over
     * these, and labeled batches are repeated as often as necessary.
     *
     * @param data mini-batches; default: such terms read the labeled images
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder unlabeled(TrainingData data) {
      unlabeled = Optional.of(data);
      return this;
    }

    /**
     * Sets the engine that runs the network while images are drawn from it, for example one of
     * lower precision.
     *
     * @param engine an engine on the same graph; default: the model's own
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder samplingEngine(Engine engine) {
      samplingEngine = Optional.of(engine);
      return this;
    }

    /**
     * Enables rollbacks: when training diverges, it returns to the last good state and continues
     * with a remedy. Use it with Langevin terms.
     *
     * @param value limits and remedies; default: none, and a value that is not finite ends training
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder guard(DivergenceGuard value) {
      guard = Optional.of(value);
      return this;
    }

    /**
     * Sets the interval between the snapshots to which a guarded run rolls back.
     *
     * @param everySteps the number of steps, at least 1; default 200
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder snapshotEvery(long everySteps) {
      checkArgument(everySteps > 0, "snapshotEvery must be at least 1, was %s", everySteps);
      snapshotEvery = everySteps;
      return this;
    }

    /**
     * Enables sharpness-aware minimization: gradients are evaluated where the loss nearby is
     * largest, at twice their cost. SADA-JEM found that it makes joint training more stable.
     *
     * @param value the radius; default: none
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder sharpnessAware(SharpnessAware value) {
      sharpness = Optional.of(value);
      return this;
    }

    /**
     * Enables averaging of the parameters over the course of training; the average is validated,
     * kept as the best epoch and held by the model at the end.
     *
     * @param value the kind of average; default: none
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder averaging(WeightAveraging value) {
      averaging = Optional.of(value);
      return this;
    }

    /**
     * Enables habits of the published program, which are needed only to reproduce its figures.
     *
     * @param ways the habits that concern training; default: none
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder published(Set<PublishedHabit> ways) {
      habits = Set.copyOf(ways);
      return this;
    }

    /**
     * Trains only some layers. The parameters of the others do not change, regardless of the
     * optimizer, weight decay and constraints; running statistics of batch normalization still
     * move, and act norm is initialized.
     *
     * @param names the names of layers of the graph; default: all. {@code "class_output"} is the
     *     last one of this library's wide residual networks
     * @return this
     * @throws IllegalArgumentException if there is no such layer with parameters
     */
    @CanIgnoreReturnValue
    public Builder trainedLayers(String... names) {
      Set<String> layers = new LinkedHashSet<>(List.of(names));
      checkArgument(!layers.isEmpty(), "name at least one layer to train");
      FrozenLayers.allBut(layers, model.graph());
      trainedLayers = Optional.of(layers);
      return this;
    }

    /**
     * Adds a listener.
     *
     * @param listener the listener, called after those added before
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder listener(TrainingListener listener) {
      listeners.add(requireNonNull(listener));
      return this;
    }

    /**
     * Builds the trainer.
     *
     * @return the trainer
     * @throws IllegalArgumentException if settings contradict each other
     */
    public Trainer build() {
      checkArgument(
          sharpness.isEmpty() || accumulation == 1,
          "sharpness-aware updates and accumulation of %s steps exclude each other",
          accumulation);
      return new Trainer(new Builder(this));
    }

    private TrainingSession begin() {
      RandomStreams streams = RandomStreams.of(seed);
      TrainedModel trained = new TrainedModel(model, samplingEngine);
      Terms terms =
          new Terms(
              objective,
              LossSetup.of(model.classCount(), model.shape(), streams).withHabits(habits));
      Position position = new Position(accumulation);
      Rollbacks rollbacks = new Rollbacks(guard, snapshotEvery);
      GraphCounters counters = new GraphCounters(model.graph());
      AveragedWeights averagedWeights = new AveragedWeights(averaging, trained, streams);
      TrainingStep step =
          new TrainingStep(
              new TrainingStep.Settings(optimizer, learningRate, sharpness, habits, trainedLayers),
              trained,
              terms,
              streams,
              position,
              rollbacks,
              counters,
              averagedWeights);
      return new TrainingSession(
          new TrainingSession.Plan(
              epochs, maxSteps, keepBest, unlabeled, listeners, objective.toString(), seed),
          trained,
          terms,
          step,
          position,
          new Epochs(validator, validateEvery, bestBy, trained::copyShown),
          rollbacks,
          counters,
          averagedWeights);
    }
  }
}
