package org.udge.evaluation.robustness;

/** The treatment of a {@link Refinement} in the gradient of an attack. */
public enum GradientPath {
  /** The gradient is that of the classifier of refined images, including the refinement. */
  THROUGH,
  /**
   * The gradient at the refined image is applied to the unrefined image, as if refinement were the
   * identity: cheaper, but a weaker attack, so robustness may be overestimated (Athalye et al.
   * 2018, "Obfuscated gradients").
   */
  AROUND
}
