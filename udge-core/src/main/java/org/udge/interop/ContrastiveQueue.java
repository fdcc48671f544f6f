package org.udge.interop;

import static org.udge.internal.Preconditions.checkArgument;

/**
 * The negatives in the queue of contrastive training when a checkpoint was saved.
 *
 * <p>The published program initializes the queue with noise, N(0, 1), and does not record which
 * slots have been filled since.
 *
 * @param logits unnormalized, [classes, slots], one column per negative
 * @param position the next slot to fill, 0 to slots - 1, which holds the oldest negative
 */
public record ContrastiveQueue(Tensor logits, int position) {

  /**
   * Checks that the position is within the queue.
   *
   * @param logits unnormalized, [classes, slots]
   * @param position the next slot to fill, 0 to slots - 1
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
