package org.udge.spark.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.udge.EnergyModel;
import org.udge.Threshold;
import org.udge.datasets.ModelImages;
import org.udge.network.WideResNet;
import org.udge.serving.EnergyScorer;
import org.udge.serving.ScoredImage;
import org.udge.spark.LocalSpark;
import org.udge.spark.TestImages;
import org.udge.spark.data.ExecutorException;
import org.udge.spark.internal.ExecutorModels;

@ExtendWith(LocalSpark.class)
class EnergyScorerModelTest {

  private static final int IMAGES = 10;

  private static final List<String> ADDED =
      List.of("prediction", "probability", "calibrated", "logDensity", "score", "inDistribution");

  @TempDir private static Path folder;
  private static Path images;
  private static String file;
  private static Map<String, ScoredImage> expected;
  private static Map<String, double[]> calibrated;

  @BeforeAll
  static void writeImages() throws IOException {
    images = folder.resolve("images");
    TestImages.write(images, 0, IMAGES);
    file = folder.resolve("model.zip").toString();
    expected = new HashMap<>();
    calibrated = new HashMap<>();
    try (EnergyModel made = TestImages.model()) {
      double[] densities = new double[IMAGES];
      for (int i = 0; i < IMAGES; i++) {
        densities[i] = made.logDensity(ModelImages.of(made).decode(TestImages.image(i)))[0];
      }
      EnergyModel model =
          made.withThreshold(Threshold.of("px", Arrays.stream(densities).average().orElseThrow()));
      model.save(Path.of(file));
      for (int i = 0; i < IMAGES; i++) {
        ScoredImage one =
            EnergyScorer.of(model).score(ModelImages.of(model).decode(TestImages.image(i))).get(0);
        expected.put("00" + i + ".png", one);
        calibrated.put(
            "00" + i + ".png",
            model.calibration().orElseThrow().apply(one.logits()).probabilities(0));
      }
    }
    assertThat(expected.values())
        .extracting(ScoredImage::inDistribution)
        .contains(Optional.of(true), Optional.of(false));
  }

  private static Dataset<Row> files(SparkSession spark) {
    return spark.read().format("binaryFile").load(images.toString());
  }

  private static EnergyScorerModel scorer() {
    return EnergyScorerModel.of(file).setInputCol("content").setBatchSize(3);
  }

