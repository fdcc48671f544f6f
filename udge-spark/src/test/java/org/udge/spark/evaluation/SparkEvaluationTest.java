package org.udge.spark.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.udge.Calibration;
import org.udge.EnergyModel;
import org.udge.data.ImageSource;
import org.udge.datasets.ShapesDataset;
import org.udge.datasets.Subset;
import org.udge.engine.Logits;
import org.udge.evaluation.Accumulator;
import org.udge.evaluation.Bootstrap;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.ClassificationResult;
import org.udge.evaluation.Evaluation;
import org.udge.evaluation.EvaluationReport;
import org.udge.evaluation.Evaluator;
import org.udge.evaluation.calibration.BootstrapEvaluator;
import org.udge.evaluation.calibration.BootstrapResult;
import org.udge.evaluation.calibration.CalibrationEvaluator;
import org.udge.evaluation.detection.OutOfDistributionEvaluator;
import org.udge.evaluation.detection.OutOfDistributionScores;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;
import org.udge.spark.LocalSpark;
import org.udge.spark.data.ExecutorException;
import org.udge.spark.data.ImageSourceFactory;

@ExtendWith(LocalSpark.class)
class SparkEvaluationTest {

  private static final int SIZE = 150;
  private static final int BATCH = 16;

  private static final ImageSourceFactory IMAGES = () -> ShapesDataset.standard().test(SIZE);

  @TempDir private static Path folder;
  private static String file;

  @BeforeAll
  static void save() throws IOException {
    file = folder.resolve("model.zip").toString();
    try (EnergyModel model =
        EnergyModel.builder(WideResNet.of(10, 1))
            .classNames(IMAGES.open().classNames())
            .seed(3)
            .build()) {
      model.save(Path.of(file));
    }
  }

  private static Calibration cooler() {
    return Calibration.temperature(0.5, 10);
  }

  private static BootstrapEvaluator bootstrap() {
    return BootstrapEvaluator.of(Bootstrap.of(RandomStreams.of(5)).withResamples(50));
  }

  private static OutOfDistributionEvaluator unseenSets() {
    return OutOfDistributionEvaluator.of(
            OutOfDistributionScores.logDensity(), OutOfDistributionScores.maxProbability())
        .against("more", ShapesDataset.standard().train(70));
  }

  private static SparkEvaluation all(SparkSession spark) {
    return SparkEvaluation.of(spark, file)
        .withBatchSize(BATCH)
        .with(() -> ClassificationEvaluator.ofDefaults().withCalibration(cooler()))
        .with(() -> CalibrationEvaluator.ofDefaults().withBins(15, 10))
        .with(SparkEvaluationTest::bootstrap)
        .with(SparkEvaluationTest::unseenSets);
  }

  private static EvaluationReport onOneMachine() throws IOException {
    try (EnergyModel model = EnergyModel.load(Path.of(file))) {
      return Evaluation.of(model)
          .withBatchSize(BATCH)
          .with(ClassificationEvaluator.ofDefaults().withCalibration(cooler()))
          .with(CalibrationEvaluator.ofDefaults().withBins(15, 10))
          .with(bootstrap())
          .with(unseenSets())
          .run(IMAGES.open());
    }
  }

  private static void assertSame(EvaluationReport found, EvaluationReport expected) {
    assertThat(found.values().keySet()).isEqualTo(expected.values().keySet());
    expected
        .values()
        .forEach(
            (key, value) ->
                assertThat(found.values().get(key))
                    .as(key)
                    .isCloseTo(value, within(1e-12 * Math.abs(value))));
    Evaluator<ClassificationResult> classification =
        ClassificationEvaluator.ofDefaults().withCalibration(cooler());
    assertThat(found.get(classification).confusion())
        .isEqualTo(expected.get(classification).confusion());
    assertThat(found.get(classification).images()).isEqualTo(SIZE);
  }

  @Test
  void numbers_are_those_of_one_machine(SparkSession spark) throws IOException {
    EvaluationReport expected = onOneMachine();
    assertSame(all(spark).run(IMAGES, 5), expected);
    assertSame(all(spark).run(IMAGES, 1), expected);
    assertSame(all(spark).run(IMAGES, 40), expected);
  }

