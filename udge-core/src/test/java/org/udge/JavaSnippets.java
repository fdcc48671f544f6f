package org.udge;

import static java.util.Objects.requireNonNull;

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

/**
 * Finds the Java of documents and of Javadoc, and compiles it: for the tests of the modules.
 * docs/contributing.md describes how it is written.
 */
public final class JavaSnippets {

  private static final Pattern MARKDOWN_BLOCK =
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

  /** A block of code, the line of the document before its first, and the file it quotes. */
  public record Snippet(String document, int line, String code, Optional<Path> quoted) {

    /** Whether it quotes a file of a module, which compiles it. */
    public boolean quotes(String module) {
      return quoted.isPresent() && quoted.get().startsWith(module);
    }

    /** Document and line, for messages. */
    public String place(long lineOfCode) {
      return document + ":" + (line + lineOfCode - 1);
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

  private final List<String> imports;
  private final String variables;

  private JavaSnippets(List<String> imports, String variables) {
    this.imports = imports;
    this.variables = variables;
  }

  /**
   * What snippets may use without saying so.
   *
   * @param imports classes and packages, as in import statements
   * @param variables declarations of fields
   */
  public static JavaSnippets with(List<String> imports, String variables) {
    return new JavaSnippets(imports, variables);
  }

  /** The snippets of a document in Markdown. */
  public static List<Snippet> ofMarkdown(String document, String text) {
    String unix = text.replace("\r\n", "\n");
    List<Snippet> found = new ArrayList<>();
    Matcher block = MARKDOWN_BLOCK.matcher(unix);
    while (block.find()) {
      int line = (int) unix.substring(0, block.start("code")).lines().count();
      Optional<Path> quoted = Optional.ofNullable(block.group("quoted")).map(Path::of);
      found.add(
          new Snippet(
              document.replace('\\', '/'), line, requireNonNull(block.group("code")), quoted));
    }
    return found;
  }

  /**
   * The snippets in the Javadoc of a module's main code.
   *
   * @param root the folder of all modules
   * @param module the module's folder in it
   * @throws AssertionError if a block begins or ends on a line with something else
   */
  public static List<Snippet> ofJavadoc(Path root, String module) throws IOException {
    List<Snippet> all = new ArrayList<>();
    List<Path> sources;
    try (Stream<Path> files = Files.walk(root.resolve(module).resolve("src/main/java"))) {
      sources = files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
    for (Path source : sources) {
      String text = Files.readString(source).replace("\r\n", "\n");
      String name = root.relativize(source).toString().replace('\\', '/');
      int before = all.size();
      Matcher block = JAVADOC_BLOCK.matcher(text);
      while (block.find()) {
        int line = (int) text.substring(0, block.start("code")).lines().count();
        String code = requireNonNull(block.group("code")).replaceAll("(?m)^ *\\* ?", "");
        all.add(new Snippet(name, line, code, Optional.empty()));
      }
      if (text.split("<pre>\\{@code", -1).length != all.size() - before + 1) {
        throw new AssertionError(
            name + ": every snippet must begin below <pre>{@code and end above }</pre>");
      }
    }
    return all;
  }

  /**
   * Compiles snippets.
   *
   * @param snippets all in one go
   * @param classes a folder for class files
   * @return errors, each with document and line
   */
  public List<String> errors(List<Snippet> snippets, Path classes) {
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
            null, null, diagnostics, options, null, snippets.stream().map(this::source).toList())
        .call();
    return diagnostics.getDiagnostics().stream()
        .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
        .map(JavaSnippets::message)
        .toList();
  }

  private JavaFileObject source(Snippet snippet) {
    String code = snippet.code();
    String name = "Line" + snippet.line() + "Of" + snippet.document().replaceAll("\\W", "_");
    boolean types = TYPE.matcher(code).find();
    // All that is added before the code is one line, so that lines of the two can be compared.
    String head =
        Stream.concat(
                imports.stream().map(imported -> "import " + imported + ";"),
                IMPORT.matcher(code).results().map(MatchResult::group))
            .collect(Collectors.joining(" "));
    String rest = IMPORT.matcher(code).replaceAll("");
    String text =
        head
            + (" abstract class " + name + " { " + variables)
            + (types ? "\n" + rest + "}" : " void run() throws Exception {\n" + rest + "}}");
    return new Source(snippet, URI.create("string:///" + name + ".java"), text);
  }

  private static String message(Diagnostic<? extends JavaFileObject> diagnostic) {
    String message = diagnostic.getMessage(Locale.ROOT);
    return diagnostic.getSource() instanceof Source source
        ? source.snippet.place(diagnostic.getLineNumber()) + ": " + message
        : message;
  }
}
