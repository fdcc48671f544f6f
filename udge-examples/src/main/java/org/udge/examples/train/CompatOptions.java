package org.udge.examples.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumSet;
import java.util.Set;
import org.udge.examples.cli.Choice;
import org.udge.examples.cli.Compat;
import org.udge.examples.cli.Numbers;
import org.udge.loss.QueueStart;
import org.udge.published.PublishedHabit;
import picocli.CommandLine.Option;

/** Differences between this library and the published program; each difference is an option. */
final class CompatOptions {

  /** When a step's images enter the queue of negatives. */
  enum QueueFeeding {
    ONCE,
    EACH_TERM
  }

  /** Which energies of data and samples of p(x|y) are compared. */
  enum ContrastedEnergy {
    JOINT,
    MARGINAL
  }

  private static final String BY_COMPAT = " Default: set by --compat.";

  @Option(
      names = "--compat",
      defaultValue = "udge",
      description =
          "udge: the published method, with the mistakes of its program corrected; reference: as"
              + " in the published program. Sets the defaults of the options below. Default:"
              + " ${DEFAULT-VALUE}.")
  Compat compat;

  @Option(
      names = "--queue_start",
      description =
          "Initial content of the queue of negatives: empty (slots count once filled; udge) or"
              + " noise"
              + " (N(0, 1) logits; reference)."
              + BY_COMPAT)
  QueueStart queueStart;

  @Option(
      names = "--queue_feeding",
      description =
          "When a step's images enter the queue: once (after all terms; udge) or each_term (after"
              + " each"
              + " contrastive term, so that --pxycontrast, then the later of the two, sees its"
              + " own batch"
              + " among the negatives; reference)."
              + BY_COMPAT)
  QueueFeeding queueFeeding;

  @Option(
      names = "--pxcontrast_shares_weight",
      arity = "1",
      converter = Numbers.Switch.class,
      description =
          "Whether --pxcontrast only switches its term on, with the weight of --pxycontrast (1:"
              + " reference), or is its weight (0: udge)."
              + BY_COMPAT)
  Boolean pxContrastSharesWeight;

  @Option(
      names = "--pxcontrast_labeled",
      arity = "1",
      converter = Numbers.Switch.class,
      description =
          "Whether --pxcontrast reads the labeled images (1: reference) or those of --pxsgld (0:"
              + " udge)."
              + BY_COMPAT)
  Boolean pxContrastLabeled;

  @Option(
      names = "--pxysgld_shares_weight",
      arity = "1",
      converter = Numbers.Switch.class,
      description =
          "Whether --pxysgld only switches its term on, with the weight of --pxsgld (1:"
              + " reference), or"
              + " is its weight (0: udge)."
              + BY_COMPAT)
  Boolean pxySgldSharesWeight;

  @Option(
      names = "--pxysgld_energy",
      description =
          "What --pxysgld compares: joint (f(x)[y]; udge) or marginal (logsumexp f(x); reference)."
              + BY_COMPAT)
  ContrastedEnergy pxySgldEnergy;

  @Option(
      names = "--separate_passes",
      arity = "1",
      converter = Numbers.Switch.class,
      description =
          "Whether each term runs the network separately, with its own dropout masks, and moves"
              + " batch normalization's running averages each time (1: reference), or all share one"
              + " pass (0:"
              + " udge)."
              + BY_COMPAT)
  Boolean separatePasses;

  @Option(
      names = "--mean_contrast_energy",
      arity = "1",
      converter = Numbers.Switch.class,
      description =
          "Whether the chains of --plot_contrast follow the mean of their energies, which divides"
              + " each"
              + " step by their number (1: reference), or their sum (0: udge)."
              + BY_COMPAT)
  Boolean meanContrastEnergy;

  @Option(
      names = "--warmup_from_zero",
      arity = "1",
      converter = Numbers.Switch.class,
      description = "Whether the first step has rate 0 (0: udge, 1: reference)." + BY_COMPAT)
  Boolean warmUpFromZero;

  @Option(
      names = "--eval_noise",
      arity = "1",
      converter = Numbers.Switch.class,
      description =
          "Whether noise of --sigma is also added to validation and test images (0: udge, 1:"
              + " reference)."
              + BY_COMPAT)
  Boolean evaluationNoise;

  @Option(
      names = "--separate_px_images",
      arity = "1",
      converter = Numbers.Switch.class,
      description =
          "Whether terms of log p(x) read batches of their own (1: reference) or share the labeled"
              + " ones and their forward pass (0: udge)."
              + BY_COMPAT)
  Boolean separateImages;

