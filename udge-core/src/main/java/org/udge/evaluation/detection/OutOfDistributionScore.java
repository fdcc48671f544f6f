package org.udge.evaluation.detection;

import org.udge.evaluation.EvaluationBatch;

/**
 * A number for each image that should be high where the model knows the images' distribution and
 * low elsewhere. {@link OutOfDistributionScores} lists those that come with the library.
 *
 * <p>Implementations are immutable and thread-safe.
 */
public interface OutOfDistributionScore {

  /**
   * A short name in lower case with underscores; part of the keys of metrics.
   *
   * @return for example {@code px}
   */
  String name();

  /**
   * Scores images. Higher means more in-distribution.
   *
   * @param batch the images, and what the model says of them
   * @return N new numbers
   * @throws IllegalStateException if the score needs something the batch does not have
   */
  double[] score(EvaluationBatch batch);
}
