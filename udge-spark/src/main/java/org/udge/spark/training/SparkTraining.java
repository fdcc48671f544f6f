package org.udge.spark.training;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.udge.EnergyModel;
import org.udge.data.ImageSource;
import org.udge.engine.EngineSettings;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.Evaluation;
import org.udge.evaluation.EvaluationReport;
import org.udge.evaluation.Evaluator;
import org.udge.spark.data.ImageSourceFactory;
import org.udge.training.DivergenceGuard;

/**
 * Settings for training a model on many machines, validated when they are built.
 *
 * <pre>{@code
 * class Training {
 *   SparkTrainingResult train(JavaSparkContext spark, EnergyModel model) {
 *     return SparkTraining.builder(
 *             spark,
 *             model,
 *             worker ->
 *                 Trainer.builder(worker, Objective.of(CrossEntropy.ofDefaults()))
 *                     .learningRate(LearningRate.constant(1e-3)))
 *         .images(() -> ShapesDataset.standard().train(1_000), BatchMaker.ofSize(50))
 *         .workers(4)
 *         .localSteps(20)
 *         .outerOptimizer(OuterOptimizer.nesterov())
 *         .checkpoints("hdfs:///runs/mine", 10)
 *         .build()
 *         .fit();
 *   }
 * }
 * }</pre>
 *
 * <p><b>Rounds.</b> Every worker starts from the common parameters and its own state (optimizer,
 * queue of negatives, replay buffer, position in its shard) and takes H local steps; the next
 * common parameters follow from the workers' mean and the {@link OuterOptimizer}. A round is one
 * Spark stage. It ends at the end of its epoch at the latest, so epochs end with common parameters.
 * In an epoch, each worker goes through its own shard once: every image is seen once, by one
 * worker. All terms of an objective work; each worker has its own negatives and samples.
 *
 * <p><b>Same bits.</b> A round is a function of its inputs, and sums are in the order of the
 * workers: what a lost executor held is recomputed from Spark's lineage to the same bits, and a run
 * that is resumed from a checkpoint ends with the same bits, if machines, engine and threads are
 * the same. One worker with one local step and {@link OuterOptimizer#averaging} gives the same bits
 * as {@link org.udge.training.Trainer}.
 *
 * <p><b>Divergence.</b> One worker's verdict rolls all workers back to the last good round, with
 * the guard's remedies and fresh randomness. Without a guard a number that is not finite ends
 * training.
 *
 * <p>Immutable. Runs of one model must not overlap.
 */
public final class SparkTraining {

  private final Builder settings;

  private SparkTraining(Builder settings) {
    this.settings = settings;
  }

  /**
   * Creates a builder.
   *
   * @param spark the Spark context
   * @param model the model to train: it provides the initial parameters, and finally holds the
   *     result
   * @param local how each worker trains
   * @return a builder
   */
  public static Builder builder(JavaSparkContext spark, EnergyModel model, LocalTraining local) {
    return new Builder(spark, model, local);
  }

  /**
   * Trains, from the beginning or, if {@link Builder#resume} was called, from the last checkpoint.
   *
   * @return the result; the model holds the parameters
   * @throws SparkTrainingException if a worker fails, training diverged once more than the guard
   *     rolls back, or a checkpoint cannot be written or read
   * @throws IllegalStateException if the folder holds checkpoints and the run is not to be resumed
   */
  @CanIgnoreReturnValue
  public SparkTrainingResult fit() {
    return new SparkRun(settings).run();
  }

  /** Optional settings. Not thread-safe. */
  public static final class Builder {
    final JavaSparkContext spark;
    final EnergyModel model;
    final LocalTraining local;
    int workers = 2;
    int localSteps = 20;
    long epochs = 1;
    long seed = 1;
    OuterOptimizer outer = OuterOptimizer.averaging();
    EngineSettings engine = EngineSettings.ofDefaults();
    List<Class<?>> allowed = List.of();
    Optional<ShardFactory> shards = Optional.empty();
    Optional<ImageSourceFactory> images = Optional.empty();
    Optional<JavaRDD<Example>> examples = Optional.empty();
    Optional<BatchMaker> batches = Optional.empty();
    String folder = "";
    int checkpointEvery = 1;
    boolean resumes;
    Optional<DivergenceGuard> guard = Optional.empty();
    int snapshotEvery = 1;
    Optional<Function<EnergyModel, EvaluationReport>> validation = Optional.empty();
    int validationImages;
    String bestBy = "validation/accuracy";
    boolean keepBest = true;
    OptionalInt patience = OptionalInt.empty();
    final List<RoundListener> listeners;
    long directBytes = 64L << 20;

    private Builder(JavaSparkContext spark, EnergyModel model, LocalTraining local) {
      this.spark = requireNonNull(spark);
      this.model = requireNonNull(model);
      this.local = requireNonNull(local);
      this.listeners = new ArrayList<>();
    }

