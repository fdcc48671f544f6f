package org.udge.evaluation.features;

import static org.udge.internal.Preconditions.checkArgument;

import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.data.Batch;
import org.udge.data.ImageSource;

/**
 * The mean and covariance of the features of a set of images, in double precision, and the Fréchet
 * distance between two sets.
 *
 * <p>The distance is computed on features of any network that the caller chooses. It can rank
 * generators evaluated with the same network; it is <em>not comparable with published FID
 * values</em>, which use a particular Inception network.
 *
 * <p>Immutable and thread-safe.
 */
public final class FeatureStatistics {

  private static final int BATCH = 128;

  private final String features;
  private final long images;
  private final double[] mean;

  /** The sums of products of deviations from the mean. */
  private final double[][] products;

  private FeatureStatistics(String features, long images, double[] mean, double[][] products) {
    this.features = features;
    this.images = images;
    this.mean = mean;
    this.products = products;
  }

  /**
   * Computes the statistics of images in memory.
   *
   * @param extractor computes the features; not retained
   * @param images float32, [N, C, H, W]
   * @return the statistics
   * @throws IllegalArgumentException if a feature is not finite
   */
  public static FeatureStatistics of(FeatureExtractor extractor, INDArray images) {
    double[][] rows = extractor.features(images);
    double[] mean = new double[extractor.size()];
    double[][] products = new double[mean.length][mean.length];
    for (int i = 0; i < rows.length; i++) {
      add(rows[i], i + 1, mean, products);
    }
    return new FeatureStatistics(extractor.name(), rows.length, mean, products);
  }

  /** Adds one row (Welford 1962, for matrices). */
  private static void add(double[] row, int count, double[] mean, double[][] products) {
    double[] before = new double[row.length];
    for (int d = 0; d < row.length; d++) {
      checkArgument(Double.isFinite(row[d]), "features must be finite, one is %s", row[d]);
      before[d] = row[d] - mean[d];
      mean[d] += before[d] / count;
    }
    for (int d = 0; d < row.length; d++) {
      for (int e = 0; e < row.length; e++) {
        products[d][e] += before[d] * (row[e] - mean[e]);
      }
    }
  }

  /**
   * Computes the statistics of a whole set, read batch by batch.
   *
   * @param extractor computes the features; not retained
   * @param source the images; labels are not needed
   * @return the statistics
   * @throws IllegalArgumentException if the set is empty, or a feature is not finite
   */
  public static FeatureStatistics of(FeatureExtractor extractor, ImageSource source) {
    checkArgument(source.size() > 0, "%s is empty", source.name());
    double[] none = new double[extractor.size()];
    FeatureStatistics all =
        new FeatureStatistics(extractor.name(), 0, none, new double[none.length][none.length]);
    for (Batch batch : source.batches(BATCH)) {
      try (batch) {
        all = all.merge(of(extractor, batch.images()));
      }
    }
    return all;
  }

  /**
   * Returns the statistics of the union of two sets.
   *
   * @param other statistics of the same features
   * @return new statistics
   * @throws IllegalArgumentException if they are statistics of other features
   */
  public FeatureStatistics merge(FeatureStatistics other) {
    checkSameFeatures(other);
    long total = images + other.images;
    double[] merged = new double[mean.length];
    double[][] sums = new double[mean.length][mean.length];
    for (int d = 0; d < merged.length; d++) {
      merged[d] = mean[d] + (other.mean[d] - mean[d]) * other.images / total;
      for (int e = 0; e < merged.length; e++) {
        double between = (other.mean[d] - mean[d]) * (other.mean[e] - mean[e]);
        sums[d][e] =
            products[d][e] + other.products[d][e] + between * images * other.images / total;
      }
    }
    return new FeatureStatistics(features, total, merged, sums);
  }

  private void checkSameFeatures(FeatureStatistics other) {
    checkArgument(
        features.equals(other.features) && mean.length == other.mean.length,
        "statistics are of different features: %s and %s",
        features,
        other.features);
  }

  /**
   * Returns the number of images.
   *
   * @return the number of images
   */
  public long images() {
    return images;
  }

  /**
   * Computes the squared Fréchet distance between the normal distributions with these means and
   * covariances: ||m1 - m2||^2 + tr(S1 + S2 - 2 (S1^1/2 S2 S1^1/2)^1/2) (Dowson &amp; Landau 1982;
   * Heusel et al. 2017, equation 6). It is biased upward for small sets: compare only sets of equal
   * size.
   *
   * @param other statistics of the same features
   * @return 0 or more, lower is better; not comparable with published FID values
   * @throws IllegalArgumentException if they are statistics of other features, or a set has fewer
   *     than 2 images
   */
  public double frechetDistance(FeatureStatistics other) {
    checkSameFeatures(other);
    checkArgument(
        images > 1 && other.images > 1,
        "both sets must have at least 2 images, had %s and %s",
        images,
        other.images);
    RealMatrix root = squareRoot(covariance());
    RealMatrix middle = root.multiply(other.covariance()).multiply(root);
    double traceOfRoot = 0;
    for (double eigenvalue : new EigenDecomposition(symmetric(middle)).getRealEigenvalues()) {
      traceOfRoot += Math.sqrt(Math.max(0, eigenvalue));
    }
    double distance =
        Distances.squared(mean, other.mean)
            + covariance().getTrace()
            + other.covariance().getTrace()
            - 2 * traceOfRoot;
    return Math.max(0, distance);
  }

  private RealMatrix covariance() {
    return new Array2DRowRealMatrix(products).scalarMultiply(1.0 / (images - 1));
  }

  /** Returns the symmetric part: rounding may have made the two halves slightly different. */
  private static RealMatrix symmetric(RealMatrix matrix) {
    return matrix.add(matrix.transpose()).scalarMultiply(0.5);
  }

  private static RealMatrix squareRoot(RealMatrix covariance) {
    EigenDecomposition eigen = new EigenDecomposition(symmetric(covariance));
    RealMatrix vectors = eigen.getV();
    double[] values = eigen.getRealEigenvalues();
    RealMatrix scaled = vectors.copy();
    for (int column = 0; column < values.length; column++) {
      double root = Math.sqrt(Math.max(0, values[column]));
      for (int row = 0; row < values.length; row++) {
        scaled.multiplyEntry(row, column, root);
      }
    }
    return scaled.multiply(vectors.transpose());
  }

  /**
   * Returns a description of the set.
   *
   * @return one line
   */
  @Override
  public String toString() {
    return images + " images, " + features;
  }
}
