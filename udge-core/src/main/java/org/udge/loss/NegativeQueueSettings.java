package org.udge.loss;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * How a queue of negatives is made, and which terms share one.
 *
 * <p>Contrastive terms of one run whose queue settings are equal share one queue: it is stored and
 * saved once. The term that comes first in the objective feeds it, with the logits of the images it
 * reads itself; the others only look, unless {@link QueueFeeding#EACH_TERM} says otherwise. To give
 * terms queues of their own, give them different capacities.
 *
 * <p>Immutable and thread-safe.
 *
 * @param capacity K, the number of negatives kept, at least 1; need not be a multiple of the batch
 *     size
 * @param start what the queue holds when a run begins
 * @param feeding when the images of a step enter
 */
public record NegativeQueueSettings(int capacity, QueueStart start, QueueFeeding feeding) {

  /** K of the paper. */
  private static final int DEFAULT_CAPACITY = 65_536;

  /**
   * Checks the values.
   *
   * @param capacity K, the number of negatives kept, at least 1
   * @param start what the queue holds when a run begins
   * @param feeding when the images of a step enter
   * @throws IllegalArgumentException if the capacity is below 1
   */
  public NegativeQueueSettings {
    checkArgument(capacity > 0, "queue capacity must be at least 1, was %s", capacity);
    requireNonNull(start);
    requireNonNull(feeding);
  }

  /**
   * 65,536 negatives (the paper's K), starting empty.
   *
   * @return the settings
   */
  public static NegativeQueueSettings ofDefaults() {
    return new NegativeQueueSettings(DEFAULT_CAPACITY, QueueStart.EMPTY, QueueFeeding.ONCE);
  }

  /**
   * These settings with another capacity. Default: 65,536. The paper's ablation (table 3) finds 256
   * to be enough for most of the gain in out-of-distribution detection.
   *
   * @param capacity K, at least 1
   * @return new settings
   * @throws IllegalArgumentException if it is below 1
   */
  public NegativeQueueSettings capacity(int capacity) {
    return new NegativeQueueSettings(capacity, start, feeding);
  }

  /**
   * These settings with another beginning. Default: {@link QueueStart#EMPTY}.
   *
   * @param start what the queue holds when a run begins
   * @return new settings
   */
  public NegativeQueueSettings start(QueueStart start) {
    return new NegativeQueueSettings(capacity, start, feeding);
  }

  /**
   * These settings with another time of feeding. Default: {@link QueueFeeding#ONCE}.
   *
   * @param feeding when the images of a step enter
   * @return new settings
   */
  public NegativeQueueSettings feeding(QueueFeeding feeding) {
    return new NegativeQueueSettings(capacity, start, feeding);
  }
}
