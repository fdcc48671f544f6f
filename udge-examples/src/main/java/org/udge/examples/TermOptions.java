package org.udge.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.ConditionalSGLD;
import org.udge.loss.ContrastiveForm;
import org.udge.loss.CrossEntropy;
import org.udge.loss.LossTerm;
import org.udge.loss.MarginalContrastive;
import org.udge.loss.MarginalSGLD;
import org.udge.loss.NegativeQueueSettings;
import org.udge.loss.QueueStart;
import org.udge.sampling.Replay;
import org.udge.training.Objective;
import picocli.CommandLine.Option;

/** What is minimised: a sum of terms, each with a weight of its own. */
final class TermOptions {

  static final String WEIGHTS = "--pyxce, --pxycontrast, --pxcontrast, --pxsgld or --pxysgld";

  @Option(
      names = "--pyxce",
      defaultValue = "0",
      converter = Numbers.NotNegative.class,
      description = "Weight of -log p(y|x), the cross entropy. Default: ${DEFAULT-VALUE}.")
  double crossEntropy;

  @Option(
      names = "--pxycontrast",
      defaultValue = "0",
      converter = Numbers.NotNegative.class,
      description =
          "Weight of -log p(x|y) by contrast with other images: HDGE is --pyxce 1 --pxycontrast 1."
              + " Default: ${DEFAULT-VALUE}.")
  double conditionalContrast;

  @Option(
      names = "--pxcontrast",
      defaultValue = "0",
      converter = Numbers.NotNegative.class,
      description = "Weight of -log p(x) by contrast. Default: ${DEFAULT-VALUE}.")
  double marginalContrast;

  @Option(
      names = "--pxsgld",
      defaultValue = "0",
      converter = Numbers.NotNegative.class,
      description =
          "Weight of -log p(x) by Langevin samples: JEM is --pyxce 1 --pxsgld 1. Takes about ten"
              + " times as long as without. Default: ${DEFAULT-VALUE}.")
  double marginalSgld;

  @Option(
      names = "--pxysgld",
      defaultValue = "0",
      converter = Numbers.NotNegative.class,
      description = "Weight of -log p(x|y) by Langevin samples. Default: ${DEFAULT-VALUE}.")
  double conditionalSgld;

  @Option(
      names = "--class_cond_p_x_sample",
      description =
          "Draw the samples of --pxsgld from p(y) p(x|y) rather than p(x): better pictures, lower"
              + " accuracy.")
  boolean classConditional;

  @Option(
      names = "--uncond",
      description =
          "Use the model as one of p(x) alone: --pxysgld, --class_cond_p_x_sample and --plot_cond are"
              + " refused.")
  boolean unconditional;

  @Option(
      names = "--contrast_k",
      defaultValue = "65536",
      converter = Numbers.AtLeastOne.class,
      description =
          "Negatives in the queue. 256 already bring most of the gain in detecting outsiders (the"
              + " paper's table 3). Default: ${DEFAULT-VALUE}.")
  int negatives;

  @Option(
      names = "--contrast_t",
      defaultValue = "0.1",
      converter = Numbers.Positive.class,
      description = "Temperature of the contrastive terms. Default: ${DEFAULT-VALUE}.")
  double temperature;

  @Option(
      names = "--contrast_form",
      defaultValue = "reference",
      description =
          "Score of --pxycontrast: reference (what the published program computes) or paper (what the"
              + " paper writes). Default: ${DEFAULT-VALUE}.")
  ContrastiveForm form;

  @Option(
      names = "--smoothing",
      defaultValue = "0",
      converter = Numbers.FractionBelowOne.class,
      description =
          "Label smoothing of --pyxce and --pxycontrast: this share goes to the other classes."
              + " Default: ${DEFAULT-VALUE}.")
  double smoothing;

  boolean none() {
    return crossEntropy + conditionalContrast + marginalContrast + marginalSgld + conditionalSgld
        == 0;
  }

  boolean samples() {
    return marginalSgld > 0 || conditionalSgld > 0;
  }

  /**
   * The terms of positive weight, of which there is one.
   *
   * @param replay there, if a term samples
   */
  Objective objective(QueueStart queueStart, SamplingOptions sampling, Optional<Replay> replay) {
    List<Objective.Weighted> chosen = new ArrayList<>();
    add(chosen, crossEntropy, CrossEntropy.ofDefaults().smoothing(smoothing));
    add(chosen, conditionalContrast, conditionalContrast(queueStart));
    add(
        chosen,
        marginalContrast,
        MarginalContrastive.ofDefaults().temperature(temperature).queue(queue(queueStart)));
    replay.ifPresent(buffer -> addSampled(chosen, sampling, buffer));
    Objective sum = Objective.of(chosen.get(0).weight(), chosen.get(0).term());
    for (Objective.Weighted next : chosen.subList(1, chosen.size())) {
      sum = sum.plus(next.weight(), next.term());
    }
    return sum;
  }

  ConditionalContrastive conditionalContrast(QueueStart queueStart) {
    return ConditionalContrastive.ofDefaults()
        .form(form)
        .temperature(temperature)
        .smoothing(smoothing)
        .queue(queue(queueStart));
  }

  private NegativeQueueSettings queue(QueueStart start) {
    return NegativeQueueSettings.ofDefaults().capacity(negatives).start(start);
  }

  private void addSampled(
      List<Objective.Weighted> chosen, SamplingOptions sampling, Replay replay) {
    add(
        chosen,
        marginalSgld,
        MarginalSGLD.ofDefaults()
            .langevin(sampling.langevin())
            .replay(replay)
            .batchSize(sampling.batchSize)
            .classConditional(classConditional)
            .energyPenalty(sampling.energyPenalty));
    add(
        chosen,
        conditionalSgld,
        ConditionalSGLD.ofDefaults()
            .langevin(sampling.langevin())
            .replay(replay)
            .energyPenalty(sampling.energyPenalty));
  }

  private static void add(List<Objective.Weighted> chosen, double weight, LossTerm term) {
    if (weight > 0) {
      chosen.add(new Objective.Weighted(weight, term));
    }
  }
}
