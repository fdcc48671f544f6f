package org.udge.evaluation.features;

import java.util.function.IntFunction;

/** Vector arithmetic; results are new arrays. */
final class Vectors {

  private Vectors() {}

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int d = 0; d < a.length; d++) {
      sum += a[d] * b[d];
    }
    return sum;
  }

  static double norm(double... v) {
    return Math.sqrt(dot(v, v));
  }

  static double[] difference(double[] a, double[] b) {
    double[] result = new double[a.length];
    for (int d = 0; d < a.length; d++) {
      result[d] = a[d] - b[d];
    }
    return result;
  }

  /**
   * Computes sum_i (z_i - m_i) (z_i - m_i)' / N.
   *
   * @param meanOf the vector subtracted from row i
   */
  static double[][] secondMoment(double[][] rows, IntFunction<double[]> meanOf) {
    double[][] moment = new double[rows[0].length][rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      double[] v = difference(rows[i], meanOf.apply(i));
      for (int d = 0; d < v.length; d++) {
        for (int e = 0; e <= d; e++) {
          moment[d][e] += v[d] * v[e];
        }
      }
    }
    for (int d = 0; d < moment.length; d++) {
      for (int e = 0; e <= d; e++) {
        moment[d][e] /= rows.length;
        moment[e][d] = moment[d][e];
      }
    }
    return moment;
  }

  /** Returns the vector normalized to length 1; a zero vector stays zero. */
  static double[] normalized(double... v) {
    double length = norm(v);
    double[] result = new double[v.length];
    for (int d = 0; d < v.length; d++) {
      result[d] = length > 0 ? v[d] / length : 0;
    }
    return result;
  }

  static int argMax(double... v) {
    int best = 0;
    for (int c = 1; c < v.length; c++) {
      if (v[c] > v[best]) {
        best = c;
      }
    }
    return best;
  }
}
