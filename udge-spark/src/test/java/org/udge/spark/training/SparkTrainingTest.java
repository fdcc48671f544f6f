package org.udge.spark.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.data.TrainingData;
import org.udge.datasets.ShapesDataset;
import org.udge.datasets.ShuffledBatches;
import org.udge.engine.EngineSettings;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.ConditionalSGLD;
import org.udge.loss.CrossEntropy;
import org.udge.loss.ImageGroup;
import org.udge.loss.LossFunction;
import org.udge.loss.LossInput;
import org.udge.loss.LossSetup;
import org.udge.loss.LossTerm;
import org.udge.loss.LossValue;
import org.udge.loss.MarginalContrastive;
import org.udge.loss.MarginalSGLD;
import org.udge.loss.NegativeQueueSettings;
import org.udge.network.Architecture;
import org.udge.network.Mlp;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;
import org.udge.sampling.Langevin;
import org.udge.sampling.Replay;
import org.udge.spark.LocalSpark;
import org.udge.spark.data.ImageSourceFactory;
import org.udge.state.State;
import org.udge.training.DivergenceEvent;
import org.udge.training.DivergenceGuard;
import org.udge.training.EpochReport;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.Optimizer;
import org.udge.training.StopReason;
import org.udge.training.Trainer;
import org.udge.training.TrainingControl;

@ExtendWith(LocalSpark.class)
class SparkTrainingTest {

