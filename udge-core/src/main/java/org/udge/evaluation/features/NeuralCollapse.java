package org.udge.evaluation.features;

import org.udge.internal.Checks;

/**
 * {@code nci}: how near features h are to the weights of the predicted class, and how long they
 * are: w_max . (h - mu) / ||h - mu|| + alpha ||h||_1 with the weights w_max of the largest logit
 * and mean training features mu (Liu &amp; Qin 2025, "Detecting out-of-distribution through the
 * lens of neural collapse", equation 7). Needs no labels and nothing but a mean of training images.
 *
 * <p>Immutable and thread-safe as far as the extractor is.
 */
public final class NeuralCollapse extends FeatureScore {

  /** The default of alpha. */
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
   * Learns the mean.
   *
   * @param training features of training images; labels are not needed
   * @param head of the classifier these are the features of
   * @return the score, with alpha {@value #ALPHA}
   * @throws IllegalArgumentException if head and features differ in size
   */
  public static NeuralCollapse fit(TrainingFeatures training, LinearHead head) {
    return new NeuralCollapse(
        training.extractor(), head.requireFor(training), training.mean(), ALPHA);
  }

  /**
   * With another weight of the features' length.
   *
   * @param weight alpha, not negative; default {@value #ALPHA}
   * @return a changed copy
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
