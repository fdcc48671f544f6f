package org.udge.engine.onednn;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.udge.engine.Precision;

/** Settings of a {@link OneDnnEngine}. Start from {@link #ofDefaults()}. */
public final class OneDnnOptions {

  private final Precision precision;
  private final OptionalInt threads;
  private final int cachedPlans;

  private OneDnnOptions(Precision precision, OptionalInt threads, int cachedPlans) {
    requireNonNull(precision, "precision");
    requireNonNull(threads, "threads");
    threads.ifPresent(n -> checkArgument(n >= 1, "threads must be at least 1, was %s", n));
    checkArgument(cachedPlans >= 1, "cachedPlans must be at least 1, was %s", cachedPlans);
    this.precision = precision;
    this.threads = threads;
    this.cachedPlans = cachedPlans;
  }

  /**
   * Float32, as many threads as OpenMP gives, 8 plans.
   *
   * @return the defaults
   */
  public static OneDnnOptions ofDefaults() {
    return new OneDnnOptions(Precision.FLOAT32, OptionalInt.empty(), 8);
  }

  /**
   * Sets the arithmetic of inner layers.
   *
   * @param value float32 or bfloat16
   * @return changed settings
   */
  public OneDnnOptions withPrecision(Precision value) {
    return new OneDnnOptions(value, threads, cachedPlans);
  }

  /**
   * Sets how many threads a pass uses at most.
   *
   * @param count at least 1
   * @return changed settings
   */
  public OneDnnOptions withThreads(int count) {
    return new OneDnnOptions(precision, OptionalInt.of(count), cachedPlans);
  }

  /**
   * Sets how many compiled plans are kept.
   *
   * @param count at least 1
   * @return changed settings
   */
  public OneDnnOptions withCachedPlans(int count) {
    return new OneDnnOptions(precision, threads, count);
  }

  /**
   * Arithmetic of inner layers.
   *
   * @return default {@link Precision#FLOAT32}
   */
  public Precision precision() {
    return precision;
  }

  /**
   * How many threads a pass uses at most.
   *
   * @return at least 1; default empty: what the OpenMP runtime gives the thread that compiles,
   *     which follows {@code OMP_NUM_THREADS}
   */
  public OptionalInt threads() {
    return threads;
  }

  /**
   * How many plans (one per batch size, image size and mode that matters) are kept compiled; the
   * least recently used goes first.
   *
   * @return at least 1; default 8
   */
  public int cachedPlans() {
    return cachedPlans;
  }

  private List<Object> values() {
    return List.of(precision, threads, cachedPlans);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OneDnnOptions that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "OneDnnOptions[precision=%s, threads=%s, cachedPlans=%s]", values().toArray());
  }
}
