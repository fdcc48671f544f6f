package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.common.primitives.Longs;
import java.util.List;
import java.util.Locale;

/**
 * The learning rate as a function of update and epoch: a shape (constant, {@linkplain #cosine
 * cosine} or {@linkplain #oneCycle one cycle}), an optional linear warm-up over the first updates,
 * and an optional factor at some epochs.
 *
 * <pre>{@code
 * LearningRate steps = LearningRate.constant(0.1).withDecay(0.2, 60, 120, 160);
 * LearningRate cosine = LearningRate.cosine(0.1, 200L * batches.batchesPerEpoch()).withWarmUp(500);
 * }</pre>
 *
 * <p>A pure function of its arguments, so resumed runs continue seamlessly. A run that is longer
 * than its schedule stays at the schedule's last rate. Immutable and thread-safe. Schedules with
 * equal values are equal.
 */
public final class LearningRate {

  /** The default fraction of a cycle in which the rate rises. */
  private static final double RISE = 0.3;

  /** The ratio of the highest rate of a cycle to the first one. */
  private static final double DIVISOR = 25;

  /** The ratio of the first rate of a cycle to the last one. */
  private static final double FINAL_DIVISOR = 1e4;

  private enum Shape {
    CONSTANT,
    COSINE,
    ONE_CYCLE
  }

  private final Shape shape;
  private final double base;
  private final long updates;
  private final double floor;
  private final long warmUpUpdates;
  private final double decayFactor;
  private final List<Long> decayEpochs;

  private LearningRate(
      Shape shape,
      double base,
      long updates,
      double floor,
      long warmUpUpdates,
      double decayFactor,
      List<Long> decayEpochs) {
    checkArgument(
        base > 0 && Double.isFinite(base), "learning rate must be positive, was %s", base);
    checkArgument(
        shape == Shape.CONSTANT || warmUpUpdates < updates,
        "a schedule of %s updates has no room for %s of warm-up",
        updates,
        warmUpUpdates);
    this.shape = shape;
    this.base = base;
    this.updates = updates;
    this.floor = floor;
    this.warmUpUpdates = warmUpUpdates;
    this.decayFactor = decayFactor;
    this.decayEpochs = List.copyOf(decayEpochs);
  }

  private static LearningRate of(Shape shape, double rate, long updates) {
    checkArgument(
        shape == Shape.CONSTANT || updates > 0,
        "a schedule must have at least 1 update, had %s",
        updates);
    return new LearningRate(shape, rate, updates, 0, 0, 1, List.of());
  }

  /**
   * Returns a constant rate.
   *
   * @param rate the rate, above 0
   * @return the schedule
   */
  public static LearningRate constant(double rate) {
    return of(Shape.CONSTANT, rate, 0);
  }

  /**
   * Returns half a cosine from a rate down to a floor, 0 unless set by {@link #withFloor}: floor +
   * (rate - floor) (1 + cos(pi (t - n) / (T - n))) / 2 at update t = n, n + 1, ... of T, after n
   * updates of warm-up; the floor from update T on.
   *
   * <p>Source: Loshchilov &amp; Hutter 2017, "SGDR: stochastic gradient descent with warm
   * restarts", equation 5, without restarts.
   *
   * @param rate the highest rate, above 0
   * @param updates the number of updates T, at least 1: epochs times updates per epoch
   * @return the schedule
   */
  public static LearningRate cosine(double rate, long updates) {
    return of(Shape.COSINE, rate, updates);
  }

  /**
   * Returns one cycle: half a cosine up from rate / 25 to the rate over the first 0.3 T updates, or
   * the n of {@link #withWarmUp}, then half a cosine down to rate / 250,000 at update T - 1, where
   * it stays. Equivalent to the defaults of PyTorch's {@code OneCycleLR} without momentum cycling;
   * {@code pct_start} is n / T.
   *
   * <p>Source: Smith &amp; Topin 2019, "Super-convergence: very fast training of neural networks
   * using large learning rates".
   *
   * @param rate the highest rate, above 0
   * @param updates the number of updates T, at least 1: epochs times updates per epoch
   * @return the schedule
   */
  public static LearningRate oneCycle(double rate, long updates) {
    return of(Shape.ONE_CYCLE, rate, updates);
  }

