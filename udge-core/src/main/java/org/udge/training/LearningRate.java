package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.common.primitives.Longs;
import java.util.List;
import java.util.Locale;

/**
 * The learning rate as a function of update and epoch: a base rate, an optional linear warm-up over
 * the first updates, and an optional factor at some epochs.
 *
 * <p>A pure function, so resumed runs continue where they were. Immutable and thread-safe. Equal
 * schedules are equal objects.
 */
public final class LearningRate {

  private final double base;
  private final long warmUpUpdates;
  private final double decayFactor;
  private final List<Long> decayEpochs;

  private LearningRate(
      double base, long warmUpUpdates, double decayFactor, List<Long> decayEpochs) {
    this.base = base;
    this.warmUpUpdates = warmUpUpdates;
    this.decayFactor = decayFactor;
    this.decayEpochs = List.copyOf(decayEpochs);
  }

  /**
   * Always the same rate.
   *
   * @param rate above 0
   * @return the schedule
   */
  public static LearningRate constant(double rate) {
    checkArgument(
        rate > 0 && Double.isFinite(rate), "learning rate must be positive, was %s", rate);
    return new LearningRate(rate, 0, 1, List.of());
  }

  /**
   * With a linear warm-up: update t = 0, 1, ... of the first n runs at base (t + 1) / n.
   *
   * @param updates n, not negative; 0 means no warm-up
   * @return a new schedule
   */
  public LearningRate withWarmUp(long updates) {
    checkArgument(updates >= 0, "warm-up updates must not be negative, were %s", updates);
    return new LearningRate(base, updates, decayFactor, decayEpochs);
  }

  /**
   * With step decay: the rate is multiplied by a factor at the start of each of some epochs.
   *
   * @param factor above 0
   * @param epochs counted from 0
   * @return a new schedule
   */
  public LearningRate withDecay(double factor, long... epochs) {
    checkArgument(
        factor > 0 && Double.isFinite(factor), "decay factor must be positive, was %s", factor);
    return new LearningRate(base, warmUpUpdates, factor, Longs.asList(epochs));
  }

  /**
   * The rate of one update.
   *
   * @param update number of updates done before, from 0
   * @param epoch from 0
   * @return the rate
   */
  public double at(long update, long epoch) {
    return at(update, epoch, false);
  }

  /** The same, where the warm-up may begin at 0 in place of 1 / n. */
  double at(long update, long epoch, boolean fromZero) {
    double rate = base;
    if (update < warmUpUpdates) {
      rate *= (update + (fromZero ? 0 : 1)) / (double) warmUpUpdates;
    }
    long decays = decayEpochs.stream().filter(start -> epoch >= start).count();
    return rate * Math.pow(decayFactor, (double) decays);
  }

  private List<Object> settings() {
    return List.of(base, warmUpUpdates, decayFactor, decayEpochs);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LearningRate that && settings().equals(that.settings());
  }

  @Override
  public int hashCode() {
    return settings().hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "LearningRate[%s, warm-up %d, x %s at epochs %s]",
        base,
        warmUpUpdates,
        decayFactor,
        decayEpochs);
  }
}