    /** A copy that is independent of later settings. */
    private Builder(Builder other) {
      spark = other.spark;
      model = other.model;
      local = other.local;
      workers = other.workers;
      localSteps = other.localSteps;
      epochs = other.epochs;
      seed = other.seed;
      outer = other.outer;
      engine = other.engine;
      allowed = other.allowed;
      shards = other.shards;
      images = other.images;
      examples = other.examples;
      batches = other.batches;
      folder = other.folder;
      checkpointEvery = other.checkpointEvery;
      resumes = other.resumes;
      guard = other.guard;
      snapshotEvery = other.snapshotEvery;
      validation = other.validation;
      validationImages = other.validationImages;
      bestBy = other.bestBy;
      keepBest = other.keepBest;
      patience = other.patience;
      listeners = List.copyOf(other.listeners);
      directBytes = other.directBytes;
    }

    /**
     * Sets the number of workers, the tasks of a round. If fewer cores are free than {@code
     * spark.task.cpus} for each, a round takes several waves of tasks.
     *
     * @param count at least 1; default 2
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder workers(int count) {
      checkArgument(count > 0, "workers must be at least 1, were %s", count);
      workers = count;
      return this;
    }

    /**
     * Sets the number of local steps per round, H. With gradient accumulation, it must be a
     * multiple of the accumulated steps.
     *
     * @param count at least 1; default 20
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder localSteps(int count) {
      checkArgument(count > 0, "local steps must be at least 1, were %s", count);
      localSteps = count;
      return this;
    }

    /**
     * Sets the number of epochs: passes of each worker through its shard.
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
     * Sets the root seed of all randomness in training. Worker 0 uses this seed, and those of the
     * others are derived from it.
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
     * Sets how the workers' parameters are combined at the end of a round.
     *
     * @param value default {@link OuterOptimizer#averaging}
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder outerOptimizer(OuterOptimizer value) {
      outer = requireNonNull(value);
      return this;
    }

    /**
     * Sets the engine that runs the network on the workers.
     *
     * @param value default {@link EngineSettings#ofDefaults}; the default number of threads is
     *     {@code spark.task.cpus}, so that tasks of one executor do not compete for cores
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder engine(EngineSettings value) {
      engine = requireNonNull(value);
      return this;
    }

    /**
     * Allows user-defined layers and other parts of networks that the model may name: see {@link
     * org.udge.ModelLoader#allow}.
     *
     * @param classes default: none; the executors must have them too
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder allow(Class<?>... classes) {
      allowed = List.of(classes);
      return this;
    }

    /**
     * Trains on a set that every executor can open. Worker w of W has the images w, w + W, w + 2 W,
     * and so on; up to W - 1 images at its end are omitted.
     *
     * @param source opens the images
     * @param maker creates mini-batches of a worker's share
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder images(ImageSourceFactory source, BatchMaker maker) {
      images = Optional.of(source);
      batches = Optional.of(maker);
      shards = Optional.empty();
      examples = Optional.empty();
      return this;
    }

    /**
     * Trains on shards that you open yourself.
     *
     * @param factory opens a worker's mini-batches
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder shards(ShardFactory factory) {
      shards = Optional.of(factory);
      images = Optional.empty();
      examples = Optional.empty();
      return this;
    }

    /**
     * Trains on a distributed data set. It is counted, distributed evenly over the workers (a
     * remainder smaller than their number is omitted), and persisted there in memory or on disk.
     * Its order must be the same whenever Spark computes it. Class names and shape are the model's.
     *
     * @param set the images, in the model's shape
     * @param maker creates mini-batches of a worker's share
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder examples(JavaRDD<Example> set, BatchMaker maker) {
      examples = Optional.of(set);
      batches = Optional.of(maker);
      shards = Optional.empty();
      images = Optional.empty();
      return this;
    }

    /**
     * Trains on the rows of a table: see {@link #examples}.
     *
     * @param rows the table
     * @param pixels name of the column of pixels, an array of floats in the order channel, row,
     *     column
     * @param label name of the column of class indices, whole numbers
     * @param maker creates mini-batches of a worker's share
     * @return this
     * @throws IllegalArgumentException if a column is missing or of another type
     */
    @CanIgnoreReturnValue
    public Builder rows(Dataset<Row> rows, String pixels, String label, BatchMaker maker) {
      return examples(ExampleRows.of(rows, pixels, label), maker);
    }

