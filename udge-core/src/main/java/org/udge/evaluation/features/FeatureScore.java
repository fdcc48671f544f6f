package org.udge.evaluation.features;

import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.detection.OutOfDistributionScore;

/** A score of an image's features, which are computed once per batch for all such scores. */
abstract class FeatureScore implements OutOfDistributionScore {

  private final String name;
  private final FeatureExtractor extractor;

  FeatureScore(String name, FeatureExtractor extractor) {
    this.name = name;
    this.extractor = extractor;
  }

  /**
   * Returns the score of one image.
   *
   * @param features the features, owned by the batch; must not be modified
   */
  abstract double score(double... features);

  final FeatureExtractor extractor() {
    return extractor;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final double[] score(EvaluationBatch batch) {
    double[][] features =
        batch.once(extractor, double[][].class, () -> extractor.features(batch.images()));
    double[] scores = new double[features.length];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = score(features[i]);
    }
    return scores;
  }

  @Override
  public String toString() {
    return name + " of " + extractor.name();
  }
}