  @Option(
      names = "--replay_replacement",
      arity = "1",
      converter = Numbers.Switch.class,
      description =
          "Whether chains of one step may start from the same image of the buffer (0: udge, 1:"
              + " reference)."
              + BY_COMPAT)
  Boolean replayReplacement;

  @Option(
      names = "--published_split",
      arity = "1",
      converter = Numbers.Switch.class,
      description =
          "Whether --n_valid images are the first of NumPy's shuffle from seed 1234 and"
              + " --labels_per_class uses the first of each class of the rest, the same in every"
              + " run"
              + " (1: reference), or both are drawn from --seed, stratified by class (0: udge)."
              + BY_COMPAT)
  Boolean publishedSplit;

  @Option(
      names = "--batch_norm_decay",
      converter = Numbers.FractionBelowOne.class,
      description =
          "Weight of the old value in batch normalization's running averages (0.9: udge, 0.1:"
              + " reference)."
              + BY_COMPAT)
  Double batchNormDecay;

  boolean reference() {
    return compat == Compat.REFERENCE;
  }

  QueueStart queueStart() {
    return queueStart == null ? queueStart(reference()) : queueStart;
  }

  /** As the published program has it, or as this one. */
  static QueueStart queueStart(boolean reference) {
    return reference ? QueueStart.NOISE : QueueStart.EMPTY;
  }

  QueueFeeding queueFeeding() {
    return queueFeeding == null ? queueFeeding(reference()) : queueFeeding;
  }

  /** As the published program has it, or as this one. */
  static QueueFeeding queueFeeding(boolean reference) {
    return reference ? QueueFeeding.EACH_TERM : QueueFeeding.ONCE;
  }

  boolean pxContrastSharesWeight() {
    return given(pxContrastSharesWeight);
  }

  boolean pxContrastLabeled() {
    return given(pxContrastLabeled);
  }

  boolean pxySgldSharesWeight() {
    return given(pxySgldSharesWeight);
  }

  ContrastedEnergy pxySgldEnergy() {
    ContrastedEnergy byCompat = reference() ? ContrastedEnergy.MARGINAL : ContrastedEnergy.JOINT;
    return pxySgldEnergy == null ? byCompat : pxySgldEnergy;
  }

  boolean separatePasses() {
    return given(separatePasses);
  }

  /**
   * The published habits to enable in the trainer.
   *
   * @param contrast whether there is a contrastive term, which would feed a queue
   */
  Set<PublishedHabit> habits(boolean contrast) {
    Set<PublishedHabit> habits = EnumSet.noneOf(PublishedHabit.class);
    if (contrast && queueFeeding() == QueueFeeding.EACH_TERM) {
      habits.add(PublishedHabit.QUEUE_FED_BY_EACH_TERM);
    }
    if (separatePasses()) {
      habits.add(PublishedHabit.SEPARATE_PASSES);
    }
    if (pxySgldEnergy() == ContrastedEnergy.MARGINAL) {
      habits.add(PublishedHabit.MARGINAL_ENERGY_OF_CONDITIONAL_SAMPLES);
    }
    if (warmUpFromZero()) {
      habits.add(PublishedHabit.WARM_UP_FROM_ZERO);
    }
    return habits;
  }

  boolean meanContrastEnergy() {
    return given(meanContrastEnergy);
  }

  boolean warmUpFromZero() {
    return given(warmUpFromZero);
  }

  boolean evaluationNoise() {
    return given(evaluationNoise);
  }

  boolean separateImages() {
    return given(separateImages);
  }

  boolean replayReplacement() {
    return given(replayReplacement);
  }

  boolean publishedSplit() {
    return given(publishedSplit);
  }

  double batchNormDecay() {
    return batchNormDecay == null ? reference() ? 0.1 : 0.9 : batchNormDecay;
  }

  private boolean given(Boolean option) {
    return option == null ? reference() : option;
  }

  /** The effective values. */
  ObjectNode toJson() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("compat", Choice.text(compat))
        .put("queue_start", Choice.text(queueStart()))
        .put("queue_feeding", Choice.text(queueFeeding()))
        .put("pxcontrast_shares_weight", pxContrastSharesWeight())
        .put("pxcontrast_labeled", pxContrastLabeled())
        .put("pxysgld_shares_weight", pxySgldSharesWeight())
        .put("pxysgld_energy", Choice.text(pxySgldEnergy()))
        .put("separate_passes", separatePasses())
        .put("mean_contrast_energy", meanContrastEnergy())
        .put("warmup_from_zero", warmUpFromZero())
        .put("eval_noise", evaluationNoise())
        .put("separate_px_images", separateImages())
        .put("replay_replacement", replayReplacement())
        .put("published_split", publishedSplit())
        .put("batch_norm_decay", batchNormDecay());
  }
}
