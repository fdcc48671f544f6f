package org.udge.loss;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.Set;
import org.udge.data.Batch;
import org.udge.sampling.Langevin;
import org.udge.sampling.Replay;

/**
 * -log p(x|y), by maximum likelihood with Langevin samples: a labelled image should have lower
 * energy under its label than what the model dreams up for that label.
 *
 * <p>Value: mean_j f(x-_j)[y_j] - mean_i f(x+_i)[y_i], that is mean E(x+, y) - mean E(x-, y), in
 * nats; to be minimised. (x+, y) are the step's labelled images; for each there is one sample x- of
 * p(x|y), whose chain follows f(x)[y] from the class's part of the replay buffer. Sign, penalty,
 * cost, metrics and what happens where a step has more images of a class than that part are those
 * of {@link MarginalSGLD}, which says more, with E(x, y) = -f(x)[y].
 *
 * <p>With {@link ContrastedEnergy#MARGINAL} the value is mean_j logsumexp_y f(x-_j)[y] - mean_i
 * logsumexp_y f(x+_i)[y] of the same images: what the published program computes here.
 *
 * <p>Reads {@link ImageGroup#LABELLED} and {@link ImageGroup#SAMPLED}. Immutable and thread-safe.
 *
 * @param langevin how chains move; default {@link Langevin#ofDefaults()}
 * @param replay the buffer; default {@link Replay#ofDefaults()}
 * @param energy which energies are compared; default {@link ContrastedEnergy#JOINT}
 * @param energyPenalty weight of the mean squared energies; default 0
 */
public record ConditionalSGLD(
    Langevin langevin, Replay replay, ContrastedEnergy energy, double energyPenalty)
    implements LossTerm {

  /**
   * Checks the values.
   *
   * @param langevin how chains move
   * @param replay the buffer
   * @param energy which energies are compared
   * @param energyPenalty weight of the mean squared energies, not negative
   * @throws IllegalArgumentException if the penalty is out of range
   */
  public ConditionalSGLD {
    requireNonNull(langevin);
    requireNonNull(replay);
    requireNonNull(energy);
    checkArgument(
        energyPenalty >= 0 && Double.isFinite(energyPenalty),
        "energy penalty must be finite and not negative, was %s",
        energyPenalty);
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
  public ConditionalSGLD langevin(Langevin settings) {
    return new ConditionalSGLD(settings, replay, energy, energyPenalty);
  }

  /**
   * This term with another buffer.
   *
   * @param settings the buffer's size and habits
   * @return a new term
   */
  public ConditionalSGLD replay(Replay settings) {
    return new ConditionalSGLD(langevin, settings, energy, energyPenalty);
  }

  /**
   * This term with other energies. Chains follow f(x)[y] either way.
   *
   * @param compared which energies are compared; default {@link ContrastedEnergy#JOINT}
   * @return a new term
   */
  public ConditionalSGLD energy(ContrastedEnergy compared) {
    return new ConditionalSGLD(langevin, replay, compared, energyPenalty);
  }

  /**
   * This term with a penalty on large energies.
   *
   * @param weight of the mean squared energies, not negative
   * @return a new term
   */
  public ConditionalSGLD energyPenalty(double weight) {
    return new ConditionalSGLD(langevin, replay, energy, weight);
  }

  @Override
  public String name() {
    return "conditional_sgld";
  }

  @Override
  public Set<ImageGroup> groups() {
    return Set.of(ImageGroup.LABELLED, ImageGroup.SAMPLED);
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

  private final class Run extends ChainLoss {

    Run(SampleChains chains) {
      super(chains, energyPenalty);
    }

    @Override
    public Batch draw(SampleContext context) {
      checkArgument(
          context.labels().length > 0, "conditional_sgld needs labelled images, the step has none");
      return chains().conditional(context, context.labels());
    }

    @Override
    public LossValue evaluate(LossInput input) {
      return contrast(
          input,
          ImageGroup.LABELLED,
          energy.of(input.labels(ImageGroup.LABELLED)),
          energy.of(input.labels(ImageGroup.SAMPLED)));
    }
  }
}
