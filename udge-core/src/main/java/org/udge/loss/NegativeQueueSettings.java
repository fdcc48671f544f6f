package org.udge.loss;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.udge.engine.Logits;
import org.udge.state.State;

/**
 * How a queue of negatives is made, and which terms share one.
 *
 * <p>Contrastive terms of one run whose queue settings are equal share one queue: it is stored and
 * saved once. The term that comes first in the objective feeds it, with the logits of the images it
 * reads itself; the others only look. To give terms queues of their own, give them different
 * capacities.
 *
 * <p>Immutable and thread-safe.
 */
public final class NegativeQueueSettings {

  /** K of the paper. */
  private static final int DEFAULT_CAPACITY = 65_536;

  private final int capacity;
  private final QueueStart start;

  private NegativeQueueSettings(int capacity, QueueStart start) {
    checkArgument(capacity > 0, "queue capacity must be at least 1, was %s", capacity);
    requireNonNull(start);
    this.capacity = capacity;
    this.start = start;
  }

  /**
   * 65,536 negatives (the paper's K), starting empty.
   *
   * @return the settings
   */
  public static NegativeQueueSettings ofDefaults() {
    return ofCapacity(DEFAULT_CAPACITY);
  }

  /**
   * The default settings with another capacity.
   *
   * @param capacity K, at least 1
   * @return the settings
   * @throws IllegalArgumentException if it is below 1
   */
  public static NegativeQueueSettings ofCapacity(int capacity) {
    return new NegativeQueueSettings(capacity, QueueStart.EMPTY);
  }

  /**
   * These settings with another capacity. Default: 65,536. The paper's ablation (table 3) finds 256
   * to be enough for most of the gain in out-of-distribution detection.
   *
   * @param capacity K, at least 1
   * @return new settings
   * @throws IllegalArgumentException if it is below 1
   */
  public NegativeQueueSettings withCapacity(int capacity) {
    return new NegativeQueueSettings(capacity, start);
  }

  /**
   * These settings with another beginning. Default: {@link QueueStart#EMPTY}.
   *
   * @param start what the queue holds when a run begins
   * @return new settings
   */
  public NegativeQueueSettings withStart(QueueStart start) {
    return new NegativeQueueSettings(capacity, start);
  }

  /**
   * K, the number of negatives kept.
   *
   * @return at least 1; default 65,536. Need not be a multiple of the batch size
   */
  public int capacity() {
    return capacity;
  }

  /**
   * What the queue holds when a run begins.
   *
   * @return default {@link QueueStart#EMPTY}
   */
  public QueueStart start() {
    return start;
  }

  /**
   * Finds the negatives in what a contrastive term of this library captured.
   *
   * @param state the captured state of {@link ConditionalContrastive} or {@link
   *     MarginalContrastive}
   * @return logits, a row for each negative, the oldest first; empty if another term of the run
   *     shares the queue and saves it
   * @throws IllegalArgumentException if what the state holds is no queue
   */
  public static Optional<Logits> negatives(State state) {
    return state.has("queue")
        ? Optional.of(NegativeQueue.logits(state.getState("queue")))
        : Optional.empty();
  }

  private List<Object> values() {
    return List.of(capacity, start);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NegativeQueueSettings that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "NegativeQueueSettings[capacity=%s, start=%s]", values().toArray());
  }
}
