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
 * A number per image that should be high for in-distribution images and low for others. {@link
 * OutOfDistributionScores} lists those that come with the library.
 *
 * <p>Implementations must be immutable and thread-safe.
 */
public interface OutOfDistributionScore {

  /**
   * Returns a short name in lower case with underscores, used in the keys of metrics.
   *
   * @return for example {@code px}
   */
  String name();

  /**
   * Scores images. Higher means more in-distribution.
   *
   * @param batch the images, and the model's output for them
   * @return N numbers in a new array
   * @throws IllegalStateException if the batch lacks something that the score needs
   */
  double[] score(EvaluationBatch batch);

  /**
   * Computes an out-of-distribution threshold for a model: scores held-out images, and chooses the
   * highest threshold that at most a given fraction of them falls below. Needs no
   * out-of-distribution images.
   *
   * <pre>{@code
   * Threshold threshold = OutOfDistributionScores.logDensity().threshold(model, validation, 0.05);
   * model.withThreshold(threshold).save(Path.of("model.zip"));
   * }</pre>
   *
   * @param model the classifier; the caller keeps ownership
   * @param heldOut images of the training distribution that the model was neither trained on nor
   *     will be evaluated on
   * @param rate the accepted false-alarm rate, above 0 and below 1, for example 0.05
   * @return the threshold
   * @throws IllegalArgumentException if the set is empty, a score is NaN, or the rate is out of
   *     range
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
