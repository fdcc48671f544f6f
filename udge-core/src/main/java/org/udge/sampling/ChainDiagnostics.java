package org.udge.sampling;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * What happened to each chain of a run, as returned by {@link LangevinSampler#diagnose}.
 *
 * <p>R-hat and effective sample sizes are of the energies. They say whether chains have forgotten
 * where they began and agree with each other; chains of energy-based models, which are short and
 * move through a space of thousands of dimensions, seldom pass the usual limits (R-hat below 1.01,
 * 100 effective draws a chain) and are of use all the same. Report them; let them decide nothing.
 *
 * @param energy energy before each step, [steps][chains], in nats
 * @param gradientNorm L2 norm of dE/dx before each step and before any clamp, [steps][chains]
 * @param acceptance share of accepted steps, [chains]; 1 without the Metropolis correction
 * @param movement L2 distance from start to end, [chains]
 */
public record ChainDiagnostics(
    double[][] energy, double[][] gradientNorm, double[] acceptance, double[] movement) {

  /** Splitting needs two halves of two steps. */
  private static final int LEAST = 4;

  /**
   * Potential scale reduction of the energies: rank-normalized, of split chains, the larger of
   * those of draws and of their distances from the median (Vehtari et al. 2021,
   * "Rank-normalization, folding, and localization: an improved R-hat").
   *
   * @return 1 where chains agree, more where they do not; NaN where no energy moves
   * @throws IllegalArgumentException if there are fewer than 4 steps
   */
  public double rHat() {
    return ChainStatistics.rankNormalizedHat(chains());
  }

  /**
   * How many independent draws the energies are worth for the middle of their distribution (Vehtari
   * et al. 2021, bulk effective sample size).
   *
   * @return above 0; NaN where no energy moves
   * @throws IllegalArgumentException if there are fewer than 4 steps
   */
  public double bulkEffectiveSize() {
    return ChainStatistics.bulkSize(chains());
  }

  /**
   * How many independent draws the energies are worth for the 5 and 95 % quantiles (Vehtari et al.
   * 2021, tail effective sample size).
   *
   * @return above 0; NaN where no energy moves
   * @throws IllegalArgumentException if there are fewer than 4 steps
   */
  public double tailEffectiveSize() {
    return ChainStatistics.tailSize(chains());
  }

  /**
   * R-hat of many short chains: (1 + B / W)^1/2 with the variance B of the means of superchains and
   * the variance W within them (Margossian et al. 2024, "Nested R-hat"). Neighboring chains make a
   * superchain; they should have begun at one place. One step is enough.
   *
   * @param superchains how many, at least 2; divides the number of chains
   * @param steps the last so many count, at least 1; of one step a superchain must have two chains
   * @return 1 where superchains agree, more where they do not; NaN where no energy differs
   * @throws IllegalArgumentException if a number is out of range
   */
  public double nestedRHat(int superchains, int steps) {
    checkArgument(
        steps >= 1 && steps <= energy.length,
        "steps must be 1 to %s, was %s",
        energy.length,
        steps);
    int count = energy[0].length;
    checkArgument(
        superchains >= 2 && count % superchains == 0 && (steps > 1 || count > superchains),
        "superchains must be at least 2 and divide the number of chains, %s, into parts of more than"
            + " one draw, was %s",
        count,
        superchains);
    double[][] last = Arrays.copyOfRange(energy, energy.length - steps, energy.length);
    return ChainStatistics.nestedHat(ChainStatistics.transposed(last, 1), superchains);
  }

  private double[][] chains() {
    return ChainStatistics.transposed(energy, LEAST);
  }
}
