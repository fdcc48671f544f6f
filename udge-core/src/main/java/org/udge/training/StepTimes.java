package org.udge.training;

import com.google.common.math.Quantiles;
import com.google.common.primitives.ImmutableLongArray;

/** Durations of steps. */
final class StepTimes {

  private final ImmutableLongArray.Builder nanoseconds = ImmutableLongArray.builder();

  void add(long duration) {
    nanoseconds.add(duration);
  }

  /** The median, or NaN if there was no step. */
  double medianMilliseconds() {
    ImmutableLongArray all = nanoseconds.build();
    return all.isEmpty() ? Double.NaN : Quantiles.median().compute(all.asList()) / 1e6;
  }
}
