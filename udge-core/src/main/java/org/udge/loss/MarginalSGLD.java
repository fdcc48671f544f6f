package org.udge.loss;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.Set;
import org.udge.data.Batch;
import org.udge.random.RandomStream;
import org.udge.sampling.EnergyGradient;
import org.udge.sampling.Langevin;
import org.udge.sampling.Replay;

/**
 * -log p(x), by maximum likelihood with Langevin samples: data should have lower energy than what
 * the model itself dreams up.
 *
 * <p>Value: mean_j logsumexp_y f(x-_j)[y] - mean_i logsumexp_y f(x+_i)[y], that is mean E(x+) -
 * mean E(x-), in nats, each <em>mean</em> over its own images; to be minimised. x+ are the step's
 * unlabelled images, x- samples drawn by {@link Langevin} dynamics from a replay buffer. Its
 * gradient estimates that of -log p(x); its value does not estimate -log p(x), since the
 * normalising constant has dropped out: below 0 means that data have lower energy than samples.
 * With an {@link #energyPenalty} a, a (mean E(x+)&sup2; + mean E(x-)&sup2;) is added, which keeps
 * energies near 0.
 *
 * <p>Samples are of p(x) or, with {@link #classConditional}, of p(y) p(x|y): a class is drawn
 * uniformly, and the chain follows f(x)[y] from that class's part of the buffer. The value is the
 * same. Chains through all classes give better pictures, chains of p(x) better accuracy (JEM).
 *
 * <p>A part of the buffer is size / classes images, rounded down. A step that draws more chains of
 * a class takes all of these once, then again, and of chains from one image the last is kept.
 *
 * <p>Terms of one run that draw class-conditional samples with equal replay settings share a
 * buffer.
 *
 * <p>Cost: a forward and an input-gradient pass of the network per Langevin step, 20 by default; a
 * step of training takes about ten times as long as without this term. Training can diverge: see
 * {@code org.udge.training.DivergenceGuard}.
 *
 * <p>Metrics: {@code energy_data}, mean E(x+); {@code energy_samples}, mean E(x-); {@code
 * energy_gap}, samples minus data; {@code energy_penalty}, the penalty's part of the value; {@code
 * sample_saturation}, the share of sampled pixels outside (-1, 1).
 *
 * <p>Source: Grathwohl et al. 2020, "Your classifier is secretly an energy based model", equations
 * 1, 2 and 6, algorithm 1. Reads {@link ImageGroup#UNLABELLED} and {@link ImageGroup#SAMPLED}.
 * Immutable and thread-safe.
 *
 * @param langevin how chains move; default {@link Langevin#ofDefaults()}
 * @param replay the buffer; default {@link Replay#ofDefaults()}
 * @param batchSize how many samples a step draws; default 64
 * @param classConditional whether a class is drawn first; default false
 * @param energyPenalty weight of the mean squared energies; default 0
 */
public record MarginalSGLD(
    Langevin langevin, Replay replay, int batchSize, boolean classConditional, double energyPenalty)
    implements LossTerm {

  /**
   * Checks the values.
   *
   * @param langevin how chains move
   * @param replay the buffer
   * @param batchSize how many samples a step draws, at least 1
   * @param classConditional whether a class is drawn first
   * @param energyPenalty weight of the mean squared energies, not negative
   * @throws IllegalArgumentException if a number is out of range
   */
  public MarginalSGLD {
    requireNonNull(langevin);
    requireNonNull(replay);
    checkArgument(batchSize > 0, "batch size must be at least 1, was %s", batchSize);
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
  public static MarginalSGLD ofDefaults() {
    return new MarginalSGLD(Langevin.ofDefaults(), Replay.ofDefaults(), 64, false, 0);
  }

  /**
   * This term with other dynamics.
   *
   * @param settings how chains move
   * @return a new term
   */
  public MarginalSGLD langevin(Langevin settings) {
    return new MarginalSGLD(settings, replay, batchSize, classConditional, energyPenalty);
  }

  /**
   * This term with another buffer.
   *
   * @param settings the buffer's size and habits
   * @return a new term
   */
  public MarginalSGLD replay(Replay settings) {
    return new MarginalSGLD(langevin, settings, batchSize, classConditional, energyPenalty);
  }

  /**
   * This term with another number of samples.
   *
   * @param count samples a step, at least 1
   * @return a new term
   */
  public MarginalSGLD batchSize(int count) {
    return new MarginalSGLD(langevin, replay, count, classConditional, energyPenalty);
  }

  /**
   * This term with samples of p(y) p(x|y) or of p(x).
   *
   * @param drawClass whether a class is drawn first
   * @return a new term
   */
  public MarginalSGLD classConditional(boolean drawClass) {
    return new MarginalSGLD(langevin, replay, batchSize, drawClass, energyPenalty);
  }

  /**
   * This term with a penalty on large energies, which makes divergence less likely (Du &amp;
   * Mordatch 2019).
   *
   * @param weight of the mean squared energies, not negative; they use 1, of energies of size 1
   * @return a new term
   */
  public MarginalSGLD energyPenalty(double weight) {
    return new MarginalSGLD(langevin, replay, batchSize, classConditional, weight);
  }

  @Override
  public String name() {
    return "marginal_sgld";
  }

  @Override
  public Set<ImageGroup> groups() {
    return Set.of(ImageGroup.UNLABELLED, ImageGroup.SAMPLED);
  }

  @Override
  public SamplingLoss begin(LossSetup setup) {
    checkArgument(
        !classConditional || replay.size() >= setup.classes(),
        "a replay buffer of %s has no room for %s classes",
        replay.size(),
        setup.classes());
    return new Run(
        new SampleChains(name(), langevin, replay, classConditional, setup), setup.classes());
  }

  private final class Run extends ChainLoss {
    private final int classes;

    Run(SampleChains chains, int classes) {
      super(chains, energyPenalty);
      this.classes = classes;
    }

    @Override
    public Batch draw(SampleContext context) {
      if (!classConditional) {
        return chains().marginal(context, batchSize);
      }
      RandomStream random = chains().stream(context, "labels");
      int[] labels = new int[batchSize];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = random.nextInt(classes);
      }
      return chains().conditional(context, labels);
    }

    @Override
    public LossValue evaluate(LossInput input) {
      EnergyGradient energy = EnergyGradient.marginal();
      return contrast(input, ImageGroup.UNLABELLED, energy, energy);
    }
  }
}
