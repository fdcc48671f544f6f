package org.udge.evaluation.features;

import static org.udge.internal.Preconditions.checkArgument;

/**
 * {@code fdbd}: the distance of features h from the decision boundaries, relative to their distance
 * from the mean of the training features: sum over c of (f_max - f_c) / ||w_max - w_c|| / ||h -
 * mu|| with logits f = W h + b and mean training features mu (Liu &amp; Qin 2024, "Fast decision
 * boundary based out-of-distribution detector", equations 5 and 8; the paper uses the mean over c,
 * which gives the same ranking). Needs no labels and only the mean of training features.
 *
 * <p>Immutable; as thread-safe as the extractor.
 */
public final class DecisionBoundaryDistance extends FeatureScore {

  private final LinearHead head;
  private final double[] mean;

  /** ||w_a - w_b||. */
  private final double[][] weightDistances;

  private DecisionBoundaryDistance(
      FeatureExtractor extractor, LinearHead head, double[] mean, double[][] weightDistances) {
    super("fdbd", extractor);
    this.head = head;
    this.mean = mean;
    this.weightDistances = weightDistances;
  }

  /**
   * Fits the mean.
   *
   * @param training the features of training images; labels are not needed
   * @param head the last layer of the classifier that these features belong to
   * @return the score
   * @throws IllegalArgumentException if head and features differ in size, or two classes have equal
   *     weights: there is no boundary between them
   */
  public static DecisionBoundaryDistance fit(TrainingFeatures training, LinearHead head) {
    double[][] weights = head.requireFor(training).weights();
    double[][] distances = new double[weights.length][weights.length];
    for (int a = 0; a < weights.length; a++) {
      for (int b = 0; b < weights.length; b++) {
        distances[a][b] = Math.sqrt(Distances.squared(weights[a], weights[b]));
        checkArgument(
            a == b || distances[a][b] > 0,
            "classes %s and %s have equal weights: there is no boundary between them",
            a,
            b);
      }
    }
    return new DecisionBoundaryDistance(training.extractor(), head, training.mean(), distances);
  }

  @Override
  double score(double... features) {
    double[] logits = head.logits(features);
    int predicted = Vectors.argMax(logits);
    double sum = 0;
    for (int c = 0; c < logits.length; c++) {
      if (c != predicted) {
        sum += (logits[predicted] - logits[c]) / weightDistances[predicted][c];
      }
    }
    double fromMean = Math.sqrt(Distances.squared(features, mean));
    return sum / Math.max(fromMean, Double.MIN_NORMAL);
  }
}
