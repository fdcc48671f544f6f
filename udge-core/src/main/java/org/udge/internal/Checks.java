package org.udge.internal;

import static org.udge.internal.Preconditions.checkArgument;

/** Checks of numbers that callers give. */
public final class Checks {

  private Checks() {}

  /**
   * Scores must be there and be numbers; infinite ones can be ranked and are let through.
   *
   * @param name whose scores, for the message
   * @param scores one for each image
   * @return the same array
   */
  public static double[] scores(String name, double[] scores) {
    checkArgument(scores.length > 0, "%s scores must not be empty", name);
    for (int i = 0; i < scores.length; i++) {
      checkArgument(!Double.isNaN(scores[i]), "%s score of image %s is NaN", name, i);
    }
    return scores;
  }

  /**
   * Returns a number must be positive and finite.
   *
   * @param name what it is, for the message
   * @param value the number
   * @return the number
   */
  public static double positive(String name, double value) {
    checkArgument(
        value > 0 && Double.isFinite(value), "%s must be positive and finite, was %s", name, value);
    return value;
  }

  /**
   * Returns a count must be large enough.
   *
   * @param least the smallest that is right
   * @param name what it is, for the message
   * @param value the count
   * @return the count
   */
  public static int atLeast(int least, String name, int value) {
    checkArgument(value >= least, "%s must be at least %s, was %s", name, least, value);
    return value;
  }

  /**
   * Returns a share must be strictly between none and all.
   *
   * @param name what it is, for the message
   * @param value the share
   * @return the share
   */
  public static double probability(String name, double value) {
    checkArgument(value > 0 && value < 1, "%s must be above 0 and below 1, was %s", name, value);
    return value;
  }

  /**
   * Returns a number must not be negative, and finite.
   *
   * @param name what it is, for the message
   * @param value the number
   * @return the number
   */
  public static double notNegative(String name, double value) {
    checkArgument(
        value >= 0 && Double.isFinite(value),
        "%s must be finite and not negative, was %s",
        name,
        value);
    return value;
  }
}
