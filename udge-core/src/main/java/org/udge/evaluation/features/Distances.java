package org.udge.evaluation.features;

import java.util.Arrays;

/** Euclidean distances, and the k smallest of many. */
final class Distances {

  private Distances() {}

  static double squared(double[] a, double[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      double difference = a[d] - b[d];
      sum += difference * difference;
    }
    return sum;
  }

  /**
   * Computes the squared distance, but stops as soon as the sum exceeds a limit; the result is then
   * above the limit.
   */
  static double squared(float[] a, int aStart, float[] b, int bStart, int size, double limit) {
    double sum = 0;
    int d = 0;
    while (d < size && sum <= limit) {
      int end = Math.min(size, d + 128);
      for (; d < end; d++) {
        double difference = (double) a[aStart + d] - b[bStart + d];
        sum += difference * difference;
      }
    }
    return sum;
  }

  /** The k smallest numbers offered, with their indices, ascending. */
  static final class Smallest {
    private final double[] values;
    private final int[] indices;

    Smallest(int k) {
      values = new double[k];
      indices = new int[k];
      Arrays.fill(values, Double.POSITIVE_INFINITY);
      Arrays.fill(indices, -1);
    }

    /** Returns the largest number that is kept: anything above is irrelevant. */
    double limit() {
      return values[values.length - 1];
    }

    void offer(double value, int index) {
      int position = values.length - 1;
      if (!(value < values[position])) {
        return;
      }
      while (position > 0 && values[position - 1] > value) {
        values[position] = values[position - 1];
        indices[position] = indices[position - 1];
        position--;
      }
      values[position] = value;
      indices[position] = index;
    }

    double value(int rank) {
      return values[rank];
    }

    int index(int rank) {
      return indices[rank];
    }
  }
}
