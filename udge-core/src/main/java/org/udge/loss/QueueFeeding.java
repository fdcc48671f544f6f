package org.udge.loss;

/** When the images of a step enter a {@link NegativeQueue} that several terms share. */
public enum QueueFeeding {
  /**
   * Once, after all terms were evaluated, with the images of the term that comes first in the
   * objective: no image is its own negative.
   */
  ONCE,
  /**
   * Once for each term, as soon as it was evaluated, as in the published program: terms that come
   * later see the step's own images among their negatives, and the queue turns over that much
   * faster. Excludes sharpness-aware updates, which evaluate each term twice.
   */
  EACH_TERM
}
