package org.udge.evaluation.detection;

import static org.udge.internal.Preconditions.checkArgument;

import org.udge.Classifier;
import org.udge.Threshold;
import org.udge.data.Batch;
import org.udge.data.ImageSource;
import org.udge.evaluation.EvaluationBatch;
import org.udge.internal.Checks;
import org.udge.internal.DoubleList;

/**
 * A number for each image that should be high where the model knows the images' distribution and
 * low elsewhere. {@link OutOfDistributionScores} lists those that come with the library.
 *
 * <p>Implementations are immutable and thread-safe.
 */
public interface OutOfDistributionScore {

  /**
   * Returns a short name in lower case with underscores; part of the keys of metrics.
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

  /**
   * Draws the line between in and out of distribution for a model: scores held-out images, and lets
   * at most a given share of them fall below. Needs no images out of distribution.
   *
   * <pre>{@code
   * Threshold threshold = OutOfDistributionScores.logDensity().threshold(model, validation, 0.05);
   * model.withThreshold(threshold).save(Path.of("model.zip"));
   * }</pre>
   *
   * @param model the classifier; stays the caller's
   * @param heldOut images of the training distribution that the model was not trained on and will
   *     not be judged by
   * @param rate accepted share of false alarms, above 0 and below 1, for example 0.05
   * @return the line
   * @throws IllegalArgumentException if the set is empty, a score is NaN, or the rate out of range
   */
  default Threshold threshold(Classifier model, ImageSource heldOut, double rate) {
    Checks.probability("false-alarm rate", rate);
    checkArgument(heldOut.size() > 0, "%s is empty", heldOut.name());
    DoubleList scores = new DoubleList();
    for (Batch batch : heldOut.batches(128)) {
      try (batch) {
        scores.addAll(score(EvaluationBatch.of(model, batch.images(), batch.labels())));
      }
    }
    return Threshold.forFalseAlarmRate(name(), scores.toArray(), rate);
  }
}
