package org.udge.evaluation.robustness;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The result of an attack on a batch of images.
 *
 * <p>Immutable as long as the array of images is not modified.
 */
public final class AdversarialImages {

  private final INDArray images;
  private final boolean[] fooled;
  private final double[] distances;

  AdversarialImages(INDArray images, boolean[] fooled, double[] distances) {
    this.images = images;
    this.fooled = fooled;
    this.distances = distances;
  }

  /**
   * Returns the perturbed images.
   *
   * @return float32, [N, C, H, W] in [-1, 1]; owned by the caller
   */
  public INDArray images() {
    return images;
  }

  /**
   * Returns whether a perturbed image is misclassified.
   *
   * @param image 0 to N - 1
   * @return true if the attack succeeded, or was not necessary
   */
  public boolean fooled(int image) {
    return fooled[image];
  }

  /**
   * Returns the size of an image's perturbation, in the attack's norm.
   *
   * @param image 0 to N - 1
   * @return in units of [0, 1] pixels
   */
  public double distance(int image) {
    return distances[image];
  }

  /**
   * Returns the number of images.
   *
   * @return N
   */
  public int size() {
    return fooled.length;
  }
}
