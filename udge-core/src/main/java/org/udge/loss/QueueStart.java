package org.udge.loss;

/** What a queue of negatives holds when a run begins. */
public enum QueueStart {
  /**
   * Nothing: slots count as negatives once an image filled them. In the first step there is no
   * negative, and the loss is 0.
   */
  EMPTY,
  /**
   * Standard normal logits in every slot, as in the published program: until K images went by, some
   * negatives are noise.
   */
  NOISE
}
