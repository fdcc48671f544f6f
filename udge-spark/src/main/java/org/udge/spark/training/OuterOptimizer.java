package org.udge.spark.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * The combination of the workers' parameters at the end of a round.
 *
 * <p>With the parameters p at the start of a round, the mean m of the parameters of the K workers
 * at its end, and the outer gradient d = p - m:
 *
 * <pre>
 *   averaging:  p' = m
 *   Nesterov:   v' = momentum v + d
 *               p' = p - rate (d + momentum v')
 * </pre>
 *
 * <p>The latter is the outer step of DiLoCo (Douillard et al. 2023, arXiv 2311.08105, algorithm 1),
 * with Nesterov momentum as PyTorch's {@code SGD(nesterov=True)} computes it; rate 0.7 and momentum
 * 0.9 are the paper's. Running statistics and other parameters that are not trained by gradients
 * are always averaged. The velocity v is kept by the driver, and is part of checkpoints.
 *
 * <p>Immutable and thread-safe. Equal settings are equal objects.
 */
public final class OuterOptimizer {

  private final double rate;
  private final double momentum;

  private OuterOptimizer(double rate, double momentum) {
    checkArgument(
        rate > 0 && Double.isFinite(rate), "outer rate must be above 0 and finite, was %s", rate);
    checkArgument(
        momentum >= 0 && momentum < 1, "outer momentum must be in [0, 1), was %s", momentum);
    this.rate = rate;
    this.momentum = momentum;
  }

  /**
   * The mean of the workers' parameters.
   *
   * @return the optimizer
   */
  public static OuterOptimizer averaging() {
    return new OuterOptimizer(1, 0);
  }

  /**
   * Nesterov momentum on the difference, with rate 0.7 and momentum 0.9.
   *
   * @return the optimizer
   */
  public static OuterOptimizer nesterov() {
    return new OuterOptimizer(0.7, 0.9);
  }

  /**
   * This optimizer with another rate.
   *
   * @param value above 0; 1 for averaging, 0.7 for {@link #nesterov}
   * @return a new optimizer
   */
  public OuterOptimizer withRate(double value) {
    return new OuterOptimizer(value, momentum);
  }

  /**
   * This optimizer with another momentum.
   *
   * @param value in [0, 1); 0 for averaging, 0.9 for {@link #nesterov}
   * @return a new optimizer
   */
  public OuterOptimizer withMomentum(double value) {
    return new OuterOptimizer(rate, value);
  }

  /**
   * The factor of the outer gradient.
   *
   * @return above 0
   */
  public double rate() {
    return rate;
  }

  /**
   * The momentum.
   *
   * @return in [0, 1)
   */
  public double momentum() {
    return momentum;
  }

  /** Parameters and velocity after a round. */
  record Step(float[] parameters, float[] velocity) {}

  /** A velocity of zeros, or empty if none is needed. */
  float[] start(int parameters) {
    return new float[momentum > 0 ? parameters : 0];
  }

  /**
   * An outer step; does not change its arguments.
   *
   * @param untrained entries that are always averaged
   */
  Step step(float[] before, float[] mean, float[] velocity, BitSet untrained) {
    if (rate == 1 && momentum == 0) {
      return new Step(mean, velocity);
    }
    float[] after = mean.clone();
    float[] moved = velocity.clone();
    for (int i = untrained.nextClearBit(0); i < after.length; i = untrained.nextClearBit(i + 1)) {
      double gradient = (double) before[i] - mean[i];
      double step = gradient;
      if (momentum > 0) {
        moved[i] = (float) (momentum * velocity[i] + gradient);
        step += momentum * moved[i];
      }
      after[i] = (float) (before[i] - rate * step);
    }
    return new Step(after, moved);
  }

  private List<Double> settings() {
    return List.of(rate, momentum);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OuterOptimizer that && settings().equals(that.settings());
  }

  @Override
  public int hashCode() {
    return settings().hashCode();
  }

  @Override
  public String toString() {
    return rate == 1 && momentum == 0
        ? "averaging"
        : String.format(Locale.ROOT, "Nesterov[rate %s, momentum %s]", rate, momentum);
  }
}
