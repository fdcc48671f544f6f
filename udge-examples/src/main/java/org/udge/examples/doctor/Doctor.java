package org.udge.examples.doctor;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.udge.examples.cli.Cli;
import org.udge.examples.cli.DebugOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Reports the engines of this machine, and checks that they compute correctly. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    header = "Shows versions, backend, engines, CPU and GPUs, and checks their results.",
    description = {
      "",
      "Runs small networks with every norm on each engine that this machine has, and compares"
          + " logits,"
          + " gradients of the images and gradients of the parameters with those of"
          + " Deeplearning4j's own"
          + " layers, and those with finite differences. Takes about a minute. Include the output"
          + " in a problem report: it names no file and no user.",
      "",
      "Exit status: 0 if every check passed, 1 if one failed."
    })
public final class Doctor extends DebugOption implements Callable<Integer> {

  @Spec private CommandSpec spec;

  /** The command, for the runnable jar. */
  public Doctor() {}

  /**
   * Runs the command and exits the process.
   *
   * @param args its flags
   */
  public static void main(String... args) {
    Cli.runAndExit(new Doctor(), args);
  }

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    for (Map.Entry<String, String> fact : Facts.collect().entrySet()) {
      out.println(fact.getKey() + ": " + fact.getValue());
    }
    out.println();
    List<Check> failed = SelfCheck.run(out::println);
    out.println();
    out.println(
        failed.isEmpty() ? "all checks passed" : failed.size() + " checks failed, see above");
    return failed.isEmpty() ? 0 : Cli.FAILED;
  }
}
