package org.udge.evaluation.features;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.function.IntFunction;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * L^-1 for a covariance S = L L', so that ||L^-1 v||^2 = v' S^-1 v.
 *
 * @param inverseFactor L^-1, a lower triangular matrix
 */
record Whitening(double[][] inverseFactor) {

  /**
   * The fraction of the mean variance that is added to each variance, because S may be singular.
   */
  private static final double RIDGE = 1e-3;

  /**
   * Computes the whitening for the covariance sum_i (z_i - m_i) (z_i - m_i)' / N.
   *
   * @param meanOf the vector subtracted from row i
   */
  static Whitening of(double[][] rows, IntFunction<double[]> meanOf) {
    double[][] covariance = Vectors.secondMoment(rows, meanOf);
    double trace = 0;
    for (int d = 0; d < covariance.length; d++) {
      trace += covariance[d][d];
    }
    checkArgument(
        trace > 0 && Double.isFinite(trace),
        "features must be finite and vary within classes, their summed variance is %s",
        trace);
    for (int d = 0; d < covariance.length; d++) {
      covariance[d][d] += RIDGE * trace / covariance.length;
    }
    return new Whitening(inverseOfFactor(new Array2DRowRealMatrix(covariance, false)));
  }

  /** Computes L^-1 by forward substitution of the identity. */
  private static double[][] inverseOfFactor(RealMatrix covariance) {
    double[][] l = new CholeskyDecomposition(covariance, 1e-12, 0).getL().getData();
    double[][] inverse = new double[l.length][l.length];
    for (int column = 0; column < l.length; column++) {
      for (int row = column; row < l.length; row++) {
        double sum = row == column ? 1 : 0;
        for (int k = column; k < row; k++) {
          sum -= l[row][k] * inverse[k][column];
        }
        inverse[row][column] = sum / l[row][row];
      }
    }
    return inverse;
  }

  double[] apply(double... v) {
    double[] result = new double[v.length];
    for (int d = 0; d < v.length; d++) {
      for (int e = 0; e <= d; e++) {
        result[d] += inverseFactor[d][e] * v[e];
      }
    }
    return result;
  }

  double[][] applyToAll(double[][] rows) {
    double[][] result = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      result[i] = apply(rows[i]);
    }
    return result;
  }
}
