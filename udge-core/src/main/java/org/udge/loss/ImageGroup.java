package org.udge.loss;

/** The origin of the images of a training step. */
public enum ImageGroup {
  /** Images with labels, for p(y|x) and p(x|y). */
  LABELED,
  /** Images whose labels are not used, for p(x). */
  UNLABELED,
  /** Images that the term itself drew from the model. */
  SAMPLED,
  /** Images that the term itself made from those of the step, or took from its own source. */
  OWN
}
