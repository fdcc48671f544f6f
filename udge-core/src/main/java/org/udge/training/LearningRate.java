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
 * <p>A pure function, so resumed runs continue where they were: a run that goes on longer than its
 * schedule stays at the schedule's last rate. Immutable and thread-safe. Equal schedules are equal
 * objects.
 */
public final class LearningRate {

  /** Part of a cycle in which the rate rises, where nothing else is said. */
  private static final double RISE = 0.3;

  /** The highest rate of a cycle over the first one. */
  private static final double DIVISOR = 25;

  /** The first rate of a cycle over the last one. */
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
   * Always the same rate.
   *
   * @param rate above 0
   * @return the schedule
   */
  public static LearningRate constant(double rate) {
    return of(Shape.CONSTANT, rate, 0);
  }

  /**
   * Half a cosine from a rate down to a floor, 0 unless {@link #withFloor} says otherwise: floor +
   * (rate - floor) (1 + cos(pi (t - n) / (T - n))) / 2 at update t = n, n + 1, ... of T, after n
   * updates of warm-up; the floor from update T on.
   *
   * <p>Source: Loshchilov &amp; Hutter 2017, "SGDR: stochastic gradient descent with warm
   * restarts", equation 5, without restarts.
   *
   * @param rate the highest, above 0
   * @param updates T, at least 1: epochs times updates an epoch
   * @return the schedule
   */
  public static LearningRate cosine(double rate, long updates) {
    return of(Shape.COSINE, rate, updates);
  }

  /**
   * One cycle: half a cosine up from rate / 25 to the rate over the first 0.3 T updates, or the n
   * of {@link #withWarmUp}, then half a cosine down to rate / 250,000 at update T - 1, where it
   * stays. What PyTorch's {@code OneCycleLR} gives by default, without its cycle of the momentum;
   * {@code pct_start} is n / T.
   *
   * <p>Source: Smith &amp; Topin 2019, "Super-convergence: very fast training of neural networks
   * using large learning rates".
   *
   * @param rate the highest, above 0
   * @param updates T, at least 1: epochs times updates an epoch
   * @return the schedule
   */
  public static LearningRate oneCycle(double rate, long updates) {
    return of(Shape.ONE_CYCLE, rate, updates);
  }

  /**
   * With a warm-up. Update t = 0, 1, ... of the first n runs at base (t + 1) / n, where base is the
   * highest rate; a cosine begins after it. Of one cycle, n is the length of its rise.
   *
   * @param updates n, not negative; 0 means no warm-up, and the usual rise of one cycle
   * @return a new schedule
   * @throws IllegalArgumentException if it is negative, or leaves nothing of a schedule that ends
   */
  public LearningRate withWarmUp(long updates) {
    checkArgument(updates >= 0, "warm-up updates must not be negative, were %s", updates);
    return new LearningRate(shape, base, this.updates, floor, updates, decayFactor, decayEpochs);
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
    return new LearningRate(
        shape, base, updates, floor, warmUpUpdates, factor, Longs.asList(epochs));
  }

  /**
   * With another end of a cosine.
   *
   * @param rate the lowest, from 0 to the highest; default 0
   * @return a new schedule
   * @throws IllegalArgumentException if this is no cosine, or the rate is out of range
   */
  public LearningRate withFloor(double rate) {
    checkArgument(shape == Shape.COSINE, "only a cosine has a floor, this is %s", this);
    checkArgument(rate >= 0 && rate <= base, "the floor must be from 0 to %s, was %s", base, rate);
    return new LearningRate(shape, base, updates, rate, warmUpUpdates, decayFactor, decayEpochs);
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

  /** The rise ends, and the cycle begins to end, at whole updates only if they happen to. */
  private double cycled(long update) {
    double top = Math.max(0, (warmUpUpdates > 0 ? warmUpUpdates : RISE * updates) - 1);
    double first = base / DIVISOR;
    return update < top
        ? between(first, base, update / top)
        : between(base, first / FINAL_DIVISOR, (update - top) / Math.max(1, updates - 1 - top));
  }

  /** Half a cosine; beyond its ends, what it is there. */
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
