package org.udge.engine.onednn;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.udge.engine.Precision;

/** The settings of a {@link OneDnnEngine}. Start from {@link #ofDefaults()}. */
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
   * Returns the default settings: float32, the number of threads given by OpenMP, 8 plans.
   *
   * @return the defaults
   */
  public static OneDnnOptions ofDefaults() {
    return new OneDnnOptions(Precision.FLOAT32, OptionalInt.empty(), 8);
  }

  /**
   * Returns a copy of these settings with another arithmetic precision of inner layers.
   *
   * @param value the precision, float32 or bfloat16
   * @return modified settings
   */
  public OneDnnOptions withPrecision(Precision value) {
    return new OneDnnOptions(value, threads, cachedPlans);
  }

  /**
   * Returns a copy of these settings with another maximum number of threads of a pass.
   *
   * @param count the number of threads, at least 1
   * @return modified settings
   */
  public OneDnnOptions withThreads(int count) {
    return new OneDnnOptions(precision, OptionalInt.of(count), cachedPlans);
  }

  /**
   * Returns a copy of these settings with another number of cached compiled plans.
   *
   * @param count the number of plans, at least 1
   * @return modified settings
   */
  public OneDnnOptions withCachedPlans(int count) {
    return new OneDnnOptions(precision, threads, count);
  }

  /**
   * Returns the arithmetic precision of inner layers.
   *
   * @return the precision; default {@link Precision#FLOAT32}
   */
  public Precision precision() {
    return precision;
  }

  /**
   * Returns the maximum number of threads of a pass.
   *
   * @return the number of threads, at least 1; default empty: the number that the OpenMP runtime
   *     gives to the compiling thread, which depends on {@code OMP_NUM_THREADS}
   */
  public OptionalInt threads() {
    return threads;
  }

  /**
   * Returns the number of compiled plans that are cached (one per batch size, image size and
   * relevant mode); the least recently used plan is evicted first.
   *
   * @return the number of plans, at least 1; default 8
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