  @Test
  void rows_are_judged_by_number_or_name_of_their_class(SparkSession spark) throws IOException {
    ImageSource source = IMAGES.open();
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      float[] pixels = new float[source.shape().size()];
      int label = source.read(i, pixels, 0);
      List<Float> boxed = new ArrayList<>();
      for (float pixel : pixels) {
        boxed.add(pixel);
      }
      rows.add(RowFactory.create(boxed, (long) label, source.classNames().get(label)));
    }
    Dataset<Row> table =
        spark
            .createDataFrame(
                rows,
                new StructType()
                    .add("pixels", DataTypes.createArrayType(DataTypes.FloatType))
                    .add("label", DataTypes.LongType)
                    .add("name", DataTypes.StringType))
            .repartition(3);
    ClassificationResult expected;
    try (EnergyModel model = EnergyModel.load(Path.of(file))) {
      expected =
          Evaluation.of(model)
              .with(ClassificationEvaluator.ofDefaults())
              .run(Subset.first(source, 40))
              .get(ClassificationEvaluator.ofDefaults());
    }
    for (String column : List.of("label", "name")) {
      ClassificationResult found =
          SparkEvaluation.of(spark, file)
              .withBatchSize(7)
              .with(ClassificationEvaluator::ofDefaults)
              .run(table, "pixels", column)
              .get(ClassificationEvaluator.ofDefaults());
      assertThat(found.confusion()).isEqualTo(expected.confusion());
      assertThat(found.nll()).isCloseTo(expected.nll(), within(1e-6));
    }
    assertThatThrownBy(
            () ->
                SparkEvaluation.of(spark, file)
                    .with(ClassificationEvaluator::ofDefaults)
                    .run(table.withColumn("label", table.col("label").plus(20)), "pixels", "label"))
        .isInstanceOf(ExecutorException.class)
        .hasMessageMatching(
            "the driver on 127.0.0.1: cannot judge the rows of partition \\d: the label of image in"
                + " this row is 2\\d: expected a class index, 0 to 9, or a class name");
  }

  @Test
  void an_executor_that_cannot_read_its_images_is_named(SparkSession spark) {
    String reader = Thread.currentThread().getName();
    ImageSourceFactory absent =
        () -> {
          if (!Thread.currentThread().getName().equals(reader)) {
            throw new IOException("no such folder: /data");
          }
          return ShapesDataset.standard().test(30);
        };
    assertThatThrownBy(
            () ->
                SparkEvaluation.of(spark, file)
                    .with(ClassificationEvaluator::ofDefaults)
                    .withBatchSize(10)
                    .run(absent, 2))
        .isInstanceOf(ExecutorException.class)
        .hasMessageMatching(
            "the driver on 127.0.0.1: cannot judge images \\d+ to \\d+: no such folder: /data");
  }

  @Test
  void refuses_two_evaluators_of_one_name_and_none_at_all(SparkSession spark) {
    SparkEvaluation evaluation =
        SparkEvaluation.of(spark, file).with(ClassificationEvaluator::ofDefaults);
    assertThatThrownBy(() -> evaluation.with(ClassificationEvaluator::ofDefaults))
        .hasMessage("there is a 'classification' evaluator already");
    assertThatThrownBy(() -> SparkEvaluation.of(spark, file).run(IMAGES, 2))
        .hasMessage("say what to compute: with(evaluator)");
  }

  @Test
  void parts_count_in_their_order_whatever_order_they_come_in() {
    EvaluatorFactory<BootstrapResult> factory = SparkEvaluationTest::bootstrap;
    List<EvaluatorFactory<?>> factories = List.of(factory);
    List<Parts> parts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Map<Evaluator<?>, Accumulator<?>> running = Judge.begin(factories);
      double logit = i;
      running
          .values()
          .forEach(each -> each.update(Logits.of(new double[][] {{logit, 0.5}, {0, logit}}), 0, 1));
      parts.add(Parts.of(i, factories, running.values()));
    }
    Parts inOrder = parts.get(0).plus(parts.get(1)).plus(parts.get(2)).plus(parts.get(3));
    Parts apart = parts.get(3).plus(parts.get(0));
    assertThat(apart.runs()).isEqualTo(2);
    assertThatThrownBy(apart::merged).hasMessage("parts are missing between [0, 3]");
    Parts mixed = apart.plus(parts.get(2).plus(parts.get(1)));
    assertThat(mixed.runs()).isEqualTo(1);
    assertThat(mixed.merged().values().iterator().next().captureState())
        .isEqualTo(inOrder.merged().values().iterator().next().captureState());
  }

  @Test
  void ranges_cover_all_images_and_begin_with_a_batch() {
    for (int size : new int[] {1, 16, 17, 150, 1_000}) {
      for (int parts : new int[] {1, 2, 5, 200}) {
        int next = 0;
        for (ImageRange range : ImageRange.cut(3, size, parts, BATCH)) {
          assertThat(range.from()).isEqualTo(next);
          assertThat(range.from() % BATCH).isZero();
          assertThat(range.to()).isGreaterThan(range.from());
          next = range.to();
        }
        assertThat(next).isEqualTo(size);
      }
    }
  }
}
