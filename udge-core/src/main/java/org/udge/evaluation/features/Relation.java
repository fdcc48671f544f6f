package org.udge.evaluation.features;

import static org.udge.internal.Preconditions.checkArgument;

import org.udge.engine.Logits;

/**
 * {@code relation}: the relation of an image to the training images: sum over training images t of
 * k(t) [k(t) > threshold] with k(t) = max(0, cos(h, h_t)) p(.|x) . p(.|x_t) (Kim et al. 2023,
 * "Neural relation graph", equations 1 and 4). Compares with every training image; a few thousand
 * of them suffice. Needs no labels. Increases with the number of training images.
 *
 * <p>Immutable; as thread-safe as the extractor.
 */
public final class Relation extends FeatureScore {

  /** The published threshold. */
  public static final double THRESHOLD = 0.03;

  private final LinearHead head;
  private final double[][] directions;
  private final double[][] probabilities;
  private final double threshold;

  private Relation(
      FeatureExtractor extractor,
      LinearHead head,
      double[][] directions,
      double[][] probabilities,
      double threshold) {
    super("relation", extractor);
    this.head = head;
    this.directions = directions;
    this.probabilities = probabilities;
    this.threshold = threshold;
  }

  /**
   * Stores the features and probabilities of training images.
   *
   * @param training the features of training images; labels are not needed
   * @param head the last layer of the classifier that these features belong to
   * @return the score, with the threshold {@value #THRESHOLD}
   * @throws IllegalArgumentException if head and features differ in size
   */
  public static Relation fit(TrainingFeatures training, LinearHead head) {
    head.requireFor(training);
    double[][] directions = new double[training.images()][];
    double[][] probabilities = new double[training.images()][];
    for (int i = 0; i < directions.length; i++) {
      directions[i] = Vectors.normalized(training.rows()[i]);
      probabilities[i] = probabilities(head, training.rows()[i]);
    }
    return new Relation(training.extractor(), head, directions, probabilities, THRESHOLD);
  }

  /**
   * Returns a copy with another threshold.
   *
   * @param least the threshold, 0 or more and below 1, which relations must exceed to count;
   *     default {@value #THRESHOLD}
   * @return a copy
   * @throws IllegalArgumentException if it is out of range
   */
  public Relation withThreshold(double least) {
    checkArgument(least >= 0 && least < 1, "threshold must be in [0, 1), was %s", least);
    return new Relation(extractor(), head, directions, probabilities, least);
  }

  private static double[] probabilities(LinearHead head, double... features) {
    return Logits.of(new double[][] {head.logits(features)}).probabilities(0);
  }

  @Override
  double score(double... features) {
    double[] direction = Vectors.normalized(features);
    double[] p = probabilities(head, features);
    double sum = 0;
    for (int t = 0; t < directions.length; t++) {
      double relation =
          Math.max(0, Vectors.dot(direction, directions[t])) * Vectors.dot(p, probabilities[t]);
      if (relation > threshold) {
        sum += relation;
      }
    }
    return sum;
  }
}
