package org.udge.internal;

import java.util.Comparator;
import java.util.stream.IntStream;

/** Orders and quantiles of numbers. */
public final class Sorting {

  private Sorting() {}

  /**
   * Returns the indices of numbers in ascending order; the sort is stable.
   *
   * @param keys the numbers
   * @return a new array of indices
   */
  public static int[] ascending(double... keys) {
    return IntStream.range(0, keys.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> keys[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /**
   * Returns the indices of numbers in descending order; the sort is stable.
   *
   * @param keys the numbers
   * @return a new array of indices
   */
  public static int[] descending(double... keys) {
    return IntStream.range(0, keys.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -keys[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /**
   * Returns a quantile by linear interpolation between order statistics.
   *
   * @param ascending the numbers in ascending order, at least one
   * @param share the fraction: 0 for the first number, 1 for the last
   * @return the quantile
   */
  public static double quantile(double[] ascending, double share) {
    double position = share * (ascending.length - 1);
    int below = (int) position;
    int above = Math.min(below + 1, ascending.length - 1);
    return ascending[below] + (position - below) * (ascending[above] - ascending[below]);
  }
}
