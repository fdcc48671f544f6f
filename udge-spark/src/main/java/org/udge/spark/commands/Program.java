package org.udge.spark.commands;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.spark.data.ExecutorException;
import picocli.CommandLine;

/**
 * How the programs of this package are read, run and ended: with status 0 done, 1 failed, 2 wrong
 * usage. A failure is told in one line; the log has its stack trace at level DEBUG.
 */
final class Program {

  private static final Logger LOG = LoggerFactory.getLogger(Program.class);
  private static final int FAILED = 1;

  private Program() {}

  /** What a program's {@code main} does. This process goes on if nothing went wrong. */
  @SuppressWarnings("SystemExitOutsideMain") // Every program's main ends here.
  static void main(Callable<Integer> program, String... arguments) {
    int status = commandLine(program).execute(arguments);
    if (status != 0) {
      System.exit(status);
    }
  }

  static CommandLine commandLine(Callable<Integer> program) {
    return new CommandLine(program)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpWidth(110)
        .setExecutionExceptionHandler(
            (failure, line, result) -> {
              String name = line.getCommandSpec().qualifiedName();
              LOG.debug("{} failed", name, failure);
              line.getErr().println(name + ": " + message(failure));
              return FAILED;
            });
  }

  /** What an executor says of itself, without what Spark adds to it. */
  private static String message(Exception failure) {
    Optional<ExecutorException> executor = ExecutorException.find(failure);
    Throwable told = executor.isPresent() ? executor.get() : failure;
    String message = told.getMessage() == null ? told.toString() : told.getMessage();
    return message.lines().findFirst().orElse("");
  }
}
