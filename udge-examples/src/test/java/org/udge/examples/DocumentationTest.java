package org.udge.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.JavaSnippets;
import org.udge.JavaSnippets.Snippet;

/**
 * The Java of README.md, docs/ and the Javadoc of main code compiles. docs/contributing.md says how
 * to write it. The Javadoc of udge-spark, which is not on the class path here, is compiled there.
 */
class DocumentationTest {

  private static final Path ROOT = Documents.ROOT;

  private static final List<String> IMPORTS =
      List.of(
          "java.io.*",
          "java.nio.file.*",
          "java.util.*",
          "java.util.stream.*",
          "org.deeplearning4j.nn.graph.ComputationGraph",
          "org.deeplearning4j.nn.multilayer.MultiLayerNetwork",
          "org.nd4j.linalg.api.ndarray.INDArray",
          "org.nd4j.linalg.dataset.api.iterator.DataSetIterator",
          "org.nd4j.linalg.factory.Nd4j",
          "org.udge.*",
          "org.udge.data.*",
          "org.udge.datasets.*",
          "org.udge.datasets.download.*",
          "org.udge.datasets.formats.*",
          "org.udge.datasets.synthetic.*",
          "org.udge.engine.*",
          "org.udge.evaluation.*",
          "org.udge.evaluation.calibration.*",
          "org.udge.evaluation.detection.*",
          "org.udge.evaluation.features.*",
          "org.udge.evaluation.robustness.*",
          "org.udge.interop.*",
          "org.udge.loss.*",
          "org.udge.network.*",
          "org.udge.onnx.*",
          "org.udge.random.*",
          "org.udge.sampling.*",
          "org.udge.serving.*",
          "org.udge.state.*",
          "org.udge.training.*",
          "org.udge.training.report.*");

  private static final String VARIABLES =
      "EnergyModel model; ComputationGraph graph; MultiLayerNetwork network;"
          + " ImageSource train, validation, test, foreign; Table training; TrainingData batches;"
          + " INDArray images; int[] labels; Path folder;";

  @TempDir private Path classes;

  @Test
  void snippets_compile() throws IOException {
    assertThat(errors(snippets().stream().filter(s -> !s.quotes("udge-spark")).toList())).isEmpty();
  }

  @Test
  void snippets_in_javadoc_compile() throws IOException {
    List<Snippet> all = new ArrayList<>();
    for (String module : List.of("udge-core", "udge-datasets", "udge-onnx", "udge-examples")) {
      all.addAll(JavaSnippets.ofJavadoc(ROOT, module));
    }
    assertThat(all)
        .extracting(Snippet::document)
        .contains("udge-core/src/main/java/org/udge/EnergyModel.java");
    assertThat(errors(all)).isEmpty();
  }

  @Test
  void quotes_are_what_the_quoted_file_says() throws IOException {
    List<Snippet> quotes = snippets().stream().filter(s -> s.quoted().isPresent()).toList();
    assertThat(quotes).isNotEmpty();
    for (Snippet quote : quotes) {
      String original = Files.readString(ROOT.resolve(quote.quoted().orElseThrow()));
      assertThat(withoutIndentation(original))
          .as("what %s quotes", quote.place(1))
          .contains(withoutIndentation(quote.code()));
    }
  }

  @Test
  void errors_name_file_line_and_what_is_wrong() {
    String document = "Text.\n\n```java\nint one = 1;\nString two = one;\n```\n";
    assertThat(errors(JavaSnippets.ofMarkdown("guide.md", document)))
        .singleElement()
        .asString()
        .startsWith("guide.md:5: incompatible types: int cannot be converted to");
  }

  private List<String> errors(List<Snippet> snippets) {
    return JavaSnippets.with(IMPORTS, VARIABLES).errors(snippets, classes);
  }

  private static List<Snippet> snippets() throws IOException {
    List<Snippet> all = new ArrayList<>();
    for (Path document : Documents.all()) {
      all.addAll(
          JavaSnippets.ofMarkdown(
              ROOT.relativize(document).toString(), Files.readString(document)));
    }
    assertThat(all).extracting(Snippet::document).contains("README.md", "docs/guide.md");
    return all;
  }

  private static String withoutIndentation(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
