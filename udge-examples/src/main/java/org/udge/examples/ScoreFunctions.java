package org.udge.examples;

import java.util.List;
import org.udge.evaluation.OutOfDistributionScore;
import org.udge.evaluation.OutOfDistributionScores;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Out-of-distribution scores by name. */
final class ScoreFunctions {

  static final String NAMES = "px, py, pxgrad, pxsim, max_logit, entropy, energy, odin";

  private static final List<String> PLAIN = List.of("px", "py", "pxgrad", "max_logit", "entropy");

  /** Published settings of ODIN. */
  private static final double ODIN_TEMPERATURE = 1000;

  private static final double ODIN_EPSILON = 0.0014;

  private ScoreFunctions() {}

  /**
   * A score.
   *
   * @param temperature of {@code energy}
   * @param line for errors
   */
  static OutOfDistributionScore named(
      String name, double temperature, LoadedModel model, CommandLine line) {
    if (PLAIN.contains(name)) {
      return OutOfDistributionScores.named(name);
    }
    return switch (name) {
      case "energy" -> OutOfDistributionScores.energy(temperature);
      case "odin" -> OutOfDistributionScores.odin(ODIN_TEMPERATURE, ODIN_EPSILON);
      case "pxsim" ->
          OutOfDistributionScores.contrastiveSimilarity(
              model
                  .queue()
                  .orElseThrow(
                      () ->
                          new ParameterException(
                              line,
                              "--score_fn pxsim needs the queue of a model trained with"
                                  + " --pxycontrast or --pxcontrast, beside it in last.state or in"
                                  + " the .pt file; this model has none")));
      default ->
          throw new ParameterException(
              line, "--score_fn must be one of " + NAMES + ", was '" + name + "'");
    };
  }
}
