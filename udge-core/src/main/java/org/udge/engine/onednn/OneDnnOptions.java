package org.udge.engine.onednn;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.OptionalInt;
import org.udge.engine.Precision;

/**
 * Settings of a {@link OneDnnEngine}. Start from {@link #defaults()}.
 *
 * @param precision arithmetic of inner layers; default {@link Precision#FLOAT32}
 * @param threads how many threads a pass uses at most, at least 1; default: what the OpenMP runtime
 *     gives the thread that compiles, which follows {@code OMP_NUM_THREADS}
 * @param cachedPlans how many plans (one per batch size, image size and mode that matters) are kept
 *     compiled, at least 1; the least recently used goes first; default 8
 */
public record OneDnnOptions(Precision precision, OptionalInt threads, int cachedPlans) {

  /**
   * Checks the settings.
   *
   * @param precision arithmetic of inner layers
   * @param threads at least 1 where given
   * @param cachedPlans at least 1
   * @throws IllegalArgumentException if one is out of range
   */
  public OneDnnOptions {
    requireNonNull(precision, "precision");
    requireNonNull(threads, "threads");
    threads.ifPresent(n -> checkArgument(n >= 1, "threads must be at least 1, was %s", n));
    checkArgument(cachedPlans >= 1, "cachedPlans must be at least 1, was %s", cachedPlans);
  }

  /**
   * Float32, as many threads as OpenMP gives, 8 plans.
   *
   * @return the defaults
   */
  public static OneDnnOptions defaults() {
    return new OneDnnOptions(Precision.FLOAT32, OptionalInt.empty(), 8);
  }

  /**
   * Sets the arithmetic of inner layers.
   *
   * @param value float32 or bfloat16
   * @return changed settings
   */
  public OneDnnOptions precision(Precision value) {
    return new OneDnnOptions(value, threads, cachedPlans);
  }

  /**
   * Sets how many threads a pass uses at most.
   *
   * @param count at least 1
   * @return changed settings
   */
  public OneDnnOptions threads(int count) {
    return new OneDnnOptions(precision, OptionalInt.of(count), cachedPlans);
  }

  /**
   * Sets how many compiled plans are kept.
   *
   * @param count at least 1
   * @return changed settings
   */
  public OneDnnOptions cachedPlans(int count) {
    return new OneDnnOptions(precision, threads, count);
  }
}
