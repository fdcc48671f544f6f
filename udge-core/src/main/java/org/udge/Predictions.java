package org.udge;

import org.udge.engine.Logits;

/**
 * What a classifier says of N images: class and p(y|x) for each.
 *
 * <p>Immutable and thread-safe.
 */
public final class Predictions {

  private final Logits logits;

  Predictions(Logits logits) {
    this.logits = logits;
  }

  /**
   * How many images.
   *
   * @return N
   */
  public int size() {
    return logits.rows();
  }

  /**
   * The most probable class.
   *
   * @param image 0 to size - 1
   * @return the class index
   */
  public int label(int image) {
    return logits.argMax(image);
  }

  /**
   * The most probable class of every image.
   *
   * @return N new class indices
   */
  public int[] labels() {
    int[] labels = new int[size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = label(i);
    }
    return labels;
  }

  /**
   * The probability of the most probable class: max_y p(y|x), calibrated if the model is.
   *
   * @param image 0 to size - 1
   * @return in [1 / classes, 1]
   */
  public double confidence(int image) {
    return Math.exp(logits.logProbability(image, label(image)));
  }

  /**
   * p(y|x) for every class, calibrated if the model is.
   *
   * @param image 0 to size - 1
   * @return new numbers that add up to 1
   */
  public double[] probabilities(int image) {
    return logits.probabilities(image);
  }
}
