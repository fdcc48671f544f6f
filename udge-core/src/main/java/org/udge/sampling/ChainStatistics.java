package org.udge.sampling;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.stat.ranking.NaturalRanking;
import org.apache.commons.math3.stat.ranking.TiesStrategy;
import org.udge.internal.Sorting;

/**
 * Convergence statistics of chains, [chains][draws], according to Vehtari et al. (2021) and
 * Margossian et al. (2024).
 */
final class ChainStatistics {

  private static final NormalDistribution NORMAL = new NormalDistribution(0, 1);

  private static final NaturalRanking RANKS = new NaturalRanking(TiesStrategy.AVERAGE);

  private ChainStatistics() {}

  /**
   * Returns the larger of the R-hats of the draws and of their absolute deviations from the median.
   */
  static double rankNormalizedHat(double[][] draws) {
    double median = quantile(draws, 0.5);
    return Math.max(
        hat(normalScores(split(draws))),
        hat(normalScores(split(map(draws, x -> Math.abs(x - median))))));
  }

  static double bulkSize(double[][] draws) {
    return effectiveSize(normalScores(split(draws)));
  }

  static double tailSize(double[][] draws) {
    double least = Double.POSITIVE_INFINITY;
    for (double share : new double[] {0.05, 0.95}) {
      double edge = quantile(draws, share);
      least = Math.min(least, effectiveSize(split(map(draws, x -> x <= edge ? 1 : 0))));
    }
    return least;
  }

  static double nestedHat(double[][] draws, int superchains) {
    int members = draws.length / superchains;
    double[] means = new double[superchains];
    double within = 0;
    for (int k = 0; k < superchains; k++) {
      double[] chainMeans = new double[members];
      double inside = 0;
      for (int m = 0; m < members; m++) {
        double[] chain = draws[k * members + m];
        chainMeans[m] = StatUtils.mean(chain);
        inside += chain.length > 1 ? StatUtils.variance(chain) / members : 0;
      }
      means[k] = StatUtils.mean(chainMeans);
      within += ((members > 1 ? StatUtils.variance(chainMeans) : 0) + inside) / superchains;
    }
    return Math.sqrt(1 + StatUtils.variance(means) / within);
  }

  /**
   * Splits each chain into its first and last half; the middle draw of an odd number is omitted.
   */
  private static double[][] split(double[][] draws) {
    int half = draws[0].length / 2;
    double[][] halves = new double[2 * draws.length][];
    for (int c = 0; c < draws.length; c++) {
      halves[c] = Arrays.copyOf(draws[c], half);
      halves[draws.length + c] =
          Arrays.copyOfRange(draws[c], draws[c].length - half, draws[c].length);
    }
    return halves;
  }

  private static double[][] map(double[][] draws, DoubleUnaryOperator function) {
    return Arrays.stream(draws)
        .map(chain -> Arrays.stream(chain).map(function).toArray())
        .toArray(double[][]::new);
  }

  /** Returns the normal quantiles of mean ranks. */
  private static double[][] normalScores(double[][] draws) {
    double[] ranks = RANKS.rank(Arrays.stream(draws).flatMapToDouble(Arrays::stream).toArray());
    int length = draws[0].length;
    double[][] scores = new double[draws.length][length];
    for (int i = 0; i < ranks.length; i++) {
      scores[i / length][i % length] =
          NORMAL.inverseCumulativeProbability((ranks[i] - 0.375) / (ranks.length + 0.25));
    }
    return scores;
  }

  private static double hat(double[][] chains) {
    double n = chains[0].length;
    double within = Arrays.stream(chains).mapToDouble(StatUtils::variance).average().orElse(0);
    double between =
        StatUtils.variance(Arrays.stream(chains).mapToDouble(StatUtils::mean).toArray());
    return Math.sqrt((within * (n - 1) / n + between) / within);
  }

  /**
   * Computes the effective sample size with Geyer's initial monotone sequence of pairs of
   * autocorrelations.
   */
  private static double effectiveSize(double[][] chains) {
    int length = chains[0].length;
    double count = (double) chains.length * length;
    double[] means = Arrays.stream(chains).mapToDouble(StatUtils::mean).toArray();
    double within = Arrays.stream(chains).mapToDouble(StatUtils::variance).average().orElse(0);
    double total =
        within * (length - 1) / length + (chains.length > 1 ? StatUtils.variance(means) : 0);
    if (!(total > 0)) {
      return Double.NaN;
    }
    double sum = 0;
    double last = Double.POSITIVE_INFINITY;
    for (int lag = 0; lag < length - 1; lag += 2) {
      double pair = 0;
      for (int t = lag; t < lag + 2; t++) {
        pair += t == 0 ? 1 : 1 - (within - covariance(chains, means, t)) / total;
      }
      if (!(pair > 0)) {
        break;
      }
      last = Math.min(last, pair);
      sum += last;
    }
    return Math.min(count / (2 * sum - 1), count * Math.log10(count));
  }

  private static double covariance(double[][] chains, double[] means, int lag) {
    int length = chains[0].length;
    double sum = 0;
    for (int c = 0; c < chains.length; c++) {
      for (int i = 0; i < length - lag; i++) {
        sum += (chains[c][i] - means[c]) * (chains[c][i + lag] - means[c]);
      }
    }
    return sum / (length - 1) / chains.length;
  }

  private static double quantile(double[][] draws, double share) {
    return Sorting.quantile(
        Arrays.stream(draws).flatMapToDouble(Arrays::stream).sorted().toArray(), share);
  }

  /** Returns the draws as [chains][draws], after checks. */
  static double[][] transposed(double[][] steps, int least) {
    checkArgument(
        steps.length >= least,
        "chains must have at least %s steps for this, had %s",
        least,
        steps.length);
    double[][] chains = new double[steps[0].length][steps.length];
    for (int t = 0; t < steps.length; t++) {
      for (int c = 0; c < chains.length; c++) {
        chains[c][t] = steps[t][c];
      }
    }
    return chains;
  }
}
