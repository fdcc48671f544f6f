package org.udge.examples.eval;

import java.nio.file.Path;
import org.udge.examples.cli.Numbers;
import picocli.CommandLine.Option;

/** Where the results of an evaluation go. */
final class EvaluationRun {

  @Option(
      names = "--log_dir",
      defaultValue = "runs",
      description =
          "Folder of results; this run makes LOG_DIR/ID-<time>-<random>. Default: ${DEFAULT-VALUE}.")
  Path logs;

  @Option(
      names = "--id",
      defaultValue = "eval",
      description = "First part of the folder's name. Default: ${DEFAULT-VALUE}.")
  String id;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Root of everything random. Default: ${DEFAULT-VALUE}.")
  long seed;

  @Option(
      names = "--print_every",
      defaultValue = "10",
      converter = Numbers.AtLeastOne.class,
      description = "Rounds of sampling between grids. Default: ${DEFAULT-VALUE}.")
  int printEvery;
}
