package org.udge.evaluation.features;

/**
 * {@code rmds}: max_c -(M_c(h) - M_0(h)), where M_c(h) = (h - m_c)' S^-1 (h - m_c) with class means
 * m_c and one covariance S about them, and M_0(h) the same with the mean and covariance of all
 * images (Ren et al. 2021, "A simple fix to Mahalanobis distance for improving near-OOD
 * detection"). Subtracting M_0 compensates for the directions that do not separate classes.
 *
 * <p>One thousandth of the mean variance is added to each variance, as in {@link Mahalanobis}.
 *
 * <p>Immutable; as thread-safe as the extractor.
 */
public final class RelativeMahalanobis extends FeatureScore {

  private final Whitening within;
  private final double[][] means;
  private final Whitening all;
  private final double[] mean;

  private RelativeMahalanobis(
      FeatureExtractor extractor,
      Whitening within,
      double[][] means,
      Whitening all,
      double... mean) {
    super("rmds", extractor);
    this.within = within;
    this.means = means;
    this.all = all;
    this.mean = mean;
  }

  /**
   * Fits the means and the covariances.
   *
   * @param training the features of labeled images
   * @return the score
   * @throws IllegalArgumentException if an image has no label, a class has no image, or all
   *     features are constant within classes
   */
  public static RelativeMahalanobis fit(TrainingFeatures training) {
    double[][] classMeans = training.classMeans();
    double[] mean = training.mean();
    Whitening within = Whitening.of(training.rows(), i -> classMeans[training.labels()[i]]);
    Whitening all = Whitening.of(training.rows(), i -> mean);
    return new RelativeMahalanobis(
        training.extractor(), within, within.applyToAll(classMeans), all, all.apply(mean));
  }

  @Override
  double score(double... features) {
    return Distances.squared(all.apply(features), mean)
        - Mahalanobis.nearest(within.apply(features), means);
  }
}
