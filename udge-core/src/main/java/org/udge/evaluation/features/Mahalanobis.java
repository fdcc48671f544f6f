package org.udge.evaluation.features;

import org.udge.data.ImageSource;

/**
 * {@code mahalanobis}: -min_c (z - m_c)' S^-1 (z - m_c) for features z, class means m_c and one
 * shared covariance S of the features about their class means (Lee et al. 2018, equation 2, last
 * layer only, without input preprocessing).
 *
 * <p>One thousandth of the mean variance is added to each variance, so that features that are
 * always zero, or fewer images than features, cause no problem.
 *
 * <p>It performs poorly for images whose features are small or between classes: in the directions
 * that do not separate classes, these are closer to all means than typical images are. Use {@link
 * RelativeMahalanobis} there, which compensates for these directions.
 *
 * <p>Immutable; as thread-safe as the extractor.
 */
public final class Mahalanobis extends FeatureScore {

  /** L^-1 m_c, where S = L L'. */
  private final double[][] whitenedMeans;

  private final Whitening whitening;

  private Mahalanobis(FeatureExtractor extractor, double[][] whitenedMeans, Whitening whitening) {
    super("mahalanobis", extractor);
    this.whitenedMeans = whitenedMeans;
    this.whitening = whitening;
  }

  /**
   * Fits the means and the covariance.
   *
   * @param extractor computes the features; the caller keeps ownership and must keep it open
   * @param training labeled training images
   * @return the score
   * @throws IllegalArgumentException if the set is empty, an image has no label, a class has no
   *     image, or all features are constant within classes
   */
  public static Mahalanobis fit(FeatureExtractor extractor, ImageSource training) {
    return fit(TrainingFeatures.of(extractor, training));
  }

  /**
   * Fits the means and the covariance.
   *
   * @param training the features of labeled images
   * @return the score
   * @throws IllegalArgumentException if an image has no label, a class has no image, or all
   *     features are constant within classes
   */
  public static Mahalanobis fit(TrainingFeatures training) {
    double[][] means = training.classMeans();
    Whitening whitening = Whitening.of(training.rows(), i -> means[training.labels()[i]]);
    return new Mahalanobis(training.extractor(), whitening.applyToAll(means), whitening);
  }

  @Override
  double score(double... features) {
    return -nearest(whitening.apply(features), whitenedMeans);
  }

  static double nearest(double[] point, double[][] means) {
    double nearest = Double.POSITIVE_INFINITY;
    for (double[] mean : means) {
      nearest = Math.min(nearest, Distances.squared(point, mean));
    }
    return nearest;
  }
}
