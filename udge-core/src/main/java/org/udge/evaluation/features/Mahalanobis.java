package org.udge.evaluation.features;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.udge.data.Batch;
import org.udge.data.ImageSource;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.detection.OutOfDistributionScore;

/**
 * {@code mahalanobis}: -min_c (z - m_c)' S^-1 (z - m_c) for features z, class means m_c and one
 * covariance S of all features about their class means (Lee et al. 2018, equation 2, last layer
 * only, without input preprocessing).
 *
 * <p>A thousandth of the mean variance is added to each variance, so that features that are always
 * zero do no harm.
 *
 * <p>Immutable and thread-safe as far as the extractor is.
 */
public final class Mahalanobis implements OutOfDistributionScore {

  private static final double RIDGE = 1e-3;

  private final FeatureExtractor extractor;

  /** L^-1 m_c, where S = L L'. */
  private final double[][] whitenedMeans;

  private final double[][] whitening;

  private Mahalanobis(FeatureExtractor extractor, double[][] whitenedMeans, double[][] whitening) {
    this.extractor = extractor;
    this.whitenedMeans = whitenedMeans;
    this.whitening = whitening;
  }

  /**
   * Learns means and covariance.
   *
   * @param extractor gives the features; stays the caller's, must stay open
   * @param training labeled training images
   * @return the score
   * @throws IllegalArgumentException if the set is empty, an image has no label, a class has no
   *     image, or all features are constant within classes
   */
  public static Mahalanobis fit(FeatureExtractor extractor, ImageSource training) {
    return fit(requireNonNull(extractor), FeatureSet.of(extractor, training));
  }

  private static Mahalanobis fit(FeatureExtractor extractor, FeatureSet set) {
    double[][] means = classMeans(set);
    double[][] covariance = new double[set.size()][set.size()];
    for (int i = 0; i < set.rows().length; i++) {
      addOuter(covariance, difference(set.rows()[i], means[set.labels()[i]]));
    }
    double trace = 0;
    for (int d = 0; d < covariance.length; d++) {
      for (int e = 0; e < covariance.length; e++) {
        covariance[d][e] = covariance[Math.max(d, e)][Math.min(d, e)] / set.rows().length;
      }
      trace += covariance[d][d];
    }
    checkArgument(
        trace > 0 && Double.isFinite(trace),
        "features must be finite and vary within classes, their summed variance is %s",
        trace);
    for (int d = 0; d < covariance.length; d++) {
      covariance[d][d] += RIDGE * trace / covariance.length;
    }
    double[][] whitening = inverseOfFactor(new Array2DRowRealMatrix(covariance, false));
    double[][] whitened = new double[means.length][];
    for (int c = 0; c < means.length; c++) {
      whitened[c] = multiply(whitening, means[c]);
    }
    return new Mahalanobis(extractor, whitened, whitening);
  }

  private static double[][] classMeans(FeatureSet set) {
    int classes = 0;
    for (int label : set.labels()) {
      checkArgument(label != Batch.UNLABELED, "training images must have labels");
      classes = Math.max(classes, label + 1);
    }
    double[][] means = new double[classes][set.size()];
    int[] counts = new int[classes];
    for (int i = 0; i < set.rows().length; i++) {
      counts[set.labels()[i]]++;
      for (int d = 0; d < set.size(); d++) {
        means[set.labels()[i]][d] += set.rows()[i][d];
      }
    }
    for (int c = 0; c < classes; c++) {
      checkArgument(counts[c] > 0, "there is no training image of class %s", c);
      for (int d = 0; d < set.size(); d++) {
        means[c][d] /= counts[c];
      }
    }
    return means;
  }

  private static void addOuter(double[][] lowerTriangle, double[] v) {
    for (int d = 0; d < v.length; d++) {
      for (int e = 0; e <= d; e++) {
        lowerTriangle[d][e] += v[d] * v[e];
      }
    }
  }

  /** L^-1 by forward substitution of the identity, for S = L L'. */
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

  private static double[] multiply(double[][] lowerTriangle, double[] v) {
    double[] result = new double[v.length];
    for (int d = 0; d < v.length; d++) {
      for (int e = 0; e <= d; e++) {
        result[d] += lowerTriangle[d][e] * v[e];
      }
    }
    return result;
  }

  private static double[] difference(double[] a, double[] b) {
    double[] result = new double[a.length];
    for (int d = 0; d < a.length; d++) {
      result[d] = a[d] - b[d];
    }
    return result;
  }

  @Override
  public String name() {
    return "mahalanobis";
  }

  @Override
  public double[] score(EvaluationBatch batch) {
    double[][] features = extractor.features(batch.images());
    double[] scores = new double[features.length];
    for (int i = 0; i < scores.length; i++) {
      double[] whitened = multiply(whitening, features[i]);
      double nearest = Double.POSITIVE_INFINITY;
      for (double[] mean : whitenedMeans) {
        nearest = Math.min(nearest, Distances.squared(whitened, mean));
      }
      scores[i] = -nearest;
    }
    return scores;
  }
}
