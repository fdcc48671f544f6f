package org.udge.loss;

/** The content of a queue of negatives when a run begins. */
public enum QueueStart {
  /**
   * No negatives: slots count as negatives only once an image has filled them. In the first step
   * there is no negative, and the loss is 0.
   */
  EMPTY,
  /**
   * Standard normal logits in every slot, as in the published program: until K images have been
   * added, some negatives are noise.
   */
  NOISE
}
