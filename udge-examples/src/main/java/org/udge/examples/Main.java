package org.udge.examples;

import org.udge.Provenance;
import org.udge.examples.attack.Attack;
import org.udge.examples.bench.Bench;
import org.udge.examples.cli.Cli;
import org.udge.examples.doctor.Doctor;
import org.udge.examples.download.Download;
import org.udge.examples.eval.Eval;
import org.udge.examples.export.Export;
import org.udge.examples.report.Report;
import org.udge.examples.score.Score;
import org.udge.examples.study.Study;
import org.udge.examples.train.Train;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The runnable jar: one program with all commands. */
@Command(
    name = "udge",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    header = "Energy-based classifiers: train, evaluate, sample, serve.",
    description = {
      "",
      "Start with: java -jar udge-examples.jar quickstart",
      "Every command explains its flags: java -jar udge-examples.jar COMMAND --help"
    },
    footer = {"", "Exit status: 0 success, 1 failure, 2 usage error."},
    subcommands = {
      Quickstart.class,
      Train.class,
      Eval.class,
      Attack.class,
      Study.class,
      Score.class,
      Report.class,
      Export.class,
      Download.class,
      Bench.class,
      Doctor.class,
      AutoComplete.GenerateCompletion.class
    })
public final class Main implements Runnable {

  @Spec private CommandSpec spec;

  private Main() {}

  /**
   * Runs a command and exits the process.
   *
   * @param args the command and its flags
   */
  public static void main(String... args) {
    Cli.runAndExit(new Main(), args);
  }

  /** A command line with all commands, for tests. */
  static picocli.CommandLine commandLine() {
    return Cli.commandLine(new Main());
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "say which command: " + String.join(", ", spec.subcommands().keySet()));
  }

  /** The library's version. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"udge " + Provenance.version()};
    }
  }
}
