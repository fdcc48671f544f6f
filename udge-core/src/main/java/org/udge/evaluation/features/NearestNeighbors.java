package org.udge.evaluation.features;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import org.udge.data.ImageSource;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.detection.OutOfDistributionScore;
import org.udge.evaluation.features.Distances.Smallest;
import org.udge.internal.Checks;

/**
 * {@code knn}: the negated distance from an image's features, scaled to length 1, to the k-th
 * nearest of the training images' (Sun et al. 2022). Compares with every training image; a few
 * thousand of them do.
 *
 * <p>Immutable and thread-safe as far as the extractor is.
 */
public final class NearestNeighbors implements OutOfDistributionScore {

  private final FeatureExtractor extractor;
  private final double[][] training;
  private final int k;

  private NearestNeighbors(FeatureExtractor extractor, double[][] training, int k) {
    this.extractor = extractor;
    this.training = training;
    this.k = k;
  }

  /**
   * Keeps the features of training images.
   *
   * @param extractor gives the features; stays the caller's, must stay open
   * @param training training images; labels are not needed
   * @param k which neighbor counts, at least 1 and at most the number of training images;
   *     published: 50 for CIFAR-10
   * @return the score
   * @throws IllegalArgumentException if the set is empty or k out of range
   */
  public static NearestNeighbors fit(FeatureExtractor extractor, ImageSource training, int k) {
    requireNonNull(extractor);
    Checks.atLeast(1, "k", k);
    checkArgument(
        k <= training.size(),
        "k must be at most the number of training images, %s, was %s",
        training.size(),
        k);
    double[][] rows = FeatureSet.of(extractor, training).rows();
    for (double[] row : rows) {
      normalize(row);
    }
    return new NearestNeighbors(extractor, rows, k);
  }

  private static void normalize(double[] row) {
    double length = Math.sqrt(Distances.squared(row, new double[row.length]));
    for (int d = 0; d < row.length; d++) {
      row[d] = length > 0 ? row[d] / length : 0;
    }
  }

  @Override
  public String name() {
    return "knn";
  }

  @Override
  public double[] score(EvaluationBatch batch) {
    double[][] features = extractor.features(batch.images());
    double[] scores = new double[features.length];
    for (int i = 0; i < scores.length; i++) {
      normalize(features[i]);
      Smallest nearest = new Smallest(k);
      for (int t = 0; t < training.length; t++) {
        nearest.offer(Distances.squared(features[i], training[t]), t);
      }
      scores[i] = -Math.sqrt(nearest.limit());
    }
    return scores;
  }
}
