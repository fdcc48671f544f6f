package org.udge.evaluation.robustness;

/** How an attack's gradient deals with a {@link Refinement} before the classifier. */
public enum GradientPath {
  /** The gradient is that of the classifier of refined images, refinement included. */
  THROUGH,
  /**
   * The gradient at the refined image is applied to the image as it was before, as if refinement
   * changed nothing: cheaper, but a weaker attack, so robustness may be overstated (Athalye et al.
   * 2018, "Obfuscated gradients").
   */
  AROUND
}
