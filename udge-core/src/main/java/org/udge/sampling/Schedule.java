package org.udge.sampling;

/**
 * A number for each step of a chain: a step size or a noise level. Implementations must be
 * immutable and thread-safe, and equal if their numbers are: settings compare schedules by
 * equality.
 */
@FunctionalInterface
public interface Schedule {

  /**
   * Returns the value at a step.
   *
   * @param step from 0
   * @param steps the number of steps of the chain, above step
   * @return the value; not negative
   */
  double at(int step, int steps);

  /**
   * Returns a schedule with the same value at every step.
   *
   * @param value the value, finite and not negative
   * @return the schedule; equal to others with the same values
   */
  static Schedule constant(double value) {
    return new Schedules.Constant(value);
  }

  /**
   * Returns a schedule that is linear from the first step to the last.
   *
   * @param first the value at step 0, finite and not negative
   * @param last the value at the last step, finite and not negative
   * @return the schedule; equal to others with the same values
   */
  static Schedule linear(double first, double last) {
    return new Schedules.Linear(first, last);
  }

  /**
   * Returns a schedule with a constant ratio between consecutive steps; annealed Langevin dynamics
   * (Song &amp; Ermon 2019) decreases its noise this way.
   *
   * @param first the value at step 0, finite and above 0
   * @param last the value at the last step, finite and above 0
   * @return the schedule; equal to others with the same values
   */
  static Schedule geometric(double first, double last) {
    return new Schedules.Geometric(first, last);
  }
}
