package org.udge.examples.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.udge.examples.cli.Numbers;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.ConditionalSGLD;
import org.udge.loss.ContrastiveForm;
import org.udge.loss.CrossEntropy;
import org.udge.loss.ImageGroup;
import org.udge.loss.LossTerm;
import org.udge.loss.MarginalContrastive;
import org.udge.loss.MarginalSGLD;
import org.udge.loss.NegativeQueueSettings;
import org.udge.sampling.Replay;
import org.udge.training.Objective;
import picocli.CommandLine.Option;

/** What is minimized: a sum of terms, each with a weight of its own. */
final class TermOptions {

  static final String WEIGHTS =
      "--pyxce, --pxycontrast, --alpha, --pxcontrast, --pxsgld or --pxysgld";

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
      names = "--alpha",
      converter = Numbers.Fraction.class,
      description =
          "The paper's weights: this much of -log p(y|x) and 1 minus this of -log p(x|y) by contrast,"
              + " in place of --pyxce and --pxycontrast. Default: not used.")
  Double alpha;

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
          "Only refuses --pxysgld, --class_cond_p_x_sample and --plot_cond 1, for runs that shall model"
              + " p(x) alone; changes nothing else.")
  boolean unconditional;

  @Option(
      names = "--contrast_k",
      defaultValue = "65536",
      converter = Numbers.Capacity.class,
      description =
          "Negatives in the queue. 256 already bring most of the gain in out-of-distribution detection (the"
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

  /**
   * What the terms count in the end.
   *
   * @param crossEntropy of -log p(y|x)
   * @param conditionalContrast of -log p(x|y) by contrast
   * @param marginalContrast of -log p(x) by contrast
   * @param marginalSgld of -log p(x) by samples
   * @param conditionalSgld of -log p(x|y) by samples
   */
  record Weights(
      double crossEntropy,
      double conditionalContrast,
      double marginalContrast,
      double marginalSgld,
      double conditionalSgld) {

    boolean none() {
      return crossEntropy == 0 && !contrast() && !sample();
    }

    boolean contrast() {
      return conditionalContrast > 0 || marginalContrast > 0;
    }

    boolean sample() {
      return marginalSgld > 0 || conditionalSgld > 0;
    }
  }

  Weights weights(CompatOptions compat) {
    double ofConditional = alpha == null ? conditionalContrast : 1 - alpha;
    return new Weights(
        alpha == null ? crossEntropy : alpha,
        ofConditional,
        shared(compat.pxContrastSharesWeight(), marginalContrast, ofConditional),
        marginalSgld,
        shared(compat.pxySgldSharesWeight(), conditionalSgld, marginalSgld));
  }

  /** Whether a term reads images whose labels are not used. */
  boolean readUnlabeled(CompatOptions compat) {
    Weights weights = weights(compat);
    return weights.marginalSgld > 0
        || (weights.marginalContrast > 0 && !compat.pxContrastLabeled());
  }

  private static double shared(boolean shares, double own, double others) {
    return shares && own > 0 ? others : own;
  }

  /** What is wrong with the weights, taken together. */
  Optional<String> complaint(CompatOptions compat) {
    if (alpha != null && (crossEntropy > 0 || conditionalContrast > 0)) {
      return Optional.of(
          "--alpha stands for --pyxce and --pxycontrast: give either it or these, not both");
    }
    if (!weights(compat).none()) {
      return Optional.empty();
    }
    return Optional.of(
        marginalContrast > 0 || conditionalSgld > 0
            ? "nothing to minimize: as --compat says, --pxcontrast has the weight of --pxycontrast and"
                + " --pxysgld that of --pxsgld; give these a weight above 0, or set"
                + " --pxcontrast_shares_weight 0 or --pxysgld_shares_weight 0"
            : "nothing to minimize: give at least one of " + WEIGHTS + " a weight above 0");
  }

  /**
   * The terms of positive weight, of which there is one.
   *
   * @param replay there, if a term samples
   */
  Objective objective(CompatOptions compat, SamplingOptions sampling, Optional<Replay> replay) {
    Weights weights = weights(compat);
    List<Objective.Weighted> chosen = new ArrayList<>();
    add(chosen, weights.crossEntropy, CrossEntropy.ofDefaults().withSmoothing(smoothing));
    // The first of them feeds the queue; where both do, their order is the published program's.
    boolean marginalFirst = compat.queueFeeding() == CompatOptions.QueueFeeding.EACH_TERM;
    if (marginalFirst) {
      add(chosen, weights.marginalContrast, marginalContrast(compat, sampling));
    }
    add(chosen, weights.conditionalContrast, conditionalContrast(compat));
    if (!marginalFirst) {
      add(chosen, weights.marginalContrast, marginalContrast(compat, sampling));
    }
    replay.ifPresent(buffer -> addSampled(chosen, weights, sampling, buffer));
    Objective sum = Objective.of(chosen.get(0).weight(), chosen.get(0).term());
    for (Objective.Weighted next : chosen.subList(1, chosen.size())) {
      sum = sum.plus(next.weight(), next.term());
    }
    return sum;
  }

  ConditionalContrastive conditionalContrast(CompatOptions compat) {
    return ConditionalContrastive.ofDefaults()
        .withForm(form)
        .withTemperature(temperature)
        .withSmoothing(smoothing)
        .withQueue(queue(compat));
  }

  private MarginalContrastive marginalContrast(CompatOptions compat, SamplingOptions sampling) {
    return MarginalContrastive.ofDefaults()
        .withGroup(compat.pxContrastLabeled() ? ImageGroup.LABELED : ImageGroup.UNLABELED)
        .withTemperature(temperature)
        .withQueue(queue(compat))
        .withEnergyPenalty(sampling.energyPenalty);
  }

  private NegativeQueueSettings queue(CompatOptions compat) {
    return NegativeQueueSettings.ofCapacity(negatives).withStart(compat.queueStart());
  }

  private void addSampled(
      List<Objective.Weighted> chosen, Weights weights, SamplingOptions sampling, Replay replay) {
    add(
        chosen,
        weights.marginalSgld,
        MarginalSGLD.ofDefaults()
            .withLangevin(sampling.langevin())
            .withReplay(replay)
            .withBatchSize(sampling.batchSize)
            .withClassConditional(classConditional)
            .withEnergyPenalty(sampling.energyPenalty));
    add(
        chosen,
        weights.conditionalSgld,
        ConditionalSGLD.ofDefaults()
            .withLangevin(sampling.langevin())
            .withReplay(replay)
            .withEnergyPenalty(sampling.energyPenalty));
  }

  private static void add(List<Objective.Weighted> chosen, double weight, LossTerm term) {
    if (weight > 0) {
      chosen.add(new Objective.Weighted(weight, term));
    }
  }
}