  /**
   * Returns a copy with a warm-up. Update t = 0, 1, ... of the first n has the rate base (t + 1) /
   * n, where base is the highest rate; a cosine begins after it. For one cycle, n is the length of
   * its rise.
   *
   * @param updates the number of updates n, not negative; 0 means no warm-up, and for one cycle the
   *     default rise
   * @return a new schedule
   * @throws IllegalArgumentException if it is negative, or leaves no updates of a finite schedule
   */
  public LearningRate withWarmUp(long updates) {
    checkArgument(updates >= 0, "warm-up updates must not be negative, were %s", updates);
    return new LearningRate(shape, base, this.updates, floor, updates, decayFactor, decayEpochs);
  }

  /**
   * Returns a copy with step decay: the rate is multiplied by a factor at the start of each of the
   * given epochs.
   *
   * @param factor the factor, above 0
   * @param epochs the epochs, counted from 0
   * @return a new schedule
   */
  public LearningRate withDecay(double factor, long... epochs) {
    checkArgument(
        factor > 0 && Double.isFinite(factor), "decay factor must be positive, was %s", factor);
    return new LearningRate(
        shape, base, updates, floor, warmUpUpdates, factor, Longs.asList(epochs));
  }

  /**
   * Returns a copy with another floor of the cosine.
   *
   * @param rate the lowest rate, from 0 to the highest; default 0
   * @return a new schedule
   * @throws IllegalArgumentException if this is not a cosine, or the rate is out of range
   */
  public LearningRate withFloor(double rate) {
    checkArgument(shape == Shape.COSINE, "only a cosine has a floor, this is %s", this);
    checkArgument(rate >= 0 && rate <= base, "the floor must be from 0 to %s, was %s", base, rate);
    return new LearningRate(shape, base, updates, rate, warmUpUpdates, decayFactor, decayEpochs);
  }

  /**
   * Returns the rate of an update.
   *
   * @param update the number of updates done before, from 0
   * @param epoch the epoch, from 0
   * @return the rate
   */
  public double at(long update, long epoch) {
    return at(update, epoch, false);
  }

  /** Returns the rate of an update, with a warm-up that may begin at 0 instead of 1 / n. */
  double at(long update, long epoch, boolean fromZero) {
    long decays = decayEpochs.stream().filter(start -> epoch >= start).count();
    return shaped(update, fromZero) * Math.pow(decayFactor, (double) decays);
  }

  private double shaped(long update, boolean fromZero) {
    if (shape == Shape.ONE_CYCLE) {
      return cycled(update);
    }
    if (update < warmUpUpdates) {
      return base * ((update + (fromZero ? 0 : 1)) / (double) warmUpUpdates);
    }
    return shape == Shape.CONSTANT
        ? base
        : between(base, floor, (update - warmUpUpdates) / (double) (updates - warmUpUpdates));
  }

  /**
   * Returns the rate within a cycle. The rise and the cycle do not necessarily end at whole
   * updates.
   */
  private double cycled(long update) {
    double top = Math.max(0, (warmUpUpdates > 0 ? warmUpUpdates : RISE * updates) - 1);
    double first = base / DIVISOR;
    return update < top
        ? between(first, base, update / top)
        : between(base, first / FINAL_DIVISOR, (update - top) / Math.max(1, updates - 1 - top));
  }

  /** Interpolates by half a cosine, constant beyond its ends. */
  private static double between(double from, double to, double part) {
    return to + (from - to) * (1 + Math.cos(Math.PI * Math.min(1, part))) / 2;
  }

  private List<Object> settings() {
    return List.of(shape, base, updates, floor, warmUpUpdates, decayFactor, decayEpochs);
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
    String course =
        switch (shape) {
          case CONSTANT -> "";
          case COSINE -> String.format(Locale.ROOT, ", cosine to %s in %d", floor, updates);
          case ONE_CYCLE -> String.format(Locale.ROOT, ", one cycle of %d", updates);
        };
    return String.format(
        Locale.ROOT,
        "LearningRate[%s%s, warm-up %d, x %s at epochs %s]",
        base,
        course,
        warmUpUpdates,
        decayFactor,
        decayEpochs);
  }
}
