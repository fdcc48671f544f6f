package org.udge.spark.commands;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.udge.EnergyModel;
import org.udge.spark.LocalSpark;
import org.udge.spark.TestImages;

@ExtendWith(LocalSpark.class)
class SparkScoreTest {

  @TempDir private static Path folder;
  private static String model;
  private static String images;

  @BeforeAll
  static void write() throws IOException {
    Path photos = folder.resolve("photos");
    TestImages.write(photos, 0, 5);
    TestImages.write(photos.resolve("more"), 5, 2);
    Files.writeString(photos.resolve("broken.JPG"), "no image");
    Files.writeString(photos.resolve("notes.txt"), "not to be read");
    images = photos.toString();
    model = folder.resolve("model.zip").toString();
    try (EnergyModel made = TestImages.model()) {
      made.save(Path.of(model));
    }
  }

  private static Outcome run(String... arguments) {
    return Outcome.of(new SparkScore(), arguments);
  }

  @Test
  void a_folder_becomes_parquet_files(SparkSession spark) {
    String output = folder.resolve("scores").toString();
    assertThat(run("--model", model, "--images", images, "--output", output))
        .isEqualTo(new Outcome(0, ""));
    Dataset<Row> scored = spark.read().parquet(output);
    assertThat(scored.columns())
        .containsExactly(
            "path",
            "prediction",
            "probability",
            "calibrated",
            "logDensity",
            "score",
            "inDistribution",
            "error");
    assertThat(scored.count()).isEqualTo(8);
    List<Row> broken = scored.filter("error is not null").collectAsList();
    assertThat(broken).hasSize(1);
    assertThat(broken.get(0).<String>getAs("path")).endsWith("/photos/broken.JPG");

    Outcome again = run("--model", model, "--images", images, "--output", output);
    assertThat(again.status()).isEqualTo(1);
    assertThat(again.errors()).startsWith("spark-score: ").containsIgnoringCase("already exists");
    assertThat(
            run("--model", model, "--images", images, "--output", output, "--overwrite").status())
        .isZero();
  }

  @Test
  void a_broken_image_is_told_in_one_line_and_nothing_is_written(SparkSession spark) {
    Path output = folder.resolve("none");
    Outcome outcome =
        run(
            "--model",
            model,
            "--images",
            images,
            "--output",
            output.toString(),
            "--invalid",
            "error");
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.errors().lines())
        .singleElement()
        .asString()
        .startsWith("spark-score: the driver on 127.0.0.1: cannot read the image file:")
        .contains("broken.JPG: its first bytes, 6e 6f 20 69, are not those of a PNG");
    assertThat(output.resolve("_SUCCESS")).doesNotExist();
    assertThat(output.toFile().listFiles((dir, name) -> name.endsWith(".parquet")))
        .satisfiesAnyOf(files -> assertThat(files).isNull(), files -> assertThat(files).isEmpty());
  }

  @Test
  void wrong_flags_are_told(SparkSession spark) {
    String output = folder.resolve("unused").toString();
    assertThat(run("--model", model, "--output", output).errors())
        .isEqualTo(
            "spark-score: say what to score: either --images FOLDER or --parquet PATH"
                + System.lineSeparator());
    assertThat(
            run("--model", model, "--images", images, "--output", output, "--engine", "gpu")
                .errors())
        .startsWith("spark-score: engine must be one of [auto, graph, onednn], was 'gpu'");
    assertThat(run("--images", images).status()).isEqualTo(2);
  }

  @Test
  void help_shows_a_whole_command() {
    assertThat(Program.commandLine(new SparkScore()).getUsageMessage())
        .contains("spark-submit --master")
        .contains("--class org.udge.spark.commands.SparkScore")
        .contains("--output=FOLDER");
  }
}
