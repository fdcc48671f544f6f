package org.udge.evaluation.features;

/** Arithmetic of vectors; results are new. */
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

  /** Of length 1; zeros stay zeros. */
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
