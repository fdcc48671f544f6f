package org.udge.sampling;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * Diagnostics of the chains of a run, as returned by {@link LangevinSampler#diagnose}.
 *
 * <p>R-hat and effective sample sizes are computed from the energies. They indicate whether chains
 * have forgotten their starting points and agree with each other. Chains of energy-based models,
 * which are short and move in a space of thousands of dimensions, seldom meet the usual limits
 * (R-hat below 1.01, 100 effective draws per chain) and are useful nonetheless. Report these
 * numbers, but do not base decisions on them alone.
 *
 * @param energy the energy before each step, [steps][chains], in nats
 * @param gradientNorm the L2 norm of dE/dx before each step and before any clamping,
 *     [steps][chains]
 * @param acceptance the fraction of accepted steps, [chains]; 1 without the Metropolis correction
 * @param movement the L2 distance from start to end, [chains]
 */
public record ChainDiagnostics(
    double[][] energy, double[][] gradientNorm, double[] acceptance, double[] movement) {

  /** Each half of a split chain needs at least two steps. */
  private static final int LEAST = 4;

  /**
   * Computes the potential scale reduction factor of the energies: rank-normalized, of split
   * chains, the larger of those of the draws and of their absolute deviations from the median
   * (Vehtari et al. 2021, "Rank-normalization, folding, and localization: an improved R-hat").
   *
   * @return 1 if chains agree, more if they do not; NaN if all energies are constant
   * @throws IllegalArgumentException if there are fewer than 4 steps
   */
  public double rHat() {
    return ChainStatistics.rankNormalizedHat(chains());
  }

  /**
   * Computes the effective sample size of the energies in the bulk of their distribution (Vehtari
   * et al. 2021, bulk effective sample size).
   *
   * @return the effective sample size, above 0; NaN if all energies are constant
   * @throws IllegalArgumentException if there are fewer than 4 steps
   */
  public double bulkEffectiveSize() {
    return ChainStatistics.bulkSize(chains());
  }

  /**
   * Computes the effective sample size of the energies for the 5 and 95 % quantiles (Vehtari et al.
   * 2021, tail effective sample size).
   *
   * @return the effective sample size, above 0; NaN if all energies are constant
   * @throws IllegalArgumentException if there are fewer than 4 steps
   */
  public double tailEffectiveSize() {
    return ChainStatistics.tailSize(chains());
  }

  /**
   * Computes R-hat for many short chains: (1 + B / W)^1/2 with the variance B of the means of
   * superchains and the variance W within them (Margossian et al. 2024, "Nested R-hat").
   * Consecutive chains form a superchain; they should have the same starting point. A single step
   * suffices.
   *
   * @param superchains the number of superchains, at least 2; divides the number of chains
   * @param steps the number of last steps to use, at least 1; with 1, a superchain must have at
   *     least two chains
   * @return 1 if superchains agree, more if they do not; NaN if all energies are equal
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
