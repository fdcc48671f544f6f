package org.udge.examples;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import picocli.CommandLine;

/** A command run within the test. */
record CommandRun(int status, String out, String err) {

  static CommandRun of(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Main.commandLine();
    line.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    String[] texts = Arrays.stream(args).map(Object::toString).toArray(String[]::new);
    return new CommandRun(line.execute(texts), out.toString(), err.toString());
  }
}
