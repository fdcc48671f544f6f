package org.udge.examples.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.udge.data.ImageSource;
import org.udge.examples.cli.Numbers;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.ConditionalSGLD;
import org.udge.loss.ContrastiveForm;
import org.udge.loss.CrossEntropy;
import org.udge.loss.EnergyDiscrepancy;
import org.udge.loss.EnergyMargin;
import org.udge.loss.ImageGroup;
import org.udge.loss.LossTerm;
import org.udge.loss.MarginalContrastive;
import org.udge.loss.MarginalSGLD;
import org.udge.loss.NegativeQueueSettings;
import org.udge.loss.RegMixup;
import org.udge.sampling.Replay;
import org.udge.training.Objective;
import picocli.CommandLine.Option;

/** The objective: a weighted sum of terms. */
final class TermOptions {

  static final String WEIGHTS =
      "--pyxce, --pxycontrast, --alpha, --pxcontrast, --pxsgld, --pxysgld, --regmixup,"
          + " --energy_margin or --energy_discrepancy";

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
          "The paper's weights: this weight for -log p(y|x), and 1 minus it for -log p(x|y) by"
              + " contrast, instead of --pyxce and --pxycontrast. Default: not used.")
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
      names = "--regmixup",
      defaultValue = "0",
      converter = Numbers.NotNegative.class,
      description =
          "Weight of the cross entropy of mixed images, in addition to --pyxce: .5 with --pyxce 1."
              + " Default: ${DEFAULT-VALUE}.")
  double regMixup;

  @Option(
      names = "--regmixup_alpha",
      defaultValue = "10",
      converter = Numbers.Positive.class,
      description =
          "The mixing ratio of --regmixup is drawn from Beta(a, a) with this a. Default:"
              + " ${DEFAULT-VALUE}.")
  double regMixupAlpha;

  @Option(
      names = "--energy_margin",
      defaultValue = "0",
      converter = Numbers.NotNegative.class,
      description =
          "Weight of squared excesses of energies over margins, with the foreign images of"
              + " --outliers: .1 fine-tunes a trained run (--load_path) within a few epochs."
              + " Default:"
              + " ${DEFAULT-VALUE}.")
  double energyMargin;

  @Option(
      names = "--outliers",
      description =
          "Foreign images of --energy_margin: fractals, cifar10+patches or any other set of images."
              + " Default: none.")
  String outliers;

  @Option(
      names = "--margin_data",
      converter = Numbers.Finite.class,
      description =
          "Margin below which energies of data should be, in nats; used with --margin_foreign."
              + " Default: mean energy of data of the network when --energy_margin begins.")
  Double dataMargin;

  @Option(
      names = "--margin_foreign",
      converter = Numbers.Finite.class,
      description =
          "Margin above which energies of --outliers should be, in nats, above --margin_data."
              + " Default: their mean, but at least a standard deviation above the margin of data.")
  Double foreignMargin;

  @Option(
      names = "--energy_discrepancy",
      defaultValue = "0",
      converter = Numbers.NotNegative.class,
      description =
          "Weight of -log p(x) by comparison with noised copies: no samples, no divergence."
              + " Default:"
              + " ${DEFAULT-VALUE}.")
  double energyDiscrepancy;

  @Option(
      names = "--discrepancy_noise",
      defaultValue = "0.1",
      converter = Numbers.Positive.class,
      description =
          "Standard deviation of the noise of --energy_discrepancy, for pixels in [-1, 1]. Default:"
              + " ${DEFAULT-VALUE}.")
  double discrepancyNoise;

  @Option(
      names = "--discrepancy_copies",
      defaultValue = "4",
      converter = Numbers.BatchSize.class,
      description = "Noised copies per image of --energy_discrepancy. Default: ${DEFAULT-VALUE}.")
  int discrepancyCopies;

  @Option(
      names = "--logit_norm",
      converter = Numbers.Positive.class,
      description =
          "Compute the cross entropy of logits normalized to length 1 and divided by this"
              + " temperature (.04 in the literature), to prevent confidence from growing with the"
              + " logits. --calibrate then sets the scale."
              + " Default: off.")
  Double logitTemperature;

  @Option(
      names = "--class_cond_p_x_sample",
      description =
          "Draw the samples of --pxsgld from p(y) p(x|y) rather than p(x): better pictures, lower"
              + " accuracy.")
  boolean classConditional;

  @Option(
      names = "--contrast_k",
      defaultValue = "65536",
      converter = Numbers.Capacity.class,
      description =
          "Negatives in the queue. 256 already bring most of the gain in out-of-distribution"
              + " detection (the"
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
          "Score of --pxycontrast: reference (as in the published program) or paper (as in the"
              + " paper). Default: ${DEFAULT-VALUE}.")
  ContrastiveForm form;

  @Option(
      names = "--smoothing",
      defaultValue = "0",
      converter = Numbers.FractionBelowOne.class,
      description =
          "Label smoothing of --pyxce and --pxycontrast: this share is spread over the other"
              + " classes."
              + " Default: ${DEFAULT-VALUE}.")
  double smoothing;

  /**
   * The effective weights of the terms.
   *
   * @param crossEntropy weight of -log p(y|x)
   * @param conditionalContrast weight of -log p(x|y) by contrast
   * @param marginalContrast weight of -log p(x) by contrast
   * @param marginalSgld weight of -log p(x) by samples
   * @param conditionalSgld weight of -log p(x|y) by samples
   * @param regMixup weight of the cross entropy of mixed images
   * @param energyMargin weight of energy margins
   * @param energyDiscrepancy weight of -log p(x) by noised copies
   */
  record Weights(
      double crossEntropy,
      double conditionalContrast,
      double marginalContrast,
      double marginalSgld,
      double conditionalSgld,
      double regMixup,
      double energyMargin,
      double energyDiscrepancy) {

    /** The weights above 0 with their flags. */
    @Override
    public String toString() {
      Map<String, Double> all = new LinkedHashMap<>();
      all.put("pyxce", crossEntropy);
      all.put("pxycontrast", conditionalContrast);
      all.put("pxcontrast", marginalContrast);
      all.put("pxsgld", marginalSgld);
      all.put("pxysgld", conditionalSgld);
      all.put("regmixup", regMixup);
      all.put("energy_margin", energyMargin);
      all.put("energy_discrepancy", energyDiscrepancy);
      all.values().removeIf(weight -> weight == 0);
      return all.entrySet().stream()
          .map(term -> term.getValue() + " " + term.getKey())
          .collect(Collectors.joining(" + "));
    }

    boolean none() {
      return crossEntropy == 0 && !contrast() && !sample() && !bringImages();
    }

    boolean bringImages() {
      return regMixup > 0 || energyMargin > 0 || energyDiscrepancy > 0;
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
        shared(compat.pxySgldSharesWeight(), conditionalSgld, marginalSgld),
        regMixup,
        energyMargin,
        energyDiscrepancy);
  }

  /** Whether a term reads images whose labels are not used. */
  boolean readUnlabeled(CompatOptions compat) {
    Weights weights = weights(compat);
    return weights.marginalSgld > 0
        || weights.energyDiscrepancy > 0
        || (weights.marginalContrast > 0 && !compat.pxContrastLabeled());
  }

  private static double shared(boolean shares, double own, double others) {
    return shares && own > 0 ? others : own;
  }

  /** A complaint about the combination of weights, if any. */
  Optional<String> complaint(CompatOptions compat) {
    if (alpha != null && (crossEntropy > 0 || conditionalContrast > 0)) {
      return Optional.of(
          "--alpha replaces --pyxce and --pxycontrast: give either it or these, not both");
    }
    if (!weights(compat).none()) {
      return ownImagesComplaint();
    }
    return Optional.of(
        marginalContrast > 0 || conditionalSgld > 0
            ? "nothing to minimize: according to --compat, --pxcontrast has the weight of"
                + " --pxycontrast and"
                + " --pxysgld that of --pxsgld; give these a weight above 0, or set"
                + " --pxcontrast_shares_weight 0 or --pxysgld_shares_weight 0"
            : "nothing to minimize: give at least one of " + WEIGHTS + " a weight above 0");
  }

  private Optional<String> ownImagesComplaint() {
    if (energyMargin > 0 && outliers == null) {
      return Optional.of("--energy_margin needs --outliers, a set of foreign images");
    }
    if (energyMargin == 0 && outliers != null) {
      return Optional.of("--outliers belongs to --energy_margin, which has no weight");
    }
    if ((dataMargin == null) != (foreignMargin == null)) {
      return Optional.of("--margin_data and --margin_foreign go together: give both or neither");
    }
    if (dataMargin != null && (energyMargin == 0 || dataMargin >= foreignMargin)) {
      return Optional.of(
          energyMargin == 0
              ? "--margin_data belongs to --energy_margin, which has no weight"
              : String.format(
                  Locale.ROOT,
                  "--margin_data must be below --margin_foreign %s, was %s",
                  foreignMargin,
                  dataMargin));
    }
    return logitTemperature != null && crossEntropy == 0 && alpha == null
        ? Optional.of("--logit_norm belongs to --pyxce, which has no weight")
        : Optional.empty();
  }

  private EnergyMargin energyMargin(ImageSource foreign) {
    EnergyMargin term = EnergyMargin.of(foreign);
    return dataMargin == null ? term : term.withMargins(dataMargin, foreignMargin);
  }

  private CrossEntropy crossEntropy() {
    CrossEntropy term = CrossEntropy.ofDefaults().withSmoothing(smoothing);
    return logitTemperature == null ? term : term.withLogitNormalization(logitTemperature);
  }

  /**
   * The terms of positive weight; there is at least one.
   *
   * @param replay present if a term samples
   * @param foreign present if energies have margins
   */
  Objective objective(
      CompatOptions compat,
      SamplingOptions sampling,
      Optional<Replay> replay,
      Optional<ImageSource> foreign) {
    Weights weights = weights(compat);
    List<Objective.Weighted> chosen = new ArrayList<>();
    add(chosen, weights.crossEntropy, crossEntropy());
    // The first of them feeds the queue; if both do, their order is the published program's.
    boolean marginalFirst = compat.queueFeeding() == CompatOptions.QueueFeeding.EACH_TERM;
    if (marginalFirst) {
      add(chosen, weights.marginalContrast, marginalContrast(compat, sampling));
    }
    add(chosen, weights.conditionalContrast, conditionalContrast(compat));
    if (!marginalFirst) {
      add(chosen, weights.marginalContrast, marginalContrast(compat, sampling));
    }
    replay.ifPresent(buffer -> addSampled(chosen, weights, sampling, buffer));
    add(chosen, weights.regMixup, RegMixup.ofDefaults().withAlpha(regMixupAlpha));
    foreign.ifPresent(images -> add(chosen, weights.energyMargin, energyMargin(images)));
    add(
        chosen,
        weights.energyDiscrepancy,
        EnergyDiscrepancy.ofDefaults().withNoise(discrepancyNoise).withCopies(discrepancyCopies));
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
