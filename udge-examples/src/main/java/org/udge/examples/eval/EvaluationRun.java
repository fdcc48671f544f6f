package org.udge.examples.eval;

import org.udge.examples.cli.Numbers;
import org.udge.examples.cli.RunPlace;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The location of an evaluation's results. */
final class EvaluationRun {

  @Mixin RunPlace place = new RunPlace("eval");

  @Option(
      names = "--print_every",
      defaultValue = "10",
      converter = Numbers.AtLeastOne.class,
      description = "Rounds of sampling between grids. Default: ${DEFAULT-VALUE}.")
  int printEvery;
}
