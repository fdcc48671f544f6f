package org.udge.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Java of README.md, docs/ and the Javadoc of main code compiles. docs/contributing.md says how
 * to write it.
 */
class DocumentationTest {

  private static final Path ROOT = Documents.ROOT;

  private static final String IMPORTS =
      Stream.of(
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
              "org.udge.training.report.*")
          .map(name -> "import " + name + ";")
          .collect(Collectors.joining(" "));

  private static final String VARIABLES =
      "EnergyModel model; ComputationGraph graph; MultiLayerNetwork network;"
          + " ImageSource train, validation, test, foreign; Table training; TrainingData batches;"
          + " INDArray images; int[] labels; Path folder;";

  private static final Pattern BLOCK =
      Pattern.compile(
          "(?:^<!-- quotes (?<quoted>\\S+) -->\\n)?^```java\\n(?<code>.*?)^```$",
          Pattern.DOTALL | Pattern.MULTILINE);

  private static final Pattern JAVADOC_BLOCK =
      Pattern.compile(
          "^ *\\* <pre>\\{@code\\n(?<code>(?: *\\*.*\\n)+?) *\\* \\}</pre>$", Pattern.MULTILINE);

  private static final Pattern IMPORT = Pattern.compile("^import [\\w.*]+;$", Pattern.MULTILINE);

  private static final Pattern TYPE =
      Pattern.compile(
          "^((public|final|abstract|sealed) )*(class|record|interface|enum) ", Pattern.MULTILINE);

  @TempDir private Path classes;

  /** A block of code, the line of the document before its first, and the file it quotes. */
  private record Snippet(String document, int line, String code, Optional<Path> quoted) {

    JavaFileObject source() {
      String name = "Line" + line + "Of" + document.replaceAll("\\W", "_");
      boolean types = TYPE.matcher(code).find();
      // All that is added before the code is one line, so that lines of the two can be compared.
      String imports =
          IMPORT.matcher(code).results().map(MatchResult::group).collect(Collectors.joining(" "));
      String rest = IMPORT.matcher(code).replaceAll("");
      String text =
          (IMPORTS + " " + imports)
              + (" abstract class " + name + " { " + VARIABLES)
              + (types ? "\n" + rest + "}" : " void run() throws Exception {\n" + rest + "}}");
      return new Source(this, URI.create("string:///" + name + ".java"), text);
    }

    /**
     * Whether this is code of a module that is not on the class path here, and compiles it itself.
     */
    boolean quotes(String module) {
      return quoted.isPresent() && quoted.get().startsWith(module);
    }

    String place(long lineOfSource) {
      return document + ":" + (line + lineOfSource - 1);
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final Snippet snippet;
    private final String text;

    Source(Snippet snippet, URI name, String text) {
      super(name, Kind.SOURCE);
      this.snippet = snippet;
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  @Test
  void snippets_compile() throws IOException {
    assertThat(errors(snippets().stream().filter(s -> !s.quotes("udge-spark")).toList())).isEmpty();
  }

  @Test
  void snippets_in_javadoc_compile() throws IOException {
    assertThat(errors(javadocSnippets())).isEmpty();
  }

  @Test
  void quotes_are_what_the_quoted_file_says() throws IOException {
    List<Snippet> quotes = snippets().stream().filter(s -> s.quoted.isPresent()).toList();
    assertThat(quotes).isNotEmpty();
    for (Snippet quote : quotes) {
      String original = Files.readString(ROOT.resolve(quote.quoted.orElseThrow()));
      assertThat(withoutIndentation(original))
          .as("what %s quotes", quote.place(1))
          .contains(withoutIndentation(quote.code));
    }
  }

  @Test
  void errors_name_file_line_and_what_is_wrong() {
    String document = "Text.\n\n```java\nint one = 1;\nString two = one;\n```\n";
    assertThat(errors(snippets("guide.md", document)))
        .singleElement()
        .asString()
        .startsWith("guide.md:5: incompatible types: int cannot be converted to");
  }

  private List<String> errors(List<Snippet> snippets) {
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    List<String> options =
        List.of(
            "-proc:none",
            "-d",
            classes.toString(),
            "-classpath",
            System.getProperty("java.class.path"));
    ToolProvider.getSystemJavaCompiler()
        .getTask(
            null, null, diagnostics, options, null, snippets.stream().map(Snippet::source).toList())
        .call();
    return diagnostics.getDiagnostics().stream()
        .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
        .map(DocumentationTest::message)
        .toList();
  }

  private static String message(Diagnostic<? extends JavaFileObject> diagnostic) {
    String message = diagnostic.getMessage(Locale.ROOT);
    return diagnostic.getSource() instanceof Source source
        ? source.snippet.place(diagnostic.getLineNumber()) + ": " + message
        : message;
  }

  private static List<Snippet> snippets() throws IOException {
    List<Snippet> all = new ArrayList<>();
    for (Path document : Documents.all()) {
      List<Snippet> found =
          snippets(ROOT.relativize(document).toString(), Files.readString(document));
      all.addAll(found);
    }
    assertThat(all).extracting(Snippet::document).contains("README.md", "docs/guide.md");
    return all;
  }

  private static List<Snippet> javadocSnippets() throws IOException {
    List<Snippet> all = new ArrayList<>();
    for (Path source : sources()) {
      String text = Files.readString(source).replace("\r\n", "\n");
      String name = ROOT.relativize(source).toString().replace('\\', '/');
      Matcher block = JAVADOC_BLOCK.matcher(text);
      int found = 0;
      for (; block.find(); found++) {
        int line = (int) text.substring(0, block.start("code")).lines().count();
        String code = block.group("code").replaceAll("(?m)^ *\\* ?", "");
        all.add(new Snippet(name, line, code, Optional.empty()));
      }
      assertThat(text.split("<pre>\\{@code", -1))
          .as("%s: every snippet begins below <pre>{@code and ends above }</pre>", name)
          .hasSize(found + 1);
    }
    assertThat(all)
        .extracting(Snippet::document)
        .contains("udge-core/src/main/java/org/udge/EnergyModel.java");
    return all;
  }

  private static List<Path> sources() throws IOException {
    List<Path> sources = new ArrayList<>();
    for (String module : List.of("udge-core", "udge-datasets", "udge-onnx", "udge-examples")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
        files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(sources::add);
      }
    }
    return sources;
  }

  private static List<Snippet> snippets(String document, String text) {
    String unix = text.replace("\r\n", "\n");
    List<Snippet> found = new ArrayList<>();
    Matcher block = BLOCK.matcher(unix);
    while (block.find()) {
      int line = (int) unix.substring(0, block.start("code")).lines().count();
      Optional<Path> quoted = Optional.ofNullable(block.group("quoted")).map(Path::of);
      found.add(new Snippet(document.replace('\\', '/'), line, block.group("code"), quoted));
    }
    return found;
  }

  private static String withoutIndentation(String code) {
    return code.lines().map(String::strip).collect(Collectors.joining("\n"));
  }
}
