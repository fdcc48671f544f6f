package org.udge.evaluation.robustness;

/**
 * How many images withstood perturbations of a size.
 *
 * @param epsilon the largest size, in units of [0, 1] pixels
 * @param images how many images were attacked
 * @param correct how many were still classified rightly
 */
public record RobustnessPoint(double epsilon, long images, long correct) {

  /**
   * Share of images that withstood.
   *
   * @return 0 to 1, higher is better
   */
  public double accuracy() {
    return (double) correct / images;
  }
}
