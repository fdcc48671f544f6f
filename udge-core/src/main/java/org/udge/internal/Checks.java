package org.udge.internal;

import static org.udge.internal.Preconditions.checkArgument;

/** Checks of numbers passed by callers. */
public final class Checks {

  private Checks() {}

  /**
   * Checks that there are scores and that none is NaN; infinite ones can be ranked and are
   * accepted.
   *
   * @param name the name of the scores, for the message
   * @param scores the scores, one per image
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
   * Checks that a number is positive and finite.
   *
   * @param name the name of the number, for the message
   * @param value the number
   * @return the number
   */
  public static double positive(String name, double value) {
    checkArgument(
        value > 0 && Double.isFinite(value), "%s must be positive and finite, was %s", name, value);
    return value;
  }

  /**
   * Checks that a count is large enough.
   *
   * @param least the smallest allowed count
   * @param name the name of the count, for the message
   * @param value the count
   * @return the count
   */
  public static int atLeast(int least, String name, int value) {
    checkArgument(value >= least, "%s must be at least %s, was %s", name, least, value);
    return value;
  }

  /**
   * Checks that a fraction is strictly between 0 and 1.
   *
   * @param name the name of the fraction, for the message
   * @param value the fraction
   * @return the fraction
   */
  public static double probability(String name, double value) {
    checkArgument(value > 0 && value < 1, "%s must be above 0 and below 1, was %s", name, value);
    return value;
  }

  /**
   * Checks that a number is finite and not negative.
   *
   * @param name the name of the number, for the message
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