  private static String name(Row row) {
    String path = row.getString(row.fieldIndex("path"));
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static void assertRight(List<Row> rows) {
    assertThat(rows)
        .extracting(EnergyScorerModelTest::name)
        .containsExactlyInAnyOrderElementsOf(expected.keySet());
    rows.forEach(EnergyScorerModelTest::assertRight);
  }

  private static void assertRight(Row row) {
    ScoredImage one = expected.get(name(row));
    assertThat(row.<Double>getAs("prediction")).isEqualTo(one.label());
    assertThat(row.<Vector>getAs("probability").toArray())
        .containsExactly(one.logits().probabilities(0), within(1e-6));
    double[] all = row.<Vector>getAs("calibrated").toArray();
    assertThat(all).containsExactly(calibrated.get(name(row)), within(1e-6));
    assertThat(all[one.label()]).isCloseTo(one.probability(), within(1e-6));
    assertThat(row.<Double>getAs("logDensity")).isCloseTo(one.logDensity(), within(1e-5));
    assertThat(row.<Double>getAs("score")).isCloseTo(one.score(), within(1e-5));
    assertThat(row.<Boolean>getAs("inDistribution")).isEqualTo(one.inDistribution().orElseThrow());
  }

  @Test
  void files_are_scored_as_on_one_machine(SparkSession spark) {
    Dataset<Row> scored = scorer().transform(files(spark).repartition(3));
    assertThat(scored.columns()).endsWith(ADDED.toArray(String[]::new));
    assertRight(scored.collectAsList());
  }

  @Test
  void rows_keep_their_order_and_other_columns(SparkSession spark) {
    Dataset<Row> rows =
        files(spark).coalesce(1).orderBy("path").select("path", "length", "content");
    List<Row> scored = scorer().transform(rows).collectAsList();
    assertThat(scored.stream().map(row -> row.getLong(1)).toList())
        .isEqualTo(rows.collectAsList().stream().map(row -> row.getLong(1)).toList());
    assertThat(scored).extracting(EnergyScorerModelTest::name).isSorted();
    assertRight(scored);
  }

  @Test
  void images_of_sparks_schema_are_read_blue_first(SparkSession spark) {
    Dataset<Row> rows =
        spark
            .read()
            .format("image")
            .load(images.toString())
            .withColumn("path", functions.col("image.origin"));
    assertRight(EnergyScorerModel.of(file).transform(rows).collectAsList());
  }

  @Test
  void gray_images_and_images_with_alpha_are_read(SparkSession spark) {
    StructType schema = new StructType().add("image", ImageSchema.columnSchema());
    byte[] gray = new byte[64];
    Arrays.fill(gray, (byte) 100);
    byte[] grayAsBgr = new byte[192];
    Arrays.fill(grayAsBgr, (byte) 100);
    byte[] transparent = new byte[256];
    for (int i = 0; i < 256; i++) {
      transparent[i] = i % 4 == 3 ? (byte) i : 100;
    }
    List<Row> rows =
        List.of(
            RowFactory.create(RowFactory.create("a", 8, 8, 3, 16, grayAsBgr)),
            RowFactory.create(RowFactory.create("b", 8, 8, 1, 0, gray)),
            RowFactory.create(RowFactory.create("c", 8, 8, 4, 24, transparent)));
    List<Double> densities =
        EnergyScorerModel.of(file)
            .transform(spark.createDataFrame(rows, schema))
            .select("logDensity")
            .collectAsList()
            .stream()
            .map(row -> row.getDouble(0))
            .toList();
    assertThat(densities.get(1)).isCloseTo(densities.get(0), within(1e-6));
    assertThat(densities.get(2)).isCloseTo(densities.get(0), within(1e-6));
  }

  @Test
  void arrays_are_pixels_in_the_models_order_and_range(SparkSession spark) {
    List<Row> rows = new ArrayList<>();
    try (EnergyModel model = TestImages.model()) {
      for (int i = 0; i < IMAGES; i++) {
        float[] pixels =
            ModelImages.of(model).decode(TestImages.image(i)).reshape(192).toFloatVector();
        List<Float> boxed = new ArrayList<>();
        for (float pixel : pixels) {
          boxed.add(pixel);
        }
        rows.add(RowFactory.create("/00" + i + ".png", boxed));
      }
    }
    StructType schema =
        new StructType()
            .add("path", DataTypes.StringType)
            .add("pixels", DataTypes.createArrayType(DataTypes.FloatType));
    Dataset<Row> floats = spark.createDataFrame(rows, schema).repartition(2);
    EnergyScorerModel scorer = scorer().setInputCol("pixels");
    assertRight(scorer.transform(floats).collectAsList());
    Dataset<Row> doubles =
        floats.withColumn("pixels", functions.col("pixels").cast("array<double>"));
    assertRight(scorer.transform(doubles).collectAsList());
  }

  @Test
  void parquet_files_are_read_and_written(SparkSession spark) {
    String stored = folder.resolve("images.parquet").toString();
    files(spark).write().parquet(stored);
    String scored = folder.resolve("scored.parquet").toString();
    scorer().transform(spark.read().parquet(stored)).drop("content").write().parquet(scored);
    assertRight(spark.read().parquet(scored).collectAsList());
  }

  @Test
  void a_pipeline_is_written_read_and_run(SparkSession spark) throws IOException {
    PipelineModel pipeline =
        new Pipeline()
            .setStages(
                new PipelineStage[] {
                  scorer().setThreshold(0.5),
                  new VectorAssembler()
                      .setInputCols(new String[] {"calibrated", "logDensity"})
                      .setOutputCol("features")
                })
            .fit(files(spark));
    String path = folder.resolve("pipeline").toString();
    pipeline.write().overwrite().save(path);
    PipelineModel read = PipelineModel.load(path);
    EnergyScorerModel stage = (EnergyScorerModel) read.stages()[0];
    assertThat(stage.getModelFile()).isEqualTo(file);
    assertThat(stage.getThreshold()).isEqualTo(0.5);
    assertThat(stage.getBatchSize()).isEqualTo(3);
    assertThat(stage.uid()).isEqualTo(pipeline.stages()[0].uid());
    List<Row> rows = read.transform(files(spark)).collectAsList();
    assertThat(rows)
        .hasSize(IMAGES)
        .allSatisfy(
            row -> {
              assertThat(row.<Vector>getAs("features").size()).isEqualTo(4);
              assertThat(row.<Boolean>getAs("inDistribution"))
                  .isEqualTo(row.<Double>getAs("logDensity") >= 0.5);
            });
  }

  @Test
  void a_copy_has_the_parameters_and_those_that_are_changed() {
    EnergyScorerModel scorer = scorer();
    EnergyScorerModel copy = scorer.copy(new ParamMap().put(scorer.batchSize(), 5));
    assertThat(copy.getBatchSize()).isEqualTo(5);
    assertThat(copy.getInputCol()).isEqualTo("content");
    assertThat(copy.getModelFile()).isEqualTo(file);
    assertThat(scorer.getBatchSize()).isEqualTo(3);
    assertThat(scorer.explainParams()).contains("batchSize: images per pass of the network");
  }

  @Test
  void a_stream_of_files_is_scored_as_they_come(SparkSession spark) throws Exception {
    Path inbox = folder.resolve("inbox");
    TestImages.write(inbox, 0, 4);
    String out = folder.resolve("stream.parquet").toString();
    StructType schema = files(spark).schema();
    for (int first : new int[] {4, IMAGES}) {
      Dataset<Row> incoming =
          spark
              .readStream()
              .format("binaryFile")
              .schema(schema)
              .option("maxFilesPerTrigger", 3)
              .load(inbox.toString());
      StreamingQuery query =
          scorer()
              .transform(incoming)
              .drop("content")
              .writeStream()
              .format("parquet")
              .option("checkpointLocation", folder.resolve("checkpoint").toString())
              .trigger(Trigger.AvailableNow())
              .start(out);
      assertThat(query.awaitTermination(60_000)).isTrue();
      assertThat(spark.read().parquet(out).count()).isEqualTo(first);
      if (first < IMAGES) {
        TestImages.write(inbox, first, IMAGES - first);
      }
    }
    assertRight(spark.read().parquet(out).collectAsList());
  }

  private static Dataset<Row> withBroken(SparkSession spark) throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB), "png", png);
    List<Row> rows =
        List.of(
            RowFactory.create("/in/fine.png", png.toByteArray()),
            RowFactory.create("/in/text.png", "hello".getBytes(StandardCharsets.UTF_8)),
            RowFactory.create("/in/cut.png", Arrays.copyOf(png.toByteArray(), 40)),
            RowFactory.create("/in/none.png", null));
    return spark.createDataFrame(
        rows,
        new StructType().add("path", DataTypes.StringType).add("content", DataTypes.BinaryType));
  }

  @Test
  void broken_images_get_nulls_and_the_reason_if_kept(SparkSession spark) throws IOException {
    List<Row> rows = scorer().setHandleInvalid("keep").transform(withBroken(spark)).collectAsList();
    assertThat(rows)
        .extracting(EnergyScorerModelTest::name)
        .containsExactly("fine.png", "text.png", "cut.png", "none.png");
    assertThat(rows.get(0).<String>getAs("error")).isNull();
    assertThat(rows.get(0).<Double>getAs("logDensity")).isNotNull();
    assertThat(rows.get(1).<String>getAs("error"))
        .isEqualTo(
            "cannot read the image /in/text.png: its first bytes, 68 65 6c 6c, are not those of a"
                + " PNG, JPEG, GIF, BMP or WebP file");
    assertThat(rows.get(2).<String>getAs("error")).startsWith("cannot read the image /in/cut.png:");
    assertThat(rows.get(3).<String>getAs("error"))
        .isEqualTo("cannot read the image /in/none.png: it is null");
    for (Row row : rows.subList(1, 4)) {
      assertThat(ADDED).allSatisfy(column -> assertThat(row.<Object>getAs(column)).isNull());
    }
  }

  @Test
  void broken_images_are_left_out_if_skipped(SparkSession spark) throws IOException {
    Dataset<Row> scored = scorer().setHandleInvalid("skip").transform(withBroken(spark));
    assertThat(scored.columns()).doesNotContain("error");
    assertThat(scored.collectAsList())
        .extracting(EnergyScorerModelTest::name)
        .containsExactly("fine.png");
  }

  @Test
  void a_broken_image_fails_the_job_and_is_named_with_its_executor(SparkSession spark)
      throws IOException {
    Dataset<Row> scored = scorer().transform(withBroken(spark).coalesce(1));
    assertThatThrownBy(scored::collectAsList)
        .satisfies(
            failure ->
                assertThat(ExecutorException.find(failure).orElseThrow())
                    .hasMessage(
                        "the driver on 127.0.0.1: cannot read the image /in/text.png: its first"
                            + " bytes, 68 65 6c 6c, are not those of a PNG, JPEG, GIF, BMP or WebP"
                            + " file (handleInvalid 'keep' gives such rows nulls and the reason,"
                            + " 'skip' leaves them out)"));
  }

  @Test
  void arrays_of_wrong_length_or_content_are_broken_images(SparkSession spark) {
    StructType schema =
        new StructType().add("pixels", DataTypes.createArrayType(DataTypes.DoubleType));
    List<Row> rows =
        List.of(
            RowFactory.create(List.of(1.0, 2.0)),
            RowFactory.create(Collections.nCopies(192, Double.NaN)));
    List<Row> scored =
        scorer()
            .setInputCol("pixels")
            .setHandleInvalid("keep")
            .transform(spark.createDataFrame(rows, schema))
            .collectAsList();
    assertThat(scored.get(0).<String>getAs("error"))
        .isEqualTo(
            "cannot read the image in this row: it has 2 numbers, the model expects 192 (3x8x8)");
    assertThat(scored.get(1).<String>getAs("error"))
        .isEqualTo("cannot read the image in this row: its number 0 is NaN");
  }

  @Test
  void columns_without_a_name_are_left_out(SparkSession spark) {
    EnergyScorerModel scorer =
        scorer()
            .setProbabilityCol("")
            .setCalibratedCol("")
            .setScoreCol("")
            .setInDistributionCol("");
    assertThat(scorer.transform(files(spark)).columns())
        .containsExactly(
            "path", "modificationTime", "length", "content", "prediction", "logDensity");
  }

  @Test
  void another_score_has_no_threshold_of_the_model(SparkSession spark) {
    List<Row> rows = scorer().setScore("max_logit").transform(files(spark)).collectAsList();
    assertThat(rows)
        .hasSize(IMAGES)
        .allSatisfy(
            row -> {
              double[] logits = expected.get(name(row)).logits().row(0);
              assertThat(row.<Double>getAs("score"))
                  .isCloseTo(Arrays.stream(logits).max().orElseThrow(), within(1e-5));
              assertThat(row.<Boolean>getAs("inDistribution")).isNull();
            });
  }

  @Test
  void refuses_tables_without_images(SparkSession spark) {
    Dataset<Row> rows = files(spark);
    assertThatThrownBy(() -> scorer().setInputCol("picture").transform(rows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "there is no column 'picture' (inputCol), there are [path, modificationTime, length,"
                + " content]");
    assertThatThrownBy(() -> scorer().setInputCol("length").transform(rows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("column 'length' (inputCol) holds bigint: expected binary");
    assertThatThrownBy(() -> scorer().setScoreCol("path").transform(rows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "there is a column 'path' already: choose another name for the one to add, or none"
                + " (\"\")");
  }

  @Test
  void refuses_parameters_out_of_range() {
    EnergyScorerModel scorer = new EnergyScorerModel();
    assertThatThrownBy(() -> scorer.setBatchSize(0))
        .hasMessage("batchSize must be at least 1, was 0");
    assertThatThrownBy(() -> scorer.setEngine("gpu"))
        .hasMessage("engine must be one of [auto, graph, onednn], was 'gpu'");
    assertThatThrownBy(() -> scorer.setHandleInvalid("drop"))
        .hasMessage("handleInvalid must be one of [error, keep, skip], was 'drop'");
    assertThatThrownBy(() -> scorer.setScore("knn")).hasMessageStartingWith("no score 'knn'");
    assertThatThrownBy(() -> scorer.setThreshold(Double.NaN))
        .hasMessage("threshold must be a finite number, was NaN");
    assertThatThrownBy(scorer::getModelFile)
        .hasMessage("say which model scores: setModelFile(path)");
  }

  @Test
  void says_which_model_cannot_be_read(SparkSession spark) throws IOException {
    Path damaged = folder.resolve("damaged.zip");
    Files.writeString(damaged, "no model");
    assertThatThrownBy(() -> scorer().setModelFile(damaged.toString()).transform(files(spark)))
        .hasMessageStartingWith("cannot read the model " + damaged + ": ")
        .hasMessageNotContaining("/tmp/udge-model-");
    assertThatThrownBy(() -> scorer().setModelFile(damaged + "x").transform(files(spark)))
        .hasMessageContaining(damaged + "x");
  }

  @Test
  void a_file_that_changes_after_the_driver_read_it_is_refused(SparkSession spark)
      throws IOException {
    Path changing = folder.resolve("changing.zip");
    Files.copy(Path.of(file), changing);
    Dataset<Row> scored =
        scorer().setModelFile(changing.toString()).setBroadcast(false).transform(files(spark));
    assertThat(scored.count()).isEqualTo(IMAGES);
    ExecutorModels.closeIdle();
    try (EnergyModel other = EnergyModel.builder(WideResNet.of(10, 1)).classes(2).build()) {
      other.save(changing);
    }
    assertThatThrownBy(scored::collectAsList)
        .satisfies(
            failure ->
                assertThat(ExecutorException.find(failure).orElseThrow())
                    .hasMessageStartingWith(
                        "the driver on 127.0.0.1: cannot open the model "
                            + changing
                            + ": its SHA-256 is ")
                    .hasMessageEndingWith(
                        ": put the same file everywhere, or let it be sent (broadcast)"));
  }

  @Test
  void tasks_share_one_model_and_the_idle_ones_are_few(SparkSession spark) {
    ExecutorModels.closeIdle();
    assertThat(scorer().transform(files(spark).repartition(4)).count()).isEqualTo(IMAGES);
    assertThat(ExecutorModels.count()).isEqualTo(1);
    ExecutorModels.closeIdle();
    assertThat(ExecutorModels.count()).isZero();
  }
}
