package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;

/**
 * A second set of parameters, the average of those that training passes through: usually a more
 * accurate and better calibrated network than the last one, at the cost of one copy of the
 * parameters. Training itself is not affected, bit for bit.
 *
 * <ul>
 *   <li>{@linkplain #exponential Exponential}: a = d a + (1 - d) w after every update, an average
 *       over the recent past; for any learning rate.
 *   <li>{@linkplain #stochastic Stochastic weight averaging}: the mean of w at the ends of epochs,
 *       from some epoch on; for rates that stay large until the end.
 * </ul>
 *
 * <p>The running statistics of training do not fit the averaged network. Whenever the average is
 * used, statistics of its own are computed: the means over batches of training images of mean and
 * variance of each batch, in training mode, as PyTorch's {@code update_bn} does. That costs a
 * forward and a backward pass per batch at the end of each epoch; networks without batch
 * normalization need none.
 *
 * <p>The average is used for validation, as the best epoch, by listeners at the end of an epoch,
 * and by the model when training is done. Until there is an average, before the first epoch of a
 * stochastic average ends, the parameters in training are used instead.
 *
 * <p>Sources: Polyak &amp; Juditsky 1992, "Acceleration of stochastic approximation by averaging";
 * Izmailov et al. 2018, "Averaging weights leads to wider optima and better generalization",
 * algorithm 1 with a cycle of one epoch.
 *
 * <p>Immutable and thread-safe.
 */
public final class WeightAveraging {

  private static final int STATISTICS_BATCHES = 50;

  private final boolean exponential;
  private final double decay;
  private final long firstEpoch;
  private final int statisticsBatches;

  private WeightAveraging(
      boolean exponential, double decay, long firstEpoch, int statisticsBatches) {
    this.exponential = exponential;
    this.decay = decay;
    this.firstEpoch = firstEpoch;
    this.statisticsBatches = statisticsBatches;
  }

  /**
   * Returns an exponential moving average. To forget the beginning quickly, the weight of the old
   * average after update t = 0, 1, ... is min(d, (1 + t) / (10 + t)).
   *
   * @param decay the decay d, in [0, 1); 0.999 averages over about 1,000 updates
   * @return the settings
   * @throws IllegalArgumentException if it is out of range
   */
  public static WeightAveraging exponential(double decay) {
    checkArgument(
        decay >= 0 && decay < 1, "the decay of an average must be in [0, 1), was %s", decay);
    return new WeightAveraging(true, decay, 0, STATISTICS_BATCHES);
  }

  /**
   * Returns the mean of the parameters at the ends of epochs.
   *
   * @param firstEpoch the first of these epochs, counted from 0; in the paper after three quarters
   *     of training
   * @return the settings
   * @throws IllegalArgumentException if it is negative
   */
  public static WeightAveraging stochastic(long firstEpoch) {
    checkArgument(
        firstEpoch >= 0, "the first epoch of an average must not be negative, was %s", firstEpoch);
    return new WeightAveraging(false, 0, firstEpoch, STATISTICS_BATCHES);
  }

  /**
   * Returns a copy with another number of batches for running statistics.
   *
   * @param count the number of batches, at least 1; default 50. An epoch with fewer is used once
   * @return new settings
   * @throws IllegalArgumentException if it is below 1
   */
  public WeightAveraging withStatisticsBatches(int count) {
    checkArgument(count > 0, "batches for statistics must be at least 1, were %s", count);
    return new WeightAveraging(exponential, decay, firstEpoch, count);
  }

  /** Returns whether the parameters after an update are included in the average. */
  boolean takes(long epoch, boolean endsEpoch) {
    return exponential || (endsEpoch && epoch >= firstEpoch);
  }

  /**
   * Returns the weight of the previous average when {@code count} parameter vectors are included.
   */
  double weightOfOld(long count) {
    return exponential ? Math.min(decay, (1.0 + count) / (10.0 + count)) : count / (count + 1.0);
  }

  /**
   * Returns whether it is an exponential average.
   *
   * @return false for stochastic weight averaging
   */
  public boolean isExponential() {
    return exponential;
  }

  /**
   * Returns the weight of the old average.
   *
   * @return the weight, in [0, 1); 0 for stochastic weight averaging
   */
  public double decay() {
    return decay;
  }

  /**
   * Returns the first epoch of stochastic weight averaging.
   *
   * @return the epoch, from 0
   */
  public long firstEpoch() {
    return firstEpoch;
  }

  /**
   * Returns the number of batches of training images for running statistics.
   *
   * @return the number of batches, at least 1; default 50
   */
  public int statisticsBatches() {
    return statisticsBatches;
  }

  private List<Object> values() {
    return List.of(exponential, decay, firstEpoch, statisticsBatches);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WeightAveraging that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return exponential
        ? String.format(
            Locale.ROOT,
            "WeightAveraging[exponential, decay=%s, statisticsBatches=%d]",
            decay,
            statisticsBatches)
        : String.format(
            Locale.ROOT,
            "WeightAveraging[stochastic, firstEpoch=%d, statisticsBatches=%d]",
            firstEpoch,
            statisticsBatches);
  }
}
