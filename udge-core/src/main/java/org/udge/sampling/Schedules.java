package org.udge.sampling;

import static org.udge.internal.Preconditions.checkArgument;

/** The schedules that {@link Schedule} provides. */
final class Schedules {

  private Schedules() {}

  record Constant(double value) implements Schedule {
    Constant {
      check("value", value);
    }

    @Override
    public double at(int step, int steps) {
      return value;
    }
  }

  record Linear(double first, double last) implements Schedule {
    Linear {
      check("first", first);
      check("last", last);
    }

    @Override
    public double at(int step, int steps) {
      return first + (last - first) * progress(step, steps);
    }
  }

  record Geometric(double first, double last) implements Schedule {
    Geometric {
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
