package org.udge.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.JavaSnippets;
import org.udge.JavaSnippets.Snippet;

/** The Java in the Javadoc of this module compiles; that of the documents is quoted from tests. */
class DocumentationTest {

  private static final List<String> IMPORTS =
      List.of(
          "java.nio.file.*",
          "java.util.*",
          "org.apache.spark.api.java.JavaSparkContext",
          "org.apache.spark.ml.*",
          "org.apache.spark.sql.Dataset",
          "org.apache.spark.sql.Row",
          "org.apache.spark.sql.SparkSession",
          "org.udge.EnergyModel",
          "org.udge.data.*",
          "org.udge.datasets.*",
          "org.udge.evaluation.*",
          "org.udge.evaluation.calibration.*",
          "org.udge.loss.*",
          "org.udge.network.*",
          "org.udge.spark.data.*",
          "org.udge.spark.evaluation.*",
          "org.udge.spark.scoring.*",
          "org.udge.spark.training.*",
          "org.udge.training.*");

  private static final String VARIABLES = "SparkSession spark; EnergyModel model;";

  @TempDir private Path classes;

  @Test
  void snippets_in_javadoc_compile() throws IOException {
    List<Snippet> snippets = JavaSnippets.ofJavadoc(root(), "udge-spark");
    assertThat(snippets)
        .extracting(Snippet::document)
        .contains("udge-spark/src/main/java/org/udge/spark/training/SparkTraining.java");
    assertThat(JavaSnippets.with(IMPORTS, VARIABLES).errors(snippets, classes)).isEmpty();
  }

  /** The folder of all modules: that of this one, or one above. */
  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(folder.resolve("udge-spark"))) {
      folder = folder.getParent();
    }
    return folder;
  }
}
