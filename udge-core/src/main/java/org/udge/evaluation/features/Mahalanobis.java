package org.udge.evaluation.features;

import org.udge.data.ImageSource;

/**
 * {@code mahalanobis}: -min_c (z - m_c)' S^-1 (z - m_c) for features z, class means m_c and one
 * covariance S of all features about their class means (Lee et al. 2018, equation 2, last layer
 * only, without input preprocessing).
 *
 * <p>A thousandth of the mean variance is added to each variance, so that features that are always
 * zero, or fewer images than features, do no harm.
 *
 * <p>It is a poor judge of images whose features are small or lie between classes: these are nearer
 * to all means than typical images are, in the directions that do not tell classes apart. Take
 * {@link RelativeMahalanobis}, which sets those directions off.
 *
 * <p>Immutable and thread-safe as far as the extractor is.
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
   * Learns means and covariance.
   *
   * @param extractor gives the features; stays the caller's, must stay open
   * @param training labeled training images
   * @return the score
   * @throws IllegalArgumentException if the set is empty, an image has no label, a class has no
   *     image, or all features are constant within classes
   */
  public static Mahalanobis fit(FeatureExtractor extractor, ImageSource training) {
    return fit(TrainingFeatures.of(extractor, training));
  }

  /**
   * Learns means and covariance.
   *
   * @param training features of labeled images
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
