package org.udge.loss;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * -log p(x), approximated by contrast: an image should score higher over all classes together than
 * the previous K images do. Needs no labels.
 *
 * <p>Value: (1/N) sum_i log(1 + exp(logsumexp_k s(q_k) / T - s(p_i) / T)), in nats, 0 or more,
 * <em>mean</em> over the N images; to be minimized. The score is s(p) = logsumexp_c p[c] of logits
 * scaled as {@link ConditionalContrastive} does: p = f(x) / ||f(x)||_2, or f(x) clamped to [-M, M]
 * with {@link #withMaxLogit}. It is the {@linkplain ContrastiveForm reference form} with a weight
 * of 1 for every class, and minus the energy E(x) of scaled logits.
 *
 * <p>With an {@link #withEnergyPenalty} a, a (1/N) sum_i E(x_i)&sup2; is added, computed from the
 * unscaled logits, E(x) = -logsumexp_c f(x)[c]: it keeps energies near 0, on which the contrast of
 * normalized logits has no influence.
 *
 * <p>Gradient, cost, queue and metrics are as described in {@link ConditionalContrastive}, with the
 * further metric {@code energy_penalty}, the penalty's part of the value.
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
   * Returns the settings of the published program, with a queue that starts empty.
   *
   * @return the term
   */
  public static MarginalContrastive ofDefaults() {
    return new MarginalContrastive(
        ImageGroup.UNLABELED, 0.1, OptionalDouble.empty(), NegativeQueueSettings.ofDefaults(), 0);
  }

  /**
   * Returns a copy of this term that reads other images. Default: {@link ImageGroup#UNLABELED}.
   *
   * @param group the group to read, {@link ImageGroup#LABELED} or {@link ImageGroup#UNLABELED}
   * @return a new term
   * @throws IllegalArgumentException if it is another group
   */
  public MarginalContrastive withGroup(ImageGroup group) {
    return new MarginalContrastive(group, temperature, maxLogit, queue, energyPenalty);
  }

  /**
   * Returns a copy of this term with another temperature. Default: 0.1. To raise the temperature
   * together with {@link #withMaxLogit}, set the temperature first.
   *
   * @param temperature T, at least M / 300 (M = 1 with normalization)
   * @return a new term
   * @throws IllegalArgumentException if it is out of range
   */
  public MarginalContrastive withTemperature(double temperature) {
    return new MarginalContrastive(group, temperature, maxLogit, queue, energyPenalty);
  }

  /**
   * Returns a copy of this term without normalization: logits are clamped to [-maxLogit, maxLogit]
   * and have no gradient outside. Default: logits are divided by their norm.
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
   * Returns a copy of this term with another queue. Default: 65,536 negatives, starting empty.
   *
   * @param queue the queue's settings; terms of the same run with equal settings share a queue
   * @return a new term
   */
  public MarginalContrastive withQueue(NegativeQueueSettings queue) {
    return new MarginalContrastive(group, temperature, maxLogit, queue, energyPenalty);
  }

  /**
   * Returns a copy of this term with a penalty on large energies. Default: 0.
   *
   * @param weight the weight of the mean squared energies, not negative
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
   * Returns the group of images that the term reads.
   *
   * @return the group; default {@link ImageGroup#UNLABELED}
   */
  public ImageGroup group() {
    return group;
  }

  /**
   * Returns the temperature T of the scores.
   *
   * @return the temperature, at least M / 300 (M = 1 with normalization); default 0.1
   */
  public double temperature() {
    return temperature;
  }

  /**
   * Returns the bound M of unnormalized logits.
   *
   * @return above 0 and at most 300; default empty: logits are normalized
   */
  public OptionalDouble maxLogit() {
    return maxLogit;
  }

  /**
   * Returns the settings of the queue of negatives.
   *
   * @return the settings; default: capacity 65,536, initially empty
   */
  public NegativeQueueSettings queue() {
    return queue;
  }

  /**
   * Returns the weight of the mean squared energies.
   *
   * @return the weight, not negative; default 0
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