    /**
     * Enables checkpoints: the workers' states are written to files, from which Spark recomputes
     * lost states, and from which a run can be resumed after the loss of its driver. The last two
     * are kept. There is also one at the end.
     *
     * @param folderOfRun a folder on storage that driver and executors can access, a Hadoop path
     *     ({@code hdfs:}, {@code s3a:}, {@code file:}), created if it is missing; a separate one
     *     for each run
     * @param everyRounds at least 1
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder checkpoints(String folderOfRun, int everyRounds) {
      checkArgument(!folderOfRun.isBlank(), "the folder of checkpoints must have a name");
      checkArgument(
          everyRounds > 0, "rounds between checkpoints must be at least 1, were %s", everyRounds);
      folder = folderOfRun;
      checkpointEvery = everyRounds;
      return this;
    }

    /**
     * Resumes from the last checkpoint in the folder, if there is one.
     *
     * <p>With the same number of workers and of steps per epoch as before, the run ends with the
     * same bits as an uninterrupted run. Otherwise, common parameters, outer velocity, completed
     * epochs and the best of them are kept; worker w continues with optimizer, queue and replay
     * buffer of the former worker w modulo their number; the current epoch resumes at the same
     * fraction, with another order of images; the means of its losses and the snapshots of the
     * guard start anew.
     *
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder resume() {
      resumes = true;
      return this;
    }

    /**
     * Rolls all workers back when one diverges, and continues with a remedy.
     *
     * @param value limits and remedies; default: none
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder guard(DivergenceGuard value) {
      guard = Optional.of(value);
      return this;
    }

    /**
     * Sets the interval between snapshots of a guarded run. A rollback returns to the snapshot
     * before the newest one, which was followed by this number of good rounds.
     *
     * @param everyRounds at least 1; default 1
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder snapshotEvery(int everyRounds) {
      checkArgument(everyRounds > 0, "snapshotEvery must be at least 1, was %s", everyRounds);
      snapshotEvery = everyRounds;
      return this;
    }

    /**
     * Sets the images on which the driver evaluates the common parameters after each epoch.
     *
     * @param validationSet labeled images; default: none
     * @param evaluators compute metrics in addition to accuracy and negative log-likelihood
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder validation(ImageSource validationSet, Evaluator<?>... evaluators) {
      checkArgument(validationSet.size() > 0, "validation set '%s' is empty", validationSet.name());
      checkArgument(
          validationSet.classCount() == model.classCount(),
          "validation set '%s' has %s classes, the model has %s",
          validationSet.name(),
          validationSet.classCount(),
          model.classCount());
      ClassificationEvaluator accuracy = ClassificationEvaluator.ofDefaults();
      Evaluation evaluation = Evaluation.of(model).withSplit("validation").with(accuracy);
      for (Evaluator<?> evaluator : evaluators) {
        evaluation = evaluator.equals(accuracy) ? evaluation : evaluation.with(evaluator);
      }
      Evaluation all = evaluation;
      return validation(judged -> all.run(validationSet), validationSet.size());
    }

    /**
     * Evaluates the common parameters after each epoch in another way, for example on the
     * executors.
     *
     * @param judge receives the driver's model and returns a report of the split {@code validation}
     *     with {@code validation/accuracy} and {@code validation/nll}
     * @param imageCount number of images that it evaluates
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder validation(Function<EnergyModel, EvaluationReport> judge, int imageCount) {
      validation = Optional.of(judge);
      validationImages = imageCount;
      return this;
    }

    /**
     * Sets the validation metric that determines the best epoch, whose parameters the model finally
     * holds.
     *
     * @param metricKey default {@code validation/accuracy}
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder keepBest(String metricKey) {
      bestBy = requireNonNull(metricKey);
      keepBest = true;
      return this;
    }

    /**
     * Makes the model finally hold the last common parameters, not those of the best epoch.
     *
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder keepLast() {
      keepBest = false;
      return this;
    }

    /**
     * Ends training early after this number of consecutive epochs without a new best.
     *
     * @param epochsInTurn at least 1; default: never
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder patience(int epochsInTurn) {
      checkArgument(epochsInTurn > 0, "patience must be at least 1 epoch, was %s", epochsInTurn);
      patience = OptionalInt.of(epochsInTurn);
      return this;
    }

    /**
     * Adds a listener on the driver.
     *
     * @param listener called after listeners added earlier
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder listener(RoundListener listener) {
      listeners.add(requireNonNull(listener));
      return this;
    }

    /**
     * Sets the number of bytes of parameters from which slices are averaged on the executors; for
     * tests.
     */
    @CanIgnoreReturnValue
    Builder directBytes(long bytes) {
      directBytes = bytes;
      return this;
    }

    /**
     * Builds the training.
     *
     * @return the training
     * @throws IllegalStateException if there are no data, or no folder for checkpoints
     * @throws IllegalArgumentException if settings contradict each other
     */
    public SparkTraining build() {
      checkState(
          shards.isPresent() || images.isPresent() || examples.isPresent(),
          "say what to train on: images, shards, examples or rows");
      checkState(
          !folder.isEmpty(),
          "say where checkpoints go: workers' states must be on storage that outlives an executor");
      checkArgument(
          patience.isEmpty() || validation.isPresent(), "patience needs validation images");
      return new SparkTraining(new Builder(this));
    }
  }
}
