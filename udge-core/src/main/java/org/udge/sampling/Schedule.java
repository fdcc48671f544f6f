package org.udge.sampling;

/**
 * A number for each step of a chain: a step size or a noise level. Implementations are immutable,
 * thread-safe, and equal where their numbers are: settings are compared by them.
 */
@FunctionalInterface
public interface Schedule {

  /**
   * The number at a step.
   *
   * @param step from 0
   * @param steps how many steps the chain makes, above step
   * @return the number; not negative
   */
  double at(int step, int steps);

  /**
   * The same number at every step.
   *
   * @param value the number, finite and not negative
   * @return the schedule; equal to others of the same numbers
   */
  static Schedule constant(double value) {
    return new Schedules.Constant(value);
  }

  /**
   * A straight line from the first step to the last.
   *
   * @param first at step 0, finite and not negative
   * @param last at the last step, finite and not negative
   * @return the schedule; equal to others of the same numbers
   */
  static Schedule linear(double first, double last) {
    return new Schedules.Linear(first, last);
  }

  /**
   * A constant factor from each step to the next; annealed Langevin dynamics (Song &amp; Ermon
   * 2019) lowers its noise this way.
   *
   * @param first at step 0, finite and above 0
   * @param last at the last step, finite and above 0
   * @return the schedule; equal to others of the same numbers
   */
  static Schedule geometric(double first, double last) {
    return new Schedules.Geometric(first, last);
  }
}
