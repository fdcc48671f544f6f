package org.udge.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/** A command run within the test. */
public record CommandRun(int status, String out, String err) {

  public static CommandRun of(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    String[] texts = Arrays.stream(args).map(Object::toString).toArray(String[]::new);
    return new CommandRun(line.execute(texts), out.toString(), err.toString());
  }

  /** The run folder that a command made. */
  public static Path onlyFolder(Path logs) throws IOException {
    try (Stream<Path> folders = Files.list(logs)) {
      List<Path> all = folders.toList();
      assertThat(all).hasSize(1);
      return all.get(0);
    }
  }
}
