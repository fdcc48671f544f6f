package org.udge.sampling;

import static com.google.common.base.Preconditions.checkArgument;

/** A number for each step of a chain: a step size or a noise level. Must be thread-safe. */
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
   * @return the schedule
   */
  static Schedule constant(double value) {
    return new Constant(value);
  }

  /**
   * A straight line from the first step to the last.
   *
   * @param first at step 0, finite and not negative
   * @param last at the last step, finite and not negative
   * @return the schedule
   */
  static Schedule linear(double first, double last) {
    return new Linear(first, last);
  }

  /**
   * A constant factor from each step to the next; annealed Langevin dynamics (Song &amp; Ermon
   * 2019) lowers its noise this way.
   *
   * @param first at step 0, finite and above 0
   * @param last at the last step, finite and above 0
   * @return the schedule
   */
  static Schedule geometric(double first, double last) {
    return new Geometric(first, last);
  }

  /**
   * See {@link Schedule#constant}.
   *
   * @param value the number
   */
  record Constant(double value) implements Schedule {

    /**
     * Checks the value.
     *
     * @param value the number, finite and not negative
     */
    public Constant {
      check("value", value);
    }

    @Override
    public double at(int step, int steps) {
      return value;
    }
  }

  /**
   * See {@link Schedule#linear}.
   *
   * @param first at step 0
   * @param last at the last step
   */
  record Linear(double first, double last) implements Schedule {

    /**
     * Checks the values.
     *
     * @param first at step 0, finite and not negative
     * @param last at the last step, finite and not negative
     */
    public Linear {
      check("first", first);
      check("last", last);
    }

    @Override
    public double at(int step, int steps) {
      return first + (last - first) * progress(step, steps);
    }
  }

  /**
   * See {@link Schedule#geometric}.
   *
   * @param first at step 0
   * @param last at the last step
   */
  record Geometric(double first, double last) implements Schedule {

    /**
     * Checks the values.
     *
     * @param first at step 0, finite and above 0
     * @param last at the last step, finite and above 0
     */
    public Geometric {
      check("first", first);
      check("last", last);
      checkArgument(first > 0, "first must be above 0, was %s", first);
      checkArgument(last > 0, "last must be above 0, was %s", last);
    }

    @Override
    public double at(int step, int steps) {
      return first * Math.pow(last / first, progress(step, steps));
    }
  }

  private static double progress(int step, int steps) {
    return steps == 1 ? 0 : (double) step / (steps - 1);
  }

  private static void check(String name, double value) {
    checkArgument(
        value >= 0 && Double.isFinite(value),
        "%s must be finite and not negative, was %s",
        name,
        value);
  }
}