  private static final int BATCH = 6;
  private static final long SEED = 3;
  private static final ImageSourceFactory IMAGES = () -> ShapesDataset.standard().train(48);
  private static final LocalTraining CROSS_ENTROPY =
      model ->
          Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults()))
              .optimizer(Optimizer.sgd())
              .learningRate(LearningRate.constant(0.05));

  private final JavaSparkContext spark;

  @TempDir private Path folder;

  SparkTrainingTest(SparkSession session) {
    spark = JavaSparkContext.fromSparkContext(session.sparkContext());
  }

  private static EnergyModel model(Architecture architecture) {
    ImageSource images = ShapesDataset.standard().train(1);
    return EnergyModel.builder(architecture)
        .classNames(images.classNames())
        .engine(EngineSettings.ofDefaults().withThreads(1))
        .build();
  }

  private static EnergyModel small() {
    return model(Mlp.of(8));
  }

  private SparkTraining.Builder training(EnergyModel model, LocalTraining local, String run) {
    return SparkTraining.builder(spark, model, local)
        .images(IMAGES, BatchMaker.ofSize(BATCH))
        .seed(SEED)
        .checkpoints(folder.resolve(run).toUri().toString(), 3);
  }

  private static float[] parameters(EnergyModel model) {
    return model.graph().params().dup('c').data().asFloat();
  }

  /** Whoever ends training has to be told, so that a test does not go on for all epochs. */
  private static RoundListener stopAfter(long rounds) {
    return new RoundListener() {
      @Override
      public void onRound(RoundReport report, TrainingControl control) {
        if (report.round() == rounds) {
          control.requestStop();
        }
      }
    };
  }

  @Test
  void one_worker_with_one_local_step_has_the_bits_of_trainer_with_all_five_terms() {
    LocalTraining all =
        model ->
            Trainer.builder(
                    model,
                    Objective.of(CrossEntropy.ofDefaults())
                        .plus(
                            ConditionalContrastive.ofDefaults()
                                .withQueue(NegativeQueueSettings.ofCapacity(40)))
                        .plus(
                            MarginalContrastive.ofDefaults()
                                .withQueue(NegativeQueueSettings.ofCapacity(40)))
                        .plus(
                            MarginalSGLD.ofDefaults()
                                .withLangevin(Langevin.ofSteps(2))
                                .withBatchSize(4)
                                .withReplay(Replay.ofSize(20)))
                        .plus(
                            ConditionalSGLD.ofDefaults()
                                .withLangevin(Langevin.ofSteps(2))
                                .withReplay(Replay.ofSize(200))))
                .optimizer(Optimizer.sgd())
                .learningRate(LearningRate.constant(0.01).withWarmUp(3));
    WideResNet network = WideResNet.of(10, 1).withNorm(Norm.BATCH).withDropout(0.2);
    try (EnergyModel alone = model(network);
        EnergyModel onSpark = model(network)) {
      all.settings(alone)
          .seed(SEED)
          .maxSteps(4)
          .build()
          .fit(
              ShuffledBatches.builder(
                      ShapesDataset.standard().train(48), BATCH, RandomStreams.of(SEED))
                  .build());
      SparkTrainingResult result =
          training(onSpark, all, "all")
              .workers(1)
              .localSteps(1)
              .listener(stopAfter(4))
              .build()
              .fit();
      assertThat(parameters(onSpark)).isEqualTo(parameters(alone));
      assertThat(result.stopReason()).isEqualTo(StopReason.REQUESTED);
      assertThat(result.rounds()).isEqualTo(4);
      assertThat(result.bytes()).isEqualTo(2L * 4 * 4 * parameters(alone).length);
    }
  }

  @Test
  void one_worker_with_act_norm_and_adam_has_the_bits_of_trainer() {
    LocalTraining adam =
        model ->
            Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults()))
                .learningRate(LearningRate.constant(1e-3));
    try (EnergyModel alone = model(WideResNet.of(10, 1).withNorm(Norm.ACT));
        EnergyModel onSpark = model(WideResNet.of(10, 1).withNorm(Norm.ACT))) {
      adam.settings(alone)
          .seed(SEED)
          .maxSteps(4)
          .build()
          .fit(
              ShuffledBatches.builder(
                      ShapesDataset.standard().train(48), BATCH, RandomStreams.of(SEED))
                  .build());
      training(onSpark, adam, "act").workers(1).localSteps(2).listener(stopAfter(2)).build().fit();
      assertThat(parameters(onSpark)).isEqualTo(parameters(alone));
    }
  }

  /** The batches of two workers put together. */
  private record Joined(TrainingData first, TrainingData second) implements TrainingData {
    @Override
    public int batchesPerEpoch() {
      return first.batchesPerEpoch();
    }

    @Override
    public ImageShape shape() {
      return first.shape();
    }

    @Override
    public List<String> classNames() {
      return first.classNames();
    }

    @Override
    public Batch batch(long epoch, int index) {
      Batch one = first.batch(epoch, index);
      Batch two = second.batch(epoch, index);
      return Batch.of(
          Nd4j.concat(0, one.images(), two.images()),
          Stream.of(one, two).flatMapToInt(b -> IntStream.of(b.labels())).toArray());
    }
  }

  @Test
  void two_workers_are_one_machine_with_batches_twice_as_large() throws Exception {
    ShardFactory shards = new ImageShards(IMAGES, BatchMaker.ofSize(BATCH), SEED);
    try (EnergyModel alone = small();
        EnergyModel onSpark = small()) {
      CROSS_ENTROPY
          .settings(alone)
          .maxSteps(20)
          .epochs(5)
          .build()
          .fit(new Joined(shards.open(0, 2), shards.open(1, 2)));
      SparkTrainingResult result =
          training(onSpark, CROSS_ENTROPY, "two")
              .workers(2)
              .localSteps(1)
              .epochs(5)
              .listener(stopAfter(20))
              .build()
              .fit();
      assertThat(result.steps()).isEqualTo(20);
      float[] expected = parameters(alone);
      float[] found = parameters(onSpark);
      double difference = 0;
      double length = 0;
      for (int i = 0; i < expected.length; i++) {
        difference += Math.pow((double) found[i] - expected[i], 2);
        length += Math.pow(expected[i], 2);
      }
      assertThat(Math.sqrt(difference / length)).isPositive().isLessThan(1e-6);
    }
  }

  @Test
  void means_by_slices_and_by_the_driver_have_the_same_bits() {
    try (EnergyModel direct = small();
        EnergyModel sliced = small()) {
      training(direct, CROSS_ENTROPY, "direct").workers(3).localSteps(2).build().fit();
      training(sliced, CROSS_ENTROPY, "sliced")
          .workers(3)
          .localSteps(2)
          .directBytes(0)
          .build()
          .fit();
      assertThat(parameters(sliced)).isEqualTo(parameters(direct));
    }
  }

  @Test
  void rows_of_a_table_train_as_the_images_they_are(SparkSession session) {
    ImageSource images = ShapesDataset.standard().train(48);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      float[] pixels = new float[images.shape().size()];
      int label = images.read(i, pixels, 0);
      rows.add(RowFactory.create(pixels, label));
    }
    Dataset<Row> table =
        session.createDataFrame(
            rows,
            new StructType()
                .add("pixels", DataTypes.createArrayType(DataTypes.FloatType))
                .add("label", DataTypes.IntegerType));
    try (EnergyModel ofImages = small();
        EnergyModel ofRows = small()) {
      training(ofImages, CROSS_ENTROPY, "images").localSteps(2).build().fit();
      training(ofRows, CROSS_ENTROPY, "rows")
          .rows(table, "pixels", "label", BatchMaker.ofSize(BATCH))
          .localSteps(2)
          .build()
          .fit();
      assertThat(parameters(ofRows)).isEqualTo(parameters(ofImages));
      assertThatThrownBy(
              () ->
                  training(ofRows, CROSS_ENTROPY, "none")
                      .rows(table, "pixel", "label", BatchMaker.ofSize(BATCH)))
          .hasMessage("there is no column 'pixel', only [pixels, label]");
    }
  }

  @Test
  void a_run_that_is_gone_on_with_has_the_bits_of_one_that_was_not_broken_off() {
    try (EnergyModel whole = small();
        EnergyModel broken = small();
        EnergyModel resumed = small()) {
      training(whole, CROSS_ENTROPY, "whole")
          .epochs(3)
          .localSteps(2)
          .outerOptimizer(OuterOptimizer.nesterov())
          .build()
          .fit();
      assertThatThrownBy(
              () ->
                  training(broken, CROSS_ENTROPY, "broken")
                      .epochs(3)
                      .localSteps(2)
                      .outerOptimizer(OuterOptimizer.nesterov())
                      .listener(
                          new RoundListener() {
                            @Override
                            public void onRound(RoundReport report, TrainingControl control) {
                              if (report.round() == 5) {
                                throw new IllegalStateException("the driver was killed");
                              }
                            }
                          })
                      .build()
                      .fit())
          .hasMessage("the driver was killed");
      SparkTraining.Builder again =
          training(resumed, CROSS_ENTROPY, "broken")
              .epochs(3)
              .localSteps(2)
              .outerOptimizer(OuterOptimizer.nesterov());
      assertThatIllegalStateException()
          .isThrownBy(() -> again.build().fit())
          .withMessageMatching("folder .* holds checkpoints up to round 3: resume\\(\\), or .*");
      SparkTrainingResult result = again.resume().build().fit();
      assertThat(parameters(resumed)).isEqualTo(parameters(whole));
      assertThat(result.history()).extracting(EpochReport::epoch).containsExactly(0L, 1L, 2L);
    }
  }

  @Test
  void a_run_goes_on_with_more_and_with_fewer_workers() throws Exception {
    try (EnergyModel two = small();
        EnergyModel more = small();
        EnergyModel fewer = small()) {
      training(two, CROSS_ENTROPY, "run").epochs(1).localSteps(2).build().fit();
      SparkTrainingResult ofMore =
          training(more, CROSS_ENTROPY, "run").workers(3).epochs(2).resume().build().fit();
      assertThat(ofMore.workers()).isEqualTo(3);
      assertThat(ofMore.history()).extracting(EpochReport::epoch).containsExactly(0L, 1L);
      // Three workers have 16 of the 48 images each: 2 steps an epoch.
      assertThat(ofMore.steps()).isEqualTo(4);
      SparkTrainingResult ofFewer =
          training(fewer, CROSS_ENTROPY, "run").workers(1).epochs(3).resume().build().fit();
      assertThat(ofFewer.steps()).isEqualTo(24);
      assertThat(ofFewer.history()).hasSize(3);
      assertThat(parameters(fewer)).isNotEqualTo(parameters(more));
    }
  }

  /** A loss of 0 that is not a number once, at a worker's fourth step. */
  private record GoesBad(AtomicInteger calls) implements LossTerm {

    @Override
    public String name() {
      return "goes_bad";
    }

    @Override
    public Set<ImageGroup> groups() {
      return Set.of(ImageGroup.LABELED);
    }

    @Override
    public LossFunction begin(LossSetup setup) {
      return new LossFunction() {
        @Override
        public LossValue evaluate(LossInput input) {
          return LossValue.of(calls.getAndIncrement() == 7 ? Double.NaN : 0);
        }

        @Override
        public void remember(LossInput input) {}

        @Override
        public State captureState() {
          return State.empty();
        }

        @Override
        public void restoreState(State state) {}
      };
    }
  }

  /** Shared by the workers of this process. */
  private static final AtomicInteger CALLS = new AtomicInteger();

  private static final LocalTraining GOES_BAD =
      model ->
          Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults()).plus(new GoesBad(CALLS)))
              .learningRate(LearningRate.constant(1e-3));

  @Test
  void one_workers_verdict_rolls_all_workers_back() {
    CALLS.set(0);
    List<DivergenceEvent> told = new ArrayList<>();
    try (EnergyModel model = small()) {
      SparkTrainingResult result =
          training(model, GOES_BAD, "guarded")
              .localSteps(2)
              .epochs(2)
              .guard(DivergenceGuard.ofDefaults())
              .snapshotEvery(2)
              .checkpoints(folder.resolve("guarded").toUri().toString(), 1)
              .listener(
                  new RoundListener() {
                    @Override
                    public void onRollBack(int worker, DivergenceEvent event) {
                      told.add(event);
                    }
                  })
              .build()
              .fit();
      assertThat(result.events()).hasSize(1).isEqualTo(told);
      assertThat(result.events().get(0).quantity()).isEqualTo("goes_bad");
      assertThat(result.stopReason()).isEqualTo(StopReason.EPOCHS_DONE);
      assertThat(result.steps()).isEqualTo(8);
      assertThat(folder.resolve("guarded").toFile().list())
          .containsExactlyInAnyOrder("round-00000003", "round-00000004");
      // 16 steps, 7 good ones and a bad one before; a worker that was faster may have done less.
      assertThat(CALLS.get()).isGreaterThan(16);
    }
  }

  @Test
  void without_a_guard_a_number_that_is_not_finite_ends_training_and_names_the_worker() {
    CALLS.set(0);
    try (EnergyModel model = small()) {
      assertThatThrownBy(() -> training(model, GOES_BAD, "bad").epochs(2).build().fit())
          .isInstanceOf(SparkTrainingException.class)
          .hasMessageMatching(
              "worker [01] on executor driver \\(127.0.0.1\\): goes_bad was NaN at step \\d: .*");
    }
  }

  @Test
  void a_guard_that_has_no_rollback_left_ends_training() {
    try (EnergyModel model = small()) {
      float[] first = parameters(model);
      assertThatThrownBy(
              () ->
                  training(model, CROSS_ENTROPY, "hopeless")
                      .guard(DivergenceGuard.ofDefaults().withLossLimit(1e-9).withRollbacks(2))
                      .build()
                      .fit())
          .isInstanceOf(SparkTrainingException.class)
          .hasMessageStartingWith(
              "training diverged again after 2 rollbacks, on worker 0 on executor driver")
          .hasMessageContaining("step 1: loss was");
      assertThat(parameters(model)).isEqualTo(first);
    }
  }

  @Test
  void the_best_epoch_is_kept_and_patience_ends_training() {
    List<EpochReport> epochs = new ArrayList<>();
    try (EnergyModel model = small()) {
      SparkTrainingResult result =
          training(
                  model,
                  worker ->
                      Trainer.builder(worker, Objective.of(CrossEntropy.ofDefaults()))
                          .learningRate(LearningRate.constant(1e-12)),
                  "patient")
              .epochs(9)
              .validation(ShapesDataset.standard().test(20))
              .patience(2)
              .listener(
                  new RoundListener() {
                    @Override
                    public void onEpoch(EpochReport report, TrainingControl control) {
                      epochs.add(report);
                    }
                  })
              .build()
              .fit();
      assertThat(result.bestEpoch()).hasValue(0);
      assertThat(result.history()).hasSize(3).isEqualTo(epochs);
      assertThat(epochs.get(0).validation().orElseThrow().images()).isEqualTo(20);
    }
  }

  @Test
  void executors_validate_as_the_driver_does(SparkSession session) {
    ImageSourceFactory judged = () -> ShapesDataset.standard().test(300);
    try (EnergyModel onDriver = small();
        EnergyModel onExecutors = small()) {
      SparkTrainingResult expected =
          training(onDriver, CROSS_ENTROPY, "on-driver")
              .epochs(2)
              .validation(ShapesDataset.standard().test(300))
              .build()
              .fit();
      SparkTrainingResult found =
          training(onExecutors, CROSS_ENTROPY, "on-executors")
              .epochs(2)
              .validation(
                  model ->
                      DocumentedTraining.validate(
                          session, model, folder.resolve("judged.zip"), judged),
                  300)
              .build()
              .fit();
      assertThat(found.bestEpoch()).isEqualTo(expected.bestEpoch()).isPresent();
      assertThat(found.history()).hasSize(2);
      for (int i = 0; i < 2; i++) {
        EpochReport.Validation driver = expected.history().get(i).validation().orElseThrow();
        EpochReport.Validation executors = found.history().get(i).validation().orElseThrow();
        assertThat(executors.images()).isEqualTo(driver.images()).isEqualTo(300);
        assertThat(executors.accuracy()).isEqualTo(driver.accuracy());
        assertThat(executors.nll()).isCloseTo(driver.nll(), within(1e-12 * driver.nll()));
      }
      assertThat(parameters(onExecutors)).isEqualTo(parameters(onDriver));
    }
  }

  @Test
  void validation_images_of_other_classes_are_refused() {
    try (EnergyModel model =
        EnergyModel.builder(Mlp.of(8))
            .classNames(List.of("circle", "square"))
            .engine(EngineSettings.ofDefaults().withThreads(1))
            .build()) {
      SparkTraining.Builder builder = SparkTraining.builder(spark, model, CROSS_ENTROPY);
      assertThatThrownBy(() -> builder.validation(ShapesDataset.standard().test(20)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching("validation set '.*' has 10 classes, the model has 2");
    }
  }

  @Test
  void workers_without_native_memory_are_named() {
    try (EnergyModel model = small()) {
      assertThatThrownBy(
              () ->
                  training(
                          model,
                          worker -> {
                            throw new OutOfMemoryError("Physical memory usage is too high");
                          },
                          "memory")
                      .build()
                      .fit())
          .isInstanceOf(SparkTrainingException.class)
          .hasMessageMatching(
              "worker [01] on executor driver \\(127.0.0.1\\): Physical memory usage is too high."
                  + " Raise spark.executor.memoryOverhead .*");
    }
  }

  /** No batch. */
  private record Nothing(TrainingData like) implements TrainingData {
    @Override
    public int batchesPerEpoch() {
      return 0;
    }

    @Override
    public ImageShape shape() {
      return like.shape();
    }

    @Override
    public List<String> classNames() {
      return like.classNames();
    }

    @Override
    public Batch batch(long epoch, int index) {
      throw new IndexOutOfBoundsException(index);
    }
  }

  @Test
  void data_that_do_not_suit_the_workers_are_told_before_training() {
    try (EnergyModel model = small()) {
      assertThatThrownBy(() -> training(model, CROSS_ENTROPY, "few").workers(49).build().fit())
          .isInstanceOf(SparkTrainingException.class)
          .hasMessageMatching(
              "worker 0 on executor driver \\(127.0.0.1\\): '.*' has 48 images, too few for 49"
                  + " workers");
      ShardFactory half = new ImageShards(IMAGES, BatchMaker.ofSize(BATCH), SEED);
      ShardFactory uneven =
          (worker, workers) -> half.open(worker == 1 ? worker : 0, worker == 1 ? 4 : 2);
      assertThatThrownBy(
              () -> training(model, CROSS_ENTROPY, "uneven").shards(uneven).build().fit())
          .hasMessage(
              "worker 1 on executor driver (127.0.0.1): its shard has batches an epoch 2, worker"
                  + " 0's has 4");
      ShardFactory empty =
          (worker, workers) ->
              worker == 1 ? new Nothing(half.open(0, 2)) : half.open(worker, workers);
      assertThatThrownBy(() -> training(model, CROSS_ENTROPY, "empty").shards(empty).build().fit())
          .hasMessageStartingWith("worker 1 on executor driver (127.0.0.1): ")
          .hasMessageContaining("its shard is empty");
    }
  }

  @Test
  void a_set_with_fewer_images_than_workers_is_refused() {
    JavaRDD<Example> one = spark.parallelize(List.of(new Example(new float[3 * 32 * 32], 0)));
    try (EnergyModel model = small()) {
      SparkTraining training =
          training(model, CROSS_ENTROPY, "one").examples(one, BatchMaker.ofSize(BATCH)).build();
      assertThatThrownBy(training::fit)
          .hasMessage("the data set has too few images for 2 workers: not one for each");
    }
  }

  @Test
  void a_folder_that_cannot_be_written_is_told_before_training() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    try (EnergyModel model = small()) {
      assertThatThrownBy(
              () ->
                  training(model, CROSS_ENTROPY, "unused")
                      .checkpoints(file.resolve("run").toUri().toString(), 1)
                      .build()
                      .fit())
          .isInstanceOf(SparkTrainingException.class)
          .hasMessageStartingWith("checkpoints cannot be written to file:");
    }
  }

  @Test
  void a_full_disk_ends_training_and_leaves_earlier_checkpoints_complete() {
    spark.hadoopConfiguration().set("fs.file.impl", FullDisk.class.getName());
    spark.hadoopConfiguration().setBoolean("fs.file.impl.disable.cache", true);
    try (EnergyModel model = small()) {
      assertThatThrownBy(
              () -> training(model, CROSS_ENTROPY, "full").localSteps(1).epochs(3).build().fit())
          .isInstanceOf(SparkTrainingException.class)
          .hasMessageStartingWith("the checkpoint of round 6 could not be written to file:")
          .hasMessageEndingWith(
              ": worker 1 on executor driver (127.0.0.1): No space left on device. Checkpoints of"
                  + " earlier rounds are complete");
      assertThat(folder.resolve("full").toFile().list()).containsExactly("round-00000003");
    } finally {
      spark.hadoopConfiguration().unset("fs.file.impl");
      spark.hadoopConfiguration().unset("fs.file.impl.disable.cache");
    }
  }

  @Test
  void a_missing_native_library_is_told_with_the_worker_and_its_executor() {
    try (EnergyModel model = small()) {
      assertThatThrownBy(
              () ->
                  training(
                          model,
                          worker -> {
                            throw new UnsatisfiedLinkError("no jnind4jcpu in java.library.path");
                          },
                          "native")
                      .build()
                      .fit())
          .isInstanceOf(SparkTrainingException.class)
          .hasMessageMatching(
              "worker [01] on executor driver \\(127.0.0.1\\): java.lang.UnsatisfiedLinkError: no"
                  + " jnind4jcpu in java.library.path");
    }
  }

  @Test
  void what_belongs_to_the_driver_is_refused_in_the_recipe() {
    try (EnergyModel model = small()) {
      assertThatThrownBy(
              () ->
                  training(
                          model,
                          worker ->
                              CROSS_ENTROPY.settings(worker).guard(DivergenceGuard.ofDefaults()),
                          "guard")
                      .build()
                      .fit())
          .hasMessageContaining("the local training has a guard: give it to SparkTraining");
      assertThatThrownBy(
              () ->
                  training(
                          model,
                          worker ->
                              CROSS_ENTROPY
                                  .settings(worker)
                                  .validation(ShapesDataset.standard().test(5)),
                          "validation")
                      .build()
                      .fit())
          .hasMessageContaining("the local training validates: give validation images to");
    }
  }

  @Test
  void settings_are_checked_when_they_are_made() {
    try (EnergyModel model = small()) {
      SparkTraining.Builder builder = SparkTraining.builder(spark, model, CROSS_ENTROPY);
      assertThatIllegalStateException()
          .isThrownBy(builder::build)
          .withMessage("say what to train on: images, shards, examples or rows");
      builder.images(IMAGES, BatchMaker.ofSize(BATCH));
      assertThatIllegalStateException()
          .isThrownBy(builder::build)
          .withMessageStartingWith("say where checkpoints go");
      assertThatThrownBy(() -> builder.workers(0)).hasMessage("workers must be at least 1, were 0");
      assertThatThrownBy(() -> builder.localSteps(0))
          .hasMessage("local steps must be at least 1, were 0");
      assertThatThrownBy(() -> builder.checkpoints("x", 1).patience(1).build())
          .hasMessage("patience needs validation images");
    }
  }
}
