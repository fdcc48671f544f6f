package org.udge.loss;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.udge.engine.Logits;
import org.udge.state.State;

/**
 * The settings of a queue of negatives, which also determine the terms that share one.
 *
 * <p>Contrastive terms of the same run whose queue settings are equal share one queue, which is
 * stored and saved once. The first such term of the objective feeds it, with the logits of the
 * images that it reads itself; the others only read it. To give each term its own queue, use
 * different capacities.
 *
 * <p>Immutable and thread-safe.
 */
public final class NegativeQueueSettings {

  /** The K of the paper. */
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
   * Returns the default settings: 65,536 negatives (the paper's K), initially empty.
   *
   * @return the settings
   */
  public static NegativeQueueSettings ofDefaults() {
    return ofCapacity(DEFAULT_CAPACITY);
  }

  /**
   * Returns the default settings with another capacity.
   *
   * @param capacity K, at least 1
   * @return the settings
   * @throws IllegalArgumentException if it is below 1
   */
  public static NegativeQueueSettings ofCapacity(int capacity) {
    return new NegativeQueueSettings(capacity, QueueStart.EMPTY);
  }

  /**
   * Returns a copy of these settings with another capacity. Default: 65,536. The paper's ablation
   * (table 3) finds 256 to be enough for most of the gain in out-of-distribution detection.
   *
   * @param capacity K, at least 1
   * @return new settings
   * @throws IllegalArgumentException if it is below 1
   */
  public NegativeQueueSettings withCapacity(int capacity) {
    return new NegativeQueueSettings(capacity, start);
  }

  /**
   * Returns a copy of these settings with another initial content. Default: {@link
   * QueueStart#EMPTY}.
   *
   * @param start the content of the queue when a run begins
   * @return new settings
   */
  public NegativeQueueSettings withStart(QueueStart start) {
    return new NegativeQueueSettings(capacity, start);
  }

  /**
   * Returns the number K of negatives kept.
   *
   * @return the capacity, at least 1; default 65,536. Need not be a multiple of the batch size
   */
  public int capacity() {
    return capacity;
  }

  /**
   * Returns the content of the queue when a run begins.
   *
   * @return the initial content; default {@link QueueStart#EMPTY}
   */
  public QueueStart start() {
    return start;
  }

  /**
   * Returns the negatives in the captured state of a contrastive term of this library.
   *
   * @param state the captured state of {@link ConditionalContrastive} or {@link
   *     MarginalContrastive}
   * @return logits, one row per negative, the oldest first; empty if another term of the run shares
   *     the queue and saves it
   * @throws IllegalArgumentException if the content of the state is not a queue
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
