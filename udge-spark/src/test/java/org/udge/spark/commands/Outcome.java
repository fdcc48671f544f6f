package org.udge.spark.commands;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** How a program ended, and what it said of errors. */
record Outcome(int status, String errors) {

  static Outcome of(Callable<Integer> program, String... arguments) {
    StringWriter errors = new StringWriter();
    CommandLine line = Program.commandLine(program).setErr(new PrintWriter(errors, true));
    return new Outcome(line.execute(arguments), errors.toString());
  }
}
