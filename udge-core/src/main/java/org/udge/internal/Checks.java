package org.udge.internal;

import static com.google.common.base.Preconditions.checkArgument;

/** Checks of numbers that callers give. */
public final class Checks {

  private Checks() {}

  /** Scores must be there and be numbers; infinite ones can be ranked and are let through. */
  public static double[] scores(String name, double[] scores) {
    checkArgument(scores.length > 0, "%s scores must not be empty", name);
    for (int i = 0; i < scores.length; i++) {
      checkArgument(!Double.isNaN(scores[i]), "%s score of image %s is NaN", name, i);
    }
    return scores;
  }

  public static double positive(String name, double value) {
    checkArgument(
        value > 0 && Double.isFinite(value), "%s must be positive and finite, was %s", name, value);
    return value;
  }

  public static int atLeast(int least, String name, int value) {
    checkArgument(value >= least, "%s must be at least %s, was %s", name, least, value);
    return value;
  }

  public static double probability(String name, double value) {
    checkArgument(value > 0 && value < 1, "%s must be above 0 and below 1, was %s", name, value);
    return value;
  }
}
