package org.udge.loss;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Set;
import org.udge.data.Batch;
import org.udge.sampling.Langevin;
import org.udge.sampling.Replay;

/**
 * -log p(x|y), by maximum likelihood with Langevin samples: a labeled image should have lower
 * energy under its label than what the model dreams up for that label.
 *
 * <p>Value: mean_j f(x-_j)[y_j] - mean_i f(x+_i)[y_i], that is mean E(x+, y) - mean E(x-, y), in
 * nats; to be minimized. (x+, y) are the step's labeled images; for each there is one sample x- of
 * p(x|y), whose chain follows f(x)[y] from the class's part of the replay buffer. Sign, penalty,
 * cost, metrics and what happens where a step has more images of a class than that part are those
 * of {@link MarginalSGLD}, which says more, with E(x, y) = -f(x)[y].
 *
 * <p>With {@link ContrastedEnergy#MARGINAL} the value is mean_j logsumexp_y f(x-_j)[y] - mean_i
 * logsumexp_y f(x+_i)[y] of the same images: what the published program computes here.
 *
 * <p>Reads {@link ImageGroup#LABELED} and {@link ImageGroup#SAMPLED}. Immutable and thread-safe.
 */
public final class ConditionalSGLD implements LossTerm {

  private final Langevin langevin;
  private final Replay replay;
  private final ContrastedEnergy energy;
  private final double energyPenalty;

  private ConditionalSGLD(
      Langevin langevin, Replay replay, ContrastedEnergy energy, double energyPenalty) {
    requireNonNull(langevin);
    requireNonNull(replay);
    requireNonNull(energy);
    checkArgument(
        energyPenalty >= 0 && Double.isFinite(energyPenalty),
        "energy penalty must be finite and not negative, was %s",
        energyPenalty);
    this.langevin = langevin;
    this.replay = replay;
    this.energy = energy;
    this.energyPenalty = energyPenalty;
  }

  /**
   * The published settings.
   *
   * @return the term
   */
  public static ConditionalSGLD ofDefaults() {
    return new ConditionalSGLD(
        Langevin.ofDefaults(), Replay.ofDefaults(), ContrastedEnergy.JOINT, 0);
  }

  /**
   * This term with other dynamics.
   *
   * @param settings how chains move
   * @return a new term
   */
  public ConditionalSGLD withLangevin(Langevin settings) {
    return new ConditionalSGLD(settings, replay, energy, energyPenalty);
  }

  /**
   * This term with another buffer.
   *
   * @param settings the buffer's size and habits
   * @return a new term
   */
  public ConditionalSGLD withReplay(Replay settings) {
    return new ConditionalSGLD(langevin, settings, energy, energyPenalty);
  }

  /**
   * This term with other energies. Chains follow f(x)[y] either way.
   *
   * @param compared which energies are compared; default {@link ContrastedEnergy#JOINT}
   * @return a new term
   */
  public ConditionalSGLD withEnergy(ContrastedEnergy compared) {
    return new ConditionalSGLD(langevin, replay, compared, energyPenalty);
  }

  /**
   * This term with a penalty on large energies.
   *
   * @param weight of the mean squared energies, not negative
   * @return a new term
   */
  public ConditionalSGLD withEnergyPenalty(double weight) {
    return new ConditionalSGLD(langevin, replay, energy, weight);
  }

  @Override
  public String name() {
    return "conditional_sgld";
  }

  @Override
  public Set<ImageGroup> groups() {
    return Set.of(ImageGroup.LABELED, ImageGroup.SAMPLED);
  }

  @Override
  public SamplingLoss begin(LossSetup setup) {
    checkArgument(
        replay.size() >= setup.classes(),
        "a replay buffer of %s has no room for %s classes",
        replay.size(),
        setup.classes());
    return new Run(new SampleChains(name(), langevin, replay, true, setup));
  }

  /**
   * How chains move.
   *
   * @return default {@link Langevin#ofDefaults()}
   */
  public Langevin langevin() {
    return langevin;
  }

  /**
   * The replay buffer.
   *
   * @return default {@link Replay#ofDefaults()}
   */
  public Replay replay() {
    return replay;
  }

  /**
   * Which energies are compared.
   *
   * @return default {@link ContrastedEnergy#JOINT}
   */
  public ContrastedEnergy energy() {
    return energy;
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
    return List.of(langevin, replay, energy, energyPenalty);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConditionalSGLD that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        "ConditionalSGLD[langevin=%s, replay=%s, energy=%s, energyPenalty=%s]", values().toArray());
  }

  private final class Run extends ChainLoss {

    Run(SampleChains chains) {
      super(chains, energyPenalty);
    }

    @Override
    public Batch draw(SampleContext context) {
      checkArgument(
          context.labels().length > 0, "conditional_sgld needs labeled images, the step has none");
      return chains().conditional(context, context.labels());
    }

    @Override
    public LossValue evaluate(LossInput input) {
      return contrast(
          input,
          ImageGroup.LABELED,
          energy.of(input.labels(ImageGroup.LABELED)),
          energy.of(input.labels(ImageGroup.SAMPLED)));
    }
  }
}
