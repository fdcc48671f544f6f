package org.udge.spark.commands;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.udge.datasets.formats.ImageDecoder;
import org.udge.spark.scoring.EnergyScorerModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Scores a folder of images into Parquet files. A program for {@code spark-submit}. */
@Command(
    name = "spark-score",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Scores images on Apache Spark: class, probabilities, log p(x), and whether an image looks"
          + " like those that the model was trained on.",
      "",
      "Reads all image files of a folder (PNG, JPEG, BMP, GIF, WebP), or a table of images in"
          + " Parquet files. Writes Parquet files with the columns path (or those of the table,"
          + " except the images), prediction (index of the class), probability (of each class),"
          + " calibrated (the same calibrated, if the model has a calibration), logDensity, score,"
          + " inDistribution (if there is a threshold), and error (why an image could not be"
          + " read).",
      ""
    },
    footer = {
      "",
      "Example, on two executors of a standalone cluster:",
      "  spark-submit --master spark://HOST:7077 --executor-memory 2g \\",
      "    --conf spark.executor.memoryOverhead=1g --conf spark.executorEnv.OMP_NUM_THREADS=1 \\",
      "    --class org.udge.spark.commands.SparkScore \\",
      "    --jars JARS udge-spark-0.1.0.jar \\",
      "    --model hdfs:///models/model.zip --images hdfs:///photos --output hdfs:///scores",
      "",
      "Paths are those of Hadoop's file systems (file:, hdfs:, s3a:). Images in subfolders are"
          + " read too. docs/distributed.md explains how to get JARS and which memory settings to use."
    })
public final class SparkScore implements Callable<Integer> {

  /** Treatment of images that cannot be read. */
  enum Invalid {
    KEEP,
    SKIP,
    ERROR
  }

  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "a model that train or EnergyModel.save wrote")
  private String model = "";

  @Option(
      names = "--images",
      paramLabel = "FOLDER",
      description = "a folder of image files, including subfolders")
  private @Nullable String images;

  @Option(
      names = "--parquet",
      paramLabel = "PATH",
      description = "instead of --images: Parquet files with a column of images")
  private @Nullable String parquet;

  @Option(
      names = "--column",
      paramLabel = "NAME",
      description =
          "with --parquet, the column of images: bytes of files, Spark's image schema, or"
              + " arrays of pixels; default: content")
  private String column = "content";

  @Option(
      names = "--output",
      paramLabel = "FOLDER",
      required = true,
      description = "the output folder of the Parquet files; must not exist")
  private String output = "";

  @Option(names = "--overwrite", description = "replace the output folder if it exists")
  private boolean overwrite;

  @Option(
      names = "--score_fn",
      paramLabel = "NAME",
      description =
          "the out-of-distribution score: px (log p(x)), py, pxgrad, max_logit or entropy;"
              + " default: px")
  private String score = "px";

  @Option(
      names = "--threshold",
      paramLabel = "X",
      description =
          "images with lower scores are out of distribution; default: the model's own,"
              + " if it has one for this score")
  private @Nullable Double threshold;

  @Option(
      names = "--invalid",
      paramLabel = "WHAT",
      description =
          "images that cannot be read: keep them with the reason, skip them, or fail with an"
              + " error; default: keep")
  private Invalid invalid = Invalid.KEEP;

  @Option(
      names = "--batch_size",
      paramLabel = "N",
      description = "images per pass of the network; default: 64")
  private int batchSize = 64;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "auto, onednn or graph; default: auto")
  private String engine = "auto";

  SparkScore() {}

  /**
   * Runs the program.
   *
   * @param arguments {@code --help} explains them
   */
  public static void main(String... arguments) {
    Program.main(new SparkScore(), arguments);
  }

  @Override
  public Integer call() {
    if ((images == null) == (parquet == null)) {
      throw new IllegalArgumentException(
          "say what to score: either --images FOLDER or --parquet PATH");
    }
    EnergyScorerModel scorer =
        EnergyScorerModel.of(model)
            .setInputCol(column)
            .setScore(score)
            .setHandleInvalid(invalid.name().toLowerCase(Locale.ROOT))
            .setBatchSize(batchSize)
            .setEngine(engine);
    if (threshold != null) {
      scorer.setThreshold(threshold);
    }
    // Not closed: spark-submit ends it, and callers with a session of their own keep it.
    SparkSession session = SparkSession.builder().appName("udge score").getOrCreate();
    scorer
        .transform(read(session))
        .drop(column)
        .write()
        .mode(overwrite ? SaveMode.Overwrite : SaveMode.ErrorIfExists)
        .parquet(output);
    summarize(session.read().parquet(output));
    return 0;
  }

  private Dataset<Row> read(SparkSession session) {
    if (parquet != null) {
      return session.read().parquet(parquet);
    }
    String suffixes =
        ImageDecoder.SUFFIXES.stream()
            .flatMap(suffix -> List.of(suffix, suffix.toUpperCase(Locale.ROOT)).stream())
            .collect(Collectors.joining(","));
    return session
        .read()
        .format("binaryFile")
        .option("recursiveFileLookup", true)
        .option("pathGlobFilter", "*{" + suffixes + "}")
        .load(images)
        .withColumnRenamed("content", column)
        .select("path", column);
  }

  private void summarize(Dataset<Row> scored) {
    long rows = scored.count();
    long broken =
        List.of(scored.columns()).contains("error")
            ? scored.filter("error is not null").count()
            : 0;
    long outside = scored.filter("inDistribution = false").count();
    System.out.printf(
        Locale.ROOT,
        "%d images: %d scored, %d of them out of distribution, %d could not be read; in %s%n",
        rows,
        rows - broken,
        outside,
        broken,
        output);
  }
}
