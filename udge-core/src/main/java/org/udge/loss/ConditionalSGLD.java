package org.udge.loss;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.udge.data.Batch;
import org.udge.published.PublishedHabit;
import org.udge.sampling.EnergyGradient;
import org.udge.sampling.Langevin;
import org.udge.sampling.Replay;

/**
 * -log p(x|y), by maximum likelihood with Langevin samples: a labeled image should have lower
 * energy under its label than images that the model generates for that label.
 *
 * <p>Value: mean_j f(x-_j)[y_j] - mean_i f(x+_i)[y_i], that is mean E(x+, y) - mean E(x-, y), in
 * nats; to be minimized. (x+, y) are the step's labeled images; for each there is one sample x- of
 * p(x|y), whose chain follows f(x)[y] from the class's part of the replay buffer. Sign, penalty,
 * cost, metrics, and the treatment of steps with more images of a class than that part holds, are
 * as described in {@link MarginalSGLD}, with E(x, y) = -f(x)[y].
 *
 * <p>Reads {@link ImageGroup#LABELED} and {@link ImageGroup#SAMPLED}. Immutable and thread-safe.
 */
public final class ConditionalSGLD implements LossTerm {

  private final Langevin langevin;
  private final Replay replay;
  private final double energyPenalty;

  private ConditionalSGLD(Langevin langevin, Replay replay, double energyPenalty) {
    requireNonNull(langevin);
    requireNonNull(replay);
    checkArgument(
        energyPenalty >= 0 && Double.isFinite(energyPenalty),
        "energy penalty must be finite and not negative, was %s",
        energyPenalty);
    this.langevin = langevin;
    this.replay = replay;
    this.energyPenalty = energyPenalty;
  }

  /**
   * Returns the published settings.
   *
   * @return the term
   */
  public static ConditionalSGLD ofDefaults() {
    return new ConditionalSGLD(Langevin.ofDefaults(), Replay.ofDefaults(), 0);
  }

  /**
   * Returns a copy of this term with other dynamics.
   *
   * @param settings the dynamics of chains
   * @return a new term
   */
  public ConditionalSGLD withLangevin(Langevin settings) {
    return new ConditionalSGLD(settings, replay, energyPenalty);
  }

  /**
   * Returns a copy of this term with another buffer.
   *
   * @param settings the settings of the buffer
   * @return a new term
   */
  public ConditionalSGLD withReplay(Replay settings) {
    return new ConditionalSGLD(langevin, settings, energyPenalty);
  }

  /**
   * Returns a copy of this term with a penalty on large energies.
   *
   * @param weight the weight of the mean squared energies, not negative
   * @return a new term
   */
  public ConditionalSGLD withEnergyPenalty(double weight) {
    return new ConditionalSGLD(langevin, replay, weight);
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
    return new Run(
        new SampleChains(name(), langevin, replay, true, setup),
        setup.follows(PublishedHabit.MARGINAL_ENERGY_OF_CONDITIONAL_SAMPLES));
  }

  /**
   * Returns the dynamics of chains.
   *
   * @return the dynamics; default {@link Langevin#ofDefaults()}
   */
  public Langevin langevin() {
    return langevin;
  }

  /**
   * Returns the settings of the replay buffer.
   *
   * @return the settings; default {@link Replay#ofDefaults()}
   */
  public Replay replay() {
    return replay;
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
    return List.of(langevin, replay, energyPenalty);
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
        Locale.ROOT,
        "ConditionalSGLD[langevin=%s, replay=%s, energyPenalty=%s]",
        values().toArray());
  }

  private final class Run extends ChainLoss {

    private final boolean marginal;

    Run(SampleChains chains, boolean marginal) {
      super(chains, energyPenalty);
      this.marginal = marginal;
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
          energy(input.labels(ImageGroup.LABELED)),
          energy(input.labels(ImageGroup.SAMPLED)));
    }

    private EnergyGradient energy(int... labels) {
      return marginal ? EnergyGradient.marginal() : EnergyGradient.conditional(labels);
    }
  }
}
