package org.udge;

import org.udge.engine.Logits;

/**
 * A classifier's predictions for N images: the class and p(y|x) of each.
 *
 * <p>Immutable and thread-safe.
 */
public final class Predictions {

  private final Logits logits;

  Predictions(Logits logits) {
    this.logits = logits;
  }

  /**
   * Returns the number of images.
   *
   * @return N
   */
  public int size() {
    return logits.rows();
  }

  /**
   * Returns the most probable class.
   *
   * @param image 0 to size - 1
   * @return the class index
   */
  public int label(int image) {
    return logits.argMax(image);
  }

  /**
   * Returns the most probable class of every image.
   *
   * @return N class indices in a new array
   */
  public int[] labels() {
    int[] labels = new int[size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = label(i);
    }
    return labels;
  }

  /**
   * Returns the confidence: the probability of the most probable class, max_y p(y|x), calibrated if
   * the model is.
   *
   * @param image 0 to size - 1
   * @return in [1 / classes, 1]
   */
  public double confidence(int image) {
    return Math.exp(logits.logProbability(image, label(image)));
  }

  /**
   * Returns p(y|x) for every class, calibrated if the model is.
   *
   * @param image 0 to size - 1
   * @return a new array whose numbers add up to 1
   */
  public double[] probabilities(int image) {
    return logits.probabilities(image);
  }
}
