package org.udge.loss;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * -log p(x), approximated by contrast: an image should score higher over all classes together than
 * the last K images did. Needs no labels.
 *
 * <p>Value: (1/N) sum_i log(1 + exp(logsumexp_k s(q_k) / T - s(p_i) / T)), in nats, 0 or more,
 * <em>mean</em> over the N images; to be minimized. The score is s(p) = logsumexp_c p[c] of logits
 * scaled as {@link ConditionalContrastive} does: p = f(x) / ||f(x)||_2, or f(x) clamped to [-M, M]
 * with {@link #withMaxLogit}. It is the {@linkplain ContrastiveForm reference form} with a weight
 * of 1 for every class, and minus the energy E(x) of scaled logits.
 *
 * <p>With an {@link #withEnergyPenalty} a, a (1/N) sum_i E(x_i)&sup2; is added, of the logits as
 * they are, E(x) = -logsumexp_c f(x)[c]: it keeps energies near 0, which contrast of normalized
 * logits leaves free.
 *
 * <p>Gradient, cost, queue and metrics are those of {@link ConditionalContrastive}, which says
 * more; and {@code energy_penalty}, the penalty's part of the value.
 *
 * <p>Source: the option {@code pxcontrast} of the program published with Liu &amp; Abbeel 2020,
 * "Hybrid discriminative-generative training via contrastive learning". Immutable and thread-safe.
 */
public final class MarginalContrastive implements LossTerm {

  private final ImageGroup group;
  private final double temperature;
  private final OptionalDouble maxLogit;
  private final NegativeQueueSettings queue;
  private final double energyPenalty;

  private MarginalContrastive(
      ImageGroup group,
      double temperature,
      OptionalDouble maxLogit,
      NegativeQueueSettings queue,
      double energyPenalty) {
    requireNonNull(group);
    requireNonNull(queue);
    checkArgument(
        group != ImageGroup.SAMPLED,
        "group must be LABELED or UNLABELED: the term raises the density of images of the data,"
            + " was %s",
        group);
    LogitScaling.check(maxLogit, temperature);
    checkArgument(
        energyPenalty >= 0 && Double.isFinite(energyPenalty),
        "energy penalty must be finite and not negative, was %s",
        energyPenalty);
    this.group = group;
    this.temperature = temperature;
    this.maxLogit = maxLogit;
    this.queue = queue;
    this.energyPenalty = energyPenalty;
  }

  /**
   * The settings of the published program, with a queue that starts empty.
   *
   * @return the term
   */
  public static MarginalContrastive ofDefaults() {
    return new MarginalContrastive(
        ImageGroup.UNLABELED, 0.1, OptionalDouble.empty(), NegativeQueueSettings.ofDefaults(), 0);
  }

  /**
   * This term on other images. Default: {@link ImageGroup#UNLABELED}.
   *
   * @param group which images to read, not {@link ImageGroup#SAMPLED}
   * @return a new term
   * @throws IllegalArgumentException if images would be sampled
   */
  public MarginalContrastive withGroup(ImageGroup group) {
    return new MarginalContrastive(group, temperature, maxLogit, queue, energyPenalty);
  }

  /**
   * This term with another temperature. Default: 0.1. With {@link #withMaxLogit}, set the
   * temperature first if it is to be raised.
   *
   * @param temperature T, at least M / 300 (M = 1 with normalization)
   * @return a new term
   * @throws IllegalArgumentException if it is out of range
   */
  public MarginalContrastive withTemperature(double temperature) {
    return new MarginalContrastive(group, temperature, maxLogit, queue, energyPenalty);
  }

  /**
   * This term without normalization: logits are clamped to [-maxLogit, maxLogit], and get no
   * gradient outside. Default: logits are divided by their length.
   *
   * @param maxLogit the bound, above 0, at most 300 and at most 300 times the temperature
   * @return a new term
   * @throws IllegalArgumentException if it is out of range
   */
  public MarginalContrastive withMaxLogit(double maxLogit) {
    return new MarginalContrastive(
        group, temperature, OptionalDouble.of(maxLogit), queue, energyPenalty);
  }

  /**
   * This term with another queue. Default: 65,536 negatives, starting empty.
   *
   * @param queue the queue's settings; terms of a run with equal settings share a queue
   * @return a new term
   */
  public MarginalContrastive withQueue(NegativeQueueSettings queue) {
    return new MarginalContrastive(group, temperature, maxLogit, queue, energyPenalty);
  }

  /**
   * This term with a penalty on large energies. Default: 0.
   *
   * @param weight of the mean squared energies, not negative
   * @return a new term
   * @throws IllegalArgumentException if it is out of range
   */
  public MarginalContrastive withEnergyPenalty(double weight) {
    return new MarginalContrastive(group, temperature, maxLogit, queue, weight);
  }

  @Override
  public String name() {
    return "marginal_contrastive";
  }

  @Override
  public Set<ImageGroup> groups() {
    return Set.of(group);
  }

  @Override
  public LossFunction begin(LossSetup setup) {
    LossFunction contrast =
        new ContrastiveFunction(group, new Score.Marginal(), maxLogit, temperature, queue, setup);
    return new PenalizedFunction(contrast, group, energyPenalty);
  }

  /**
   * Which images the term reads.
   *
   * @return default {@link ImageGroup#UNLABELED}
   */
  public ImageGroup group() {
    return group;
  }

  /**
   * Temperature T of the scores.
   *
   * @return at least M / 300 (M = 1 with normalization); default 0.1
   */
  public double temperature() {
    return temperature;
  }

  /**
   * The bound M of logits that are not normalized.
   *
   * @return above 0 and at most 300; default empty: logits are normalized
   */
  public OptionalDouble maxLogit() {
    return maxLogit;
  }

  /**
   * The queue of negatives.
   *
   * @return default: 65,536, starting empty
   */
  public NegativeQueueSettings queue() {
    return queue;
  }

  /**
   * Weight of the mean squared energies.
   *
   * @return not negative; default 0
   */
  public double energyPenalty() {
    return energyPenalty;
  }

  private List<Object> values() {
    return List.of(group, temperature, maxLogit, queue, energyPenalty);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MarginalContrastive that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "MarginalContrastive[group=%s, temperature=%s, maxLogit=%s, queue=%s, energyPenalty=%s]",
        values().toArray());
  }
}
