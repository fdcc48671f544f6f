package org.udge.evaluation.robustness;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What an attack made of some images.
 *
 * <p>Immutable as long as nobody changes the array of images.
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
   * Returns the changed images.
   *
   * @return float32, [N, C, H, W] in [-1, 1]; the caller's
   */
  public INDArray images() {
    return images;
  }

  /**
   * Returns whether a changed image is classified wrongly.
   *
   * @param image 0 to N - 1
   * @return true if the attack succeeded, or was not needed
   */
  public boolean fooled(int image) {
    return fooled[image];
  }

  /**
   * How far an image was moved, in the attack's norm.
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
