package org.udge.loss;

/** Where the images of a training step come from. */
public enum ImageGroup {
  /** Images with labels, for p(y|x) and p(x|y). */
  LABELED,
  /** Images whose labels are not used, for p(x). */
  UNLABELED,
  /** Images the term itself drew from the model. */
  SAMPLED,
  /** Images the term itself made of the step's, or took from a source of its own. */
  OWN
}
