package org.udge.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class CliTest {

  /** Fails as it is told to. */
  @Command(name = "fail")
  private static final class Fail implements Callable<Integer> {
    @Option(names = "--pyxce")
    private boolean crossEntropy;

    @Option(names = "--pxsgld")
    private boolean samples;

    private final Callable<Integer> how;

    Fail(Callable<Integer> how) {
      this.how = how;
    }

    @Override
    public Integer call() throws Exception {
      return how.call();
    }
  }

  private static String error(int status, Callable<Integer> how, String... args) {
    StringWriter err = new StringWriter();
    CommandLine line = Cli.commandLine(new Fail(how)).setErr(new PrintWriter(err, true));
    assertThat(line.execute(args)).isEqualTo(status);
    assertThat(err.toString()).hasLineCount(1);
    return err.toString().strip();
  }

  private static String failure(Throwable failure) {
    return error(
        1,
        () -> {
          if (failure instanceof Error error) {
            throw error;
          }
          throw (Exception) failure;
        });
  }

  @Test
  void a_full_heap_ends_in_one_line_with_advice() {
    assertThat(failure(new OutOfMemoryError("Java heap space")))
        .matches(
            "fail: out of memory: the Java heap may have [0-9.]+ GB\\. Give it more, java -Xmx8g"
                + " -jar \\.\\.\\., or use smaller batches, buffers or networks");
    assertThat(failure(new OutOfMemoryError("Requested array size exceeds VM limit")))
        .contains("the Java heap");
    assertThat(failure(new CompletionException(new OutOfMemoryError("Java heap space"))))
        .as("in another thread")
        .contains("-Xmx8g");
  }

  @Test
  void full_memory_outside_the_heap_ends_in_one_line_with_advice() {
    String message =
        failure(
            new IllegalStateException(
                new OutOfMemoryError("Failed to allocate memory within limits:\n 8G > 4G")));
    assertThat(message)
        .contains(
            "out of memory outside the Java heap (Failed to allocate memory within limits: 8G")
        .contains("-Dorg.bytedeco.javacpp.maxbytes=");
  }

  @Test
  void failures_of_files_say_more_than_the_files_name() {
    assertThat(failure(new AccessDeniedException("model.zip")))
        .isEqualTo("fail: no permission for model.zip: allow access (chmod), or choose another");
    assertThat(failure(new UncheckedIOException(new NoSuchFileException("model.zip"))))
        .isEqualTo("fail: no such file or folder: model.zip");
    assertThat(failure(new NotDirectoryException("model.zip")))
        .isEqualTo("fail: model.zip is a file, where a folder is expected");
    assertThat(failure(new FileSystemLoopException("a/a"))).isEqualTo("fail: a/a: FileSystemLoop");
    assertThat(failure(new FileSystemException("a", null, "Input/output error")))
        .isEqualTo("fail: a: Input/output error");
    assertThat(failure(new IOException("no\nlines"))).isEqualTo("fail: no lines");
  }

  @Test
  void a_mistyped_flag_is_led_to_the_right_one() {
    assertThat(error(2, () -> 0, "--pxyce", "1"))
        .contains("'--pxyce'")
        .contains("Did you mean --pyxce?");
    assertThat(error(2, () -> 0, "--pxsgd=1")).contains("Did you mean --pxsgld?");
    assertThat(error(2, () -> 0, "--unheard_of")).doesNotContain("Did you mean");
  }

  @Test
  void letters_exchanged_are_one_mistake() {
    assertThat(Spelling.distance("pyxce", "pxyce")).isEqualTo(1);
    assertThat(Spelling.distance("", "abc")).isEqualTo(3);
    assertThat(Spelling.distance("kitten", "sitting")).isEqualTo(3);
    assertThat(Spelling.nearest("evla", List.of("eval", "train", "score"))).containsExactly("eval");
  }
}
