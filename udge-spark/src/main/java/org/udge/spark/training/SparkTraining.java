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
 * How to train a model on many machines: settings, checked when they are made.
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
 * <p><b>Rounds.</b> Every worker goes on from the common parameters and its own state (optimizer,
 * queue of negatives, replay buffer, position in its shard) for H local steps; the workers' mean
 * and the {@link OuterOptimizer} make the next common parameters. A round is one stage of Spark. It
 * ends with its epoch at the latest, so that epochs end with common parameters. An epoch is one
 * round of each worker through its own shard: all images are seen once by somebody. All terms of an
 * objective work; each worker has negatives and samples of its own.
 *
 * <p><b>Same bits.</b> A round is a function of its inputs, and sums are in the order of the
 * workers: a lost executor is recomputed by Spark's lineage to the same bits, and a run that goes
 * on from a checkpoint ends with the same bits, where machines, engine and threads are the same.
 * One worker with one local step and {@link OuterOptimizer#averaging} has the bits of {@link
 * org.udge.training.Trainer}.
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
   * Starts the settings.
   *
   * @param spark where to train
   * @param model what to train: its parameters are the first, and in the end it holds the result
   * @param local how each worker trains
   * @return a builder
   */
  public static Builder builder(JavaSparkContext spark, EnergyModel model, LocalTraining local) {
    return new Builder(spark, model, local);
  }

  /**
   * Trains, from the beginning or, where {@link Builder#resume} was said, from the last checkpoint.
   *
   * @return how it went; the model holds the result
   * @throws SparkTrainingException if a worker cannot do its part, training diverged once more than
   *     the guard rolls back, or a checkpoint cannot be written or read
   * @throws IllegalStateException if the folder holds checkpoints and the run is not to be resumed
   */
  @CanIgnoreReturnValue
  public SparkTrainingResult fit() {
    return new SparkRun(settings).run();
  }

  /** Collects settings. Not thread-safe. */
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

    /** A copy, which later settings do not change. */
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
     * How many workers: tasks of a round. With fewer cores free than {@code spark.task.cpus} of
     * each, a round takes several turns.
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
     * Local steps of a round, H. With accumulation of gradients, a multiple of its steps.
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
     * How many epochs: rounds of each worker through its shard.
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
     * The root seed of everything random in training. Worker 0 has this one, the others' are
     * derived from it.
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
     * What becomes of the workers' parameters at the end of a round.
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
     * Which engine runs the network on the workers.
     *
     * @param value default {@link EngineSettings#ofDefaults}; threads that are not given are {@code
     *     spark.task.cpus}, so that tasks of one executor do not take each other's cores
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder engine(EngineSettings value) {
      engine = requireNonNull(value);
      return this;
    }

    /**
     * Layers and other parts of networks that you wrote, which the model may name: see {@link
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
     * and so on; fewer than W at its end are left out.
     *
     * @param source opens the images
     * @param maker makes mini-batches of a worker's share
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
     * Trains on shares that you open yourself.
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
     * Trains on a distributed data set. It is counted, dealt out evenly to the workers (fewer than
     * their number are left out), and persisted there in memory or on disk. Its order must be the
     * same whenever Spark computes it. Class names and shape are the model's.
     *
     * @param set the images, in the model's shape
     * @param maker makes mini-batches of a worker's share
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
     * @param maker makes mini-batches of a worker's share
     * @return this
     * @throws IllegalArgumentException if a column is missing or of another type
     */
    @CanIgnoreReturnValue
    public Builder rows(Dataset<Row> rows, String pixels, String label, BatchMaker maker) {
      return examples(ExampleRows.of(rows, pixels, label), maker);
    }

    /**
     * Where checkpoints go, and how often: the workers' states then lie in files, from which Spark
     * recomputes what is lost, and a run goes on from there after its driver was lost. The last two
     * are kept. There is one at the end too.
     *
     * @param folderOfRun on storage that driver and executors see, a path of Hadoop's ({@code
     *     hdfs:}, {@code s3a:}, {@code file:}), made if it is missing; one for each run
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
     * Goes on from the last checkpoint in the folder, if there is one.
     *
     * <p>With as many workers and as many steps an epoch as before, the run ends with the same bits
     * as one that was not broken off. With others, common parameters, outer velocity, epochs done
     * and the best of them stay; worker w goes on with optimizer, queue and replay buffer of the
     * former worker w modulo their number; the epoch under way begins at the same part of it, with
     * another order of images; means of its losses and snapshots of the guard start anew.
     *
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder resume() {
      resumes = true;
      return this;
    }

    /**
     * Rolls all workers back when one diverges, and goes on with a remedy.
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
     * How often a guarded run remembers a round that it would roll back to: the one before the
     * newest, which was followed by so many good rounds.
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
     * Images by which the driver judges the common parameters after each epoch.
     *
     * @param validationSet labeled images; default: none
     * @param evaluators what to compute besides accuracy and negative log-likelihood
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
     * Judges the common parameters after each epoch in another way, for example on the executors.
     *
     * @param judge given the driver's model, gives a report of the split {@code validation} with
     *     {@code validation/accuracy} and {@code validation/nll}
     * @param imageCount how many images it judges
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder validation(Function<EnergyModel, EvaluationReport> judge, int imageCount) {
      validation = Optional.of(judge);
      validationImages = imageCount;
      return this;
    }

    /**
     * By which metric of the validation images an epoch is the best. The model holds its parameters
     * in the end.
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
     * Lets the model hold the last common parameters in the end, not those of the best epoch.
     *
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder keepLast() {
      keepBest = false;
      return this;
    }

    /**
     * Ends training early, when so many epochs in turn were not better than the best before them.
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
     * @param listener called after those added before
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder listener(RoundListener listener) {
      listeners.add(requireNonNull(listener));
      return this;
    }

    /** From how many bytes of parameters on slices are averaged on the executors; for tests. */
    @CanIgnoreReturnValue
    Builder directBytes(long bytes) {
      directBytes = bytes;
      return this;
    }

    /**
     * Finishes the settings.
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
          "say where checkpoints go: workers' states must lie on storage that outlives an executor");
      checkArgument(
          patience.isEmpty() || validation.isPresent(), "patience needs validation images");
      return new SparkTraining(new Builder(this));
    }
  }
}
