package org.udge.evaluation.features;

import static org.udge.internal.Preconditions.checkArgument;

import org.udge.data.ImageSource;
import org.udge.evaluation.features.Distances.Smallest;
import org.udge.internal.Checks;

/**
 * {@code knn}: the negated distance from an image's features, normalized to length 1, to the k-th
 * nearest of the training images' features (Sun et al. 2022). Compares with every training image; a
 * few thousand of them suffice.
 *
 * <p>Immutable; as thread-safe as the extractor.
 */
public final class NearestNeighbors extends FeatureScore {

  private final double[][] training;
  private final int k;

  private NearestNeighbors(FeatureExtractor extractor, double[][] training, int k) {
    super("knn", extractor);
    this.training = training;
    this.k = k;
  }

  /**
   * Stores the features of training images.
   *
   * @param extractor computes the features; the caller keeps ownership and must keep it open
   * @param training training images; labels are not needed
   * @param k the rank of the neighbor, at least 1 and at most the number of training images;
   *     published: 50 for CIFAR-10
   * @return the score
   * @throws IllegalArgumentException if the set is empty or k out of range
   */
  public static NearestNeighbors fit(FeatureExtractor extractor, ImageSource training, int k) {
    Checks.atLeast(1, "k", k);
    checkAtMost(k, training.size());
    return fit(TrainingFeatures.of(extractor, training), k);
  }

  /**
   * Stores the features of training images.
   *
   * @param training the features of training images; labels are not needed
   * @param k the rank of the neighbor, at least 1 and at most the number of training images;
   *     published: 50 for CIFAR-10
   * @return the score
   * @throws IllegalArgumentException if k is out of range
   */
  public static NearestNeighbors fit(TrainingFeatures training, int k) {
    Checks.atLeast(1, "k", k);
    checkAtMost(k, training.images());
    double[][] rows = new double[training.images()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Vectors.normalized(training.rows()[i]);
    }
    return new NearestNeighbors(training.extractor(), rows, k);
  }

  private static void checkAtMost(int k, int images) {
    checkArgument(
        k <= images, "k must be at most the number of training images, %s, was %s", images, k);
  }

  @Override
  double score(double... features) {
    double[] direction = Vectors.normalized(features);
    Smallest nearest = new Smallest(k);
    for (int t = 0; t < training.length; t++) {
      nearest.offer(Distances.squared(direction, training[t]), t);
    }
    return -Math.sqrt(nearest.limit());
  }
}
