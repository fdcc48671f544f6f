package org.udge.spark.commands;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.spark.data.ExecutorException;
import picocli.CommandLine;

/**
 * Parses, runs and exits the programs of this package, with status 0 success, 1 failure, 2 usage
 * error. A failure is reported in one line; the log has its stack trace at level DEBUG.
 */
final class Program {

  private static final Logger LOG = LoggerFactory.getLogger(Program.class);
  private static final int FAILED = 1;

  private Program() {}

  /** The body of a program's {@code main}. The process continues if nothing failed. */
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

  /** The message of an executor, without Spark's additions. */
  private static String message(Exception failure) {
    Optional<ExecutorException> executor = ExecutorException.find(failure);
    Throwable told = executor.isPresent() ? executor.get() : failure;
    String message = told.getMessage() == null ? told.toString() : told.getMessage();
    return message.lines().findFirst().orElse("");
  }
}
