package org.udge.evaluation.features;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.Arrays;

/**
 * The last layer of a classifier: logits f = W h + b of features h.
 *
 * <p>Immutable and thread-safe.
 */
public final class LinearHead {

  private final double[][] weights;
  private final double[] bias;

  private LinearHead(double[][] weights, double[] bias) {
    this.weights = weights;
    this.bias = bias;
  }

  /**
   * Returns a head.
   *
   * @param weights W, [classes][features]; copied
   * @param bias b, one number per class; copied
   * @return the head
   * @throws IllegalArgumentException if there are fewer than 2 classes, the sizes differ, or a
   *     number is not finite
   */
  public static LinearHead of(double[][] weights, double... bias) {
    checkArgument(weights.length > 1, "there must be at least 2 classes, was %s", weights.length);
    checkArgument(
        weights.length == bias.length,
        "there must be a bias for each class: %s classes, %s biases",
        weights.length,
        bias.length);
    double[][] copy = new double[weights.length][];
    for (int c = 0; c < weights.length; c++) {
      checkArgument(
          weights[c].length == weights[0].length && weights[c].length > 0,
          "class %s has %s weights, class 0 has %s",
          c,
          weights[c].length,
          weights[0].length);
      checkArgument(
          Arrays.stream(weights[c]).allMatch(Double::isFinite) && Double.isFinite(bias[c]),
          "weights and bias of class %s must be finite",
          c);
      copy[c] = weights[c].clone();
    }
    return new LinearHead(copy, bias.clone());
  }

  /**
   * Returns the number of classes.
   *
   * @return the number of logits
   */
  public int classes() {
    return bias.length;
  }

  /**
   * Returns the number of features.
   *
   * @return the length of h
   */
  public int features() {
    return weights[0].length;
  }

  /**
   * Returns the weights of a class.
   *
   * @param label the class
   * @return a copy, one weight per feature
   */
  public double[] weights(int label) {
    return weights[label].clone();
  }

  /**
   * Returns the bias.
   *
   * @return a copy, one number per class
   */
  public double[] bias() {
    return bias.clone();
  }

  /**
   * Computes the logits of features.
   *
   * @param row the features h
   * @return W h + b, a new array
   */
  public double[] logits(double... row) {
    double[] logits = bias.clone();
    for (int c = 0; c < logits.length; c++) {
      logits[c] += Vectors.dot(weights[c], row);
    }
    return logits;
  }

  /** Returns the weights, without copying. */
  double[][] weights() {
    return weights;
  }

  /** Refuses features of another size. */
  @CanIgnoreReturnValue
  LinearHead requireFor(TrainingFeatures training) {
    checkArgument(
        training.extractor().size() == features(),
        "the head takes %s features, the extractor gives %s",
        features(),
        training.extractor().size());
    return this;
  }

  @Override
  public String toString() {
    return "LinearHead[" + classes() + " classes, " + features() + " features]";
  }
}
