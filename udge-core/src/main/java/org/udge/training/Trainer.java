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
 * How to train a model: settings, checked when they are made.
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
 * <p>Same seed, machine, engine, threads and data: same parameters, bit for bit. A trainer keeps
 * nothing from run to run; every run starts from the model's parameters as they are.
 *
 * <p>Immutable. Runs of one model must not overlap.
 */
public final class Trainer {

  private final Builder settings;

  private Trainer(Builder settings) {
    this.settings = settings;
  }

  /**
   * Starts the settings of a trainer.
   *
   * @param model what to train
   * @param objective what to minimize
   * @return a builder
   */
  public static Builder builder(EnergyModel model, Objective objective) {
    return new Builder(model, objective);
  }

  /**
   * Trains from the beginning.
   *
   * @param data labeled mini-batches
   * @return how it went; the model holds the result
   * @throws NonFiniteLossException if a term's value is not a finite number
   */
  @CanIgnoreReturnValue
  public TrainingResult fit(TrainingData data) {
    return begin().run(data);
  }

  /**
   * Starts a run without doing a step, for loops of your own, and for resuming.
   *
   * @return the run
   */
  public TrainingSession begin() {
    return settings.begin();
  }

  /** Collects settings. Not thread-safe. */
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

    /** A copy, which later settings do not change. */
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
     * How gradients become updates.
     *
     * @param value default {@link Optimizer#adam()}
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder optimizer(Optimizer value) {
      optimizer = requireNonNull(value);
      return this;
    }

    /**
     * The learning rate.
     *
     * @param value default: 1e-4, constant
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder learningRate(LearningRate value) {
      learningRate = requireNonNull(value);
      return this;
    }

    /**
     * How many epochs.
     *
     * @param count at least 1; default 1
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder epochs(long count) {
      checkArgument(count > 0, "epochs must be at least 1, were %s", count);
      epochs = count;
      return this;
    }

    /**
     * A limit of steps, whatever the number of epochs. A run that goes on from there has the same
     * bits as one that was not limited.
     *
     * @param count at least 1; default: none; where gradients accumulate, a step that completes an
     *     update, or {@link TrainingSession#run} refuses it
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder maxSteps(long count) {
      checkArgument(count > 0, "maxSteps must be at least 1, was %s", count);
      maxSteps = OptionalLong.of(count);
      return this;
    }

    /**
     * Steps whose mean gradient makes one update: an effective batch of that many batches. An
     * epoch's last update is of the steps that are left. Each step still is one move of batch
     * normalization's running statistics.
     *
     * @param count at least 1; default 1
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder accumulation(int count) {
      checkArgument(count > 0, "accumulation must be at least 1, was %s", count);
      accumulation = count;
      return this;
    }

    /**
     * The root seed of everything random in training.
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
     * Images to judge the model by after epochs: by accuracy and negative log-likelihood, and by
     * evaluators of your choice. They never influence training, but the parameters of the best
     * epoch are what the model holds in the end, unless {@link #keepLast} says otherwise.
     *
     * @param images labeled images; default: none
     * @param evaluators what else to compute; their metrics have keys such as {@code
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
     * How often to validate.
     *
     * @param everyEpochs at least 1; default 1. The last epoch is always validated
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder validateEvery(int everyEpochs) {
      checkArgument(everyEpochs > 0, "validateEvery must be at least 1, was %s", everyEpochs);
      validateEvery = everyEpochs;
      return this;
    }

    /**
     * By which metric of the validation images an epoch is the best. The model holds the parameters
     * of the best epoch in the end; of equal ones, those of the first.
     *
     * @param metricKey for example {@code validation/nll}; default {@code validation/accuracy}
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
     * Lets the model hold the parameters of the last step in the end, not those of the best epoch.
     *
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder keepLast() {
      keepBest = false;
      return this;
    }

    /**
     * Images whose labels are not used, for terms of log p(x). An epoch is then one round through
     * them, and labeled batches go round as often as that takes.
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
     * What runs the network while images are drawn from it, for example one of lower precision.
     *
     * @param engine on the same graph; default: the model's own
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder samplingEngine(Engine engine) {
      samplingEngine = Optional.of(engine);
      return this;
    }

    /**
     * Rolls back when training diverges, and goes on with a remedy. Use it with Langevin terms.
     *
     * @param value limits and remedies; default: none, a value that is not finite ends training
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder guard(DivergenceGuard value) {
      guard = Optional.of(value);
      return this;
    }

    /**
     * How often a guarded run takes the snapshot that it would roll back to.
     *
     * @param everySteps at least 1; default 200
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder snapshotEvery(long everySteps) {
      checkArgument(everySteps > 0, "snapshotEvery must be at least 1, was %s", everySteps);
      snapshotEvery = everySteps;
      return this;
    }

    /**
     * Takes gradients where the loss nearby is largest, at twice their cost. SADA-JEM found joint
     * training to be more stable with it.
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
     * Averages the parameters that training goes through; what is validated, kept as the best epoch
     * and held in the end is the average.
     *
     * @param value which average; default: none
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder averaging(WeightAveraging value) {
      averaging = Optional.of(value);
      return this;
    }

    /**
     * Repeats habits of the published program, which nobody needs but for its figures.
     *
     * @param ways those of training; default: none
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder published(Set<PublishedHabit> ways) {
      habits = Set.copyOf(ways);
      return this;
    }

    /**
     * Trains some layers only. The others' parameters stay as they are, whatever the optimizer,
     * weight decay and constraints would make of them; running statistics of batch normalization
     * still move, and act norm is initialized.
     *
     * @param names of the graph's layers; default: all. {@code "class_output"} is the last one of
     *     this library's wide residual networks
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
     * @param listener called after those added before
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder listener(TrainingListener listener) {
      listeners.add(requireNonNull(listener));
      return this;
    }

    /**
     * Finishes the settings.
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
