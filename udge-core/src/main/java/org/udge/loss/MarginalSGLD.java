package org.udge.loss;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.udge.data.Batch;
import org.udge.random.RandomStream;
import org.udge.sampling.EnergyGradient;
import org.udge.sampling.Langevin;
import org.udge.sampling.Replay;

/**
 * -log p(x), by maximum likelihood with Langevin samples: data should have lower energy than images
 * that the model itself generates.
 *
 * <p>Value: mean_j logsumexp_y f(x-_j)[y] - mean_i logsumexp_y f(x+_i)[y], that is mean E(x+) -
 * mean E(x-), in nats, each <em>mean</em> over its own images; to be minimized. x+ are the step's
 * unlabeled images, x- samples drawn by {@link Langevin} dynamics from a replay buffer. The
 * gradient is an estimate of that of -log p(x); the value is not an estimate of -log p(x), since
 * the normalizing constant cancels: a value below 0 means that data have lower energy than samples.
 * With an {@link #withEnergyPenalty} a, a (mean E(x+)&sup2; + mean E(x-)&sup2;) is added, which
 * keeps energies near 0.
 *
 * <p>Samples are drawn from p(x) or, with {@link #withClassConditional}, from p(y) p(x|y): a class
 * is drawn uniformly, and the chain follows f(x)[y] from that class's part of the buffer. The value
 * is the same. Class-conditional chains give better images, chains of p(x) better accuracy (JEM).
 *
 * <p>The part of each class holds size / classes images, rounded down. A step that draws more
 * chains of a class than that starts from each of these images once, then from each again, and so
 * on; of several chains from the same image, the last one is kept.
 *
 * <p>Terms of one run that draw class-conditional samples with equal replay settings share a
 * buffer.
 *
 * <p>Cost: a forward and an input-gradient pass of the network per Langevin step, 20 by default; a
 * training step takes about ten times as long as without this term. Training can diverge: see
 * {@code org.udge.training.DivergenceGuard}.
 *
 * <p>Metrics: {@code energy_data}, mean E(x+); {@code energy_samples}, mean E(x-); {@code
 * energy_gap}, samples minus data; {@code energy_penalty}, the penalty's part of the value; {@code
 * sample_saturation}, the fraction of sampled pixels outside (-1, 1).
 *
 * <p>Source: Grathwohl et al. 2020, "Your classifier is secretly an energy based model", equations
 * 1, 2 and 6, algorithm 1. Reads {@link ImageGroup#UNLABELED} and {@link ImageGroup#SAMPLED}.
 * Immutable and thread-safe.
 */
public final class MarginalSGLD implements LossTerm {

  private final Langevin langevin;
  private final Replay replay;
  private final int batchSize;
  private final boolean classConditional;
  private final double energyPenalty;

  private MarginalSGLD(
      Langevin langevin,
      Replay replay,
      int batchSize,
      boolean classConditional,
      double energyPenalty) {
    requireNonNull(langevin);
    requireNonNull(replay);
    checkArgument(batchSize > 0, "batch size must be at least 1, was %s", batchSize);
    checkArgument(
        energyPenalty >= 0 && Double.isFinite(energyPenalty),
        "energy penalty must be finite and not negative, was %s",
        energyPenalty);
    this.langevin = langevin;
    this.replay = replay;
    this.batchSize = batchSize;
    this.classConditional = classConditional;
    this.energyPenalty = energyPenalty;
  }

  /**
   * Returns the published settings.
   *
   * @return the term
   */
  public static MarginalSGLD ofDefaults() {
    return new MarginalSGLD(Langevin.ofDefaults(), Replay.ofDefaults(), 64, false, 0);
  }

  /**
   * Returns a copy of this term with other dynamics.
   *
   * @param settings the dynamics of chains
   * @return a new term
   */
  public MarginalSGLD withLangevin(Langevin settings) {
    return new MarginalSGLD(settings, replay, batchSize, classConditional, energyPenalty);
  }

  /**
   * Returns a copy of this term with another buffer.
   *
   * @param settings the settings of the buffer
   * @return a new term
   */
  public MarginalSGLD withReplay(Replay settings) {
    return new MarginalSGLD(langevin, settings, batchSize, classConditional, energyPenalty);
  }

  /**
   * Returns a copy of this term with another number of samples.
   *
   * @param count the number of samples per step, at least 1
   * @return a new term
   */
  public MarginalSGLD withBatchSize(int count) {
    return new MarginalSGLD(langevin, replay, count, classConditional, energyPenalty);
  }

  /**
   * Returns a copy of this term that samples either p(y) p(x|y) or p(x).
   *
   * @param drawClass whether a class is drawn first
   * @return a new term
   */
  public MarginalSGLD withClassConditional(boolean drawClass) {
    return new MarginalSGLD(langevin, replay, batchSize, drawClass, energyPenalty);
  }

  /**
   * Returns a copy of this term with a penalty on large energies, which makes divergence less
   * likely (Du &amp; Mordatch 2019).
   *
   * @param weight the weight of the mean squared energies, not negative; the paper uses 1, for
   *     energies of order 1
   * @return a new term
   */
  public MarginalSGLD withEnergyPenalty(double weight) {
    return new MarginalSGLD(langevin, replay, batchSize, classConditional, weight);
  }

  @Override
  public String name() {
    return "marginal_sgld";
  }

  @Override
  public Set<ImageGroup> groups() {
    return Set.of(ImageGroup.UNLABELED, ImageGroup.SAMPLED);
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
   * Returns the number of samples drawn per step.
   *
   * @return the number of samples, at least 1; default 64
   */
  public int batchSize() {
    return batchSize;
  }

  /**
   * Returns whether a class is drawn first.
   *
   * @return default false
   */
  public boolean classConditional() {
    return classConditional;
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
    return List.of(langevin, replay, batchSize, classConditional, energyPenalty);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MarginalSGLD that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "MarginalSGLD[langevin=%s, replay=%s, batchSize=%s, classConditional=%s, energyPenalty=%s]",
        values().toArray());
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
      return contrast(input, ImageGroup.UNLABELED, energy, energy);
    }
  }
}
