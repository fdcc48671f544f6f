package org.udge.interop;

import static org.udge.internal.Preconditions.checkArgument;

/**
 * The negatives that contrastive training had gathered when a checkpoint was saved.
 *
 * <p>The published program starts the queue with noise, N(0, 1), and does not record which slots
 * have been filled since.
 *
 * @param logits unnormalized, [classes, slots], one column for each negative
 * @param position the slot that comes next, 0 to slots - 1: the oldest
 */
public record ContrastiveQueue(Tensor logits, int position) {

  /**
   * Checks that the position lies within the queue.
   *
   * @param logits unnormalized, [classes, slots]
   * @param position the slot that comes next, 0 to slots - 1
   * @throws IllegalArgumentException if logits are not of rank 2, or the position is not a slot
   */
  public ContrastiveQueue {
    checkArgument(logits.rank() == 2, "queue logits must be [classes, slots], were %s", logits);
    checkArgument(
        position >= 0 && position < logits.size(1),
        "queue position must be 0 to %s, was %s",
        logits.size(1) - 1,
        position);
  }
}
