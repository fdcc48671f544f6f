package org.udge.evaluation.robustness;

/**
 * The accuracy under perturbations of a given size.
 *
 * @param epsilon the largest size, in units of [0, 1] pixels
 * @param images the number of images attacked
 * @param correct the number of images still classified correctly
 */
public record RobustnessPoint(double epsilon, long images, long correct) {

  /**
   * Returns the fraction of images still classified correctly.
   *
   * @return 0 to 1, higher is better
   */
  public double accuracy() {
    return (double) correct / images;
  }
}
