package org.udge.evaluation.features;

import org.udge.internal.Checks;

/**
 * {@code nci}: the alignment of features h with the weights of the predicted class, and their
 * length: w_max . (h - mu) / ||h - mu|| + alpha ||h||_1 with the weights w_max of the largest logit
 * and mean training features mu (Liu &amp; Qin 2025, "Detecting out-of-distribution through the
 * lens of neural collapse", equation 7). Needs no labels and only the mean of training features.
 *
 * <p>Immutable; as thread-safe as the extractor.
 */
public final class NeuralCollapse extends FeatureScore {

  /** The default value of alpha. */
  public static final double ALPHA = 1e-4;

  private final LinearHead head;
  private final double[] mean;
  private final double alpha;

  private NeuralCollapse(FeatureExtractor extractor, LinearHead head, double[] mean, double alpha) {
    super("nci", extractor);
    this.head = head;
    this.mean = mean;
    this.alpha = alpha;
  }

  /**
   * Fits the mean.
   *
   * @param training the features of training images; labels are not needed
   * @param head the last layer of the classifier that these features belong to
   * @return the score, with alpha {@value #ALPHA}
   * @throws IllegalArgumentException if head and features differ in size
   */
  public static NeuralCollapse fit(TrainingFeatures training, LinearHead head) {
    return new NeuralCollapse(
        training.extractor(), head.requireFor(training), training.mean(), ALPHA);
  }

  /**
   * Returns a copy with another weight of the features' length.
   *
   * @param weight the weight alpha, not negative; default {@value #ALPHA}
   * @return a copy
   * @throws IllegalArgumentException if it is negative
   */
  public NeuralCollapse withAlpha(double weight) {
    return new NeuralCollapse(extractor(), head, mean, Checks.notNegative("alpha", weight));
  }

  @Override
  double score(double... features) {
    double[] centered = Vectors.normalized(Vectors.difference(features, mean));
    double[] weights = head.weights()[Vectors.argMax(head.logits(features))];
    double length = 0;
    for (double feature : features) {
      length += Math.abs(feature);
    }
    return Vectors.dot(weights, centered) + alpha * length;
  }
}
