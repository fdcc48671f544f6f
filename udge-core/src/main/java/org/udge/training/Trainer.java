package org.udge.training;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.udge.EnergyModel;
import org.udge.data.ImageSource;
import org.udge.data.TrainingData;
import org.udge.engine.Engine;

/**
 * How to train a model: settings, checked when they are made.
 *
 * <pre>{@code
 * TrainingResult result =
 *     Trainer.builder(
 *             model,
 *             Objective.of(CrossEntropy.ofDefaults()).plus(ConditionalContrastive.ofDefaults()))
 *         .learningRate(LearningRate.constant(1e-3).warmUp(100))
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

  final EnergyModel model;
  final Objective objective;
  final Optimizer optimizer;
  final LearningRate learningRate;
  final long epochs;
  final Optional<Long> steps;
  final int accumulation;
  final long seed;
  final Optional<ImageSource> validation;
  final int validateEvery;
  final boolean keepBest;
  final Optional<TrainingData> unlabelled;
  final Optional<Engine> samplingEngine;
  final Optional<DivergenceGuard> guard;
  final long snapshotEvery;
  final Optional<SharpnessAware> sharpness;
  final boolean separatePasses;
  final List<TrainingListener> listeners;

  private Trainer(Builder builder) {
    model = builder.model;
    objective = builder.objective;
    optimizer = builder.optimizer;
    learningRate = builder.learningRate;
    epochs = builder.epochs;
    steps = builder.steps;
    accumulation = builder.accumulation;
    seed = builder.seed;
    validation = builder.validation;
    validateEvery = builder.validateEvery;
    keepBest = builder.keepBest;
    unlabelled = builder.unlabelled;
    samplingEngine = builder.samplingEngine;
    guard = builder.guard;
    snapshotEvery = builder.snapshotEvery;
    sharpness = builder.sharpness;
    separatePasses = builder.separatePasses;
    checkArgument(
        sharpness.isEmpty() || accumulation == 1,
        "sharpness-aware updates and accumulation of %s steps exclude each other",
        accumulation);
    listeners = List.copyOf(builder.listeners);
  }

  /**
   * Starts the settings of a trainer.
   *
   * @param model what to train
   * @param objective what to minimise
   * @return a builder
   */
  public static Builder builder(EnergyModel model, Objective objective) {
    return new Builder(model, objective);
  }

  /**
   * Trains from the beginning.
   *
   * @param data labelled mini-batches
   * @return how it went; the model holds the result
   * @throws NonFiniteLossException if a term's value is not a finite number
   */
  public TrainingResult fit(TrainingData data) {
    return begin().run(data);
  }

  /**
   * Starts a run without doing a step, for loops of your own, and for resuming.
   *
   * @return the run
   */
  public TrainingSession begin() {
    return new TrainingSession(this);
  }

  /** Collects settings. Not thread-safe. */
  public static final class Builder {
    private final EnergyModel model;
    private final Objective objective;
    private Optimizer optimizer = Optimizer.adam();
    private LearningRate learningRate = LearningRate.constant(1e-4);
    private long epochs = 1;
    private Optional<Long> steps = Optional.empty();
    private int accumulation = 1;
    private long seed = 1;
    private Optional<ImageSource> validation = Optional.empty();
    private int validateEvery = 1;
    private boolean keepBest = true;
    private Optional<TrainingData> unlabelled = Optional.empty();
    private Optional<Engine> samplingEngine = Optional.empty();
    private Optional<DivergenceGuard> guard = Optional.empty();
    private long snapshotEvery = 200;
    private Optional<SharpnessAware> sharpness = Optional.empty();
    private boolean separatePasses;
    private final List<TrainingListener> listeners = new ArrayList<>();

    private Builder(EnergyModel model, Objective objective) {
      this.model = requireNonNull(model);
      this.objective = requireNonNull(objective);
    }

    /**
     * How gradients become updates.
     *
     * @param value default {@link Optimizer#adam()}
     * @return this
     */
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
    public Builder steps(long count) {
      checkArgument(count > 0, "steps must be at least 1, were %s", count);
      steps = Optional.of(count);
      return this;
    }

    /**
     * Steps whose mean gradient makes one update: an effective batch of that many batches. An
     * epoch's last update is of the steps that are left. Each step still is one move of batch
     * normalisation's running statistics.
     *
     * @param count at least 1; default 1
     * @return this
     */
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
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Images to judge the model by after epochs. They never influence training, but the parameters
     * of the best epoch are what the model holds in the end, unless {@link #keepBest} is off.
     *
     * @param images labelled images; default: none
     * @return this
     */
    public Builder validation(ImageSource images) {
      checkArgument(images.size() > 0, "validation set '%s' is empty", images.name());
      checkArgument(
          images.classCount() == model.classCount(),
          "validation set '%s' has %s classes, the model has %s",
          images.name(),
          images.classCount(),
          model.classCount());
      validation = Optional.of(images);
      return this;
    }

    /**
     * How often to validate.
     *
     * @param everyEpochs at least 1; default 1. The last epoch is always validated
     * @return this
     */
    public Builder validateEvery(int everyEpochs) {
      checkArgument(everyEpochs > 0, "validateEvery must be at least 1, was %s", everyEpochs);
      validateEvery = everyEpochs;
      return this;
    }

    /**
     * Whether the model holds the parameters of the best epoch by validation accuracy in the end.
     *
     * @param value default true; false keeps those of the last step
     * @return this
     */
    public Builder keepBest(boolean value) {
      keepBest = value;
      return this;
    }

    /**
     * Images whose labels are not used, for terms of log p(x). An epoch is then one round through
     * them, and labelled batches go round as often as that takes.
     *
     * @param data mini-batches; default: such terms read the labelled images
     * @return this
     */
    public Builder unlabeled(TrainingData data) {
      unlabelled = Optional.of(data);
      return this;
    }

    /**
     * What runs the network while images are drawn from it, for example one of lower precision.
     *
     * @param engine on the same graph; default: the model's own
     * @return this
     */
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
    public Builder sharpnessAware(SharpnessAware value) {
      sharpness = Optional.of(value);
      return this;
    }

    /**
     * Whether every term runs the network by itself, as in the published program: with dropout
     * masks of its own, and with running statistics of batch normalisation that move once for each
     * term.
     *
     * @param value default false: images that several terms read go through the network once
     * @return this
     */
    public Builder separatePasses(boolean value) {
      separatePasses = value;
      return this;
    }

    /**
     * Adds a listener.
     *
     * @param listener called after those added before
     * @return this
     */
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
      return new Trainer(this);
    }
  }
}
