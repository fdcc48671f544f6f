package org.udge.loss;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import org.udge.engine.Logits;
import org.udge.random.RandomStream;
import org.udge.state.State;
import org.udge.state.Stateful;

/**
 * The logits of the last K images, the negatives of the contrastive terms (the "memory bank" of Liu
 * &amp; Abbeel 2020, arXiv 2007.09070, after He et al. 2020, "Momentum contrast").
 *
 * <p>A ring: a full queue replaces its oldest entry; any batch size is allowed. Logits are stored
 * unscaled, before normalization and temperature, so that terms with different settings can share a
 * queue, and in float32, which is exactly what networks output. (Logits constructed in double
 * precision are rounded.)
 *
 * <p>Not thread-safe.
 */
final class NegativeQueue implements Stateful {

  private final int capacity;
  private final int classes;
  private final float[] columns;
  private long added;
  private int restores;
  private boolean hasOwner;

  private NegativeQueue(int capacity, int classes) {
    checkArgument(capacity > 0, "queue capacity must be at least 1, was %s", capacity);
    checkArgument(classes > 0, "classes must be at least 1, was %s", classes);
    long size = (long) capacity * classes;
    checkArgument(
        size <= Integer.MAX_VALUE,
        "a queue of capacity %s is too large for %s classes: at most %s fit",
        capacity,
        classes,
        Integer.MAX_VALUE / classes);
    this.capacity = capacity;
    this.classes = classes;
    this.columns = new float[(int) size];
  }

  /**
   * Returns an empty queue.
   *
   * @param capacity K, at least 1
   * @param classes C, at least 1
   * @return the queue
   * @throws IllegalArgumentException if one is below 1, or K C above 2^31 - 1
   */
  static NegativeQueue of(int capacity, int classes) {
    return new NegativeQueue(capacity, classes);
  }

  /**
   * Returns the capacity of the queue.
   *
   * @return K
   */
  int capacity() {
    return capacity;
  }

  /**
   * Returns the number of classes.
   *
   * @return C
   */
  int classes() {
    return classes;
  }

  /**
   * Returns the number of negatives in the queue.
   *
   * @return 0 to K
   */
  int size() {
    return (int) Math.min(added, capacity);
  }

  /**
   * Adds the logits of a batch, replacing the oldest ones once the queue is full. Of a batch larger
   * than the queue, the last K logits are kept.
   *
   * @param logits [N, C]
   * @throws IllegalArgumentException if C differs or a logit is not a finite float32 number, in
   *     which case nothing is added
   */
  void add(Logits logits) {
    checkArgument(
        logits.classes() == classes,
        "the queue holds logits of %s classes, these are of %s",
        classes,
        logits.classes());
    float[][] rows = new float[logits.rows()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = finiteFloats(logits.row(i), i);
    }
    for (float[] row : rows) {
      System.arraycopy(row, 0, columns, nextSlot() * classes, classes);
      added++;
    }
  }

  private static float[] finiteFloats(double[] row, int index) {
    float[] floats = new float[row.length];
    for (int c = 0; c < row.length; c++) {
      floats[c] = (float) row[c];
      checkArgument(
          Float.isFinite(floats[c]),
          "logits to be queued must be finite float32 numbers, logit %s of image %s was %s",
          c,
          index,
          row[c]);
    }
    return floats;
  }

  /**
   * Fills every slot with independent standard normal logits, as the published program starts.
   *
   * @param random the source of randomness
   */
  void fillWithNoise(RandomStream random) {
    random.fillGaussian(columns);
    added = capacity;
    restores++;
  }

  /**
   * Returns the logits in the queue.
   *
   * @return [size, C], oldest first; a copy
   * @throws IllegalArgumentException if the queue is empty
   */
  Logits logits() {
    int size = size();
    double[][] rows = new double[size][classes];
    for (int i = 0; i < size; i++) {
      int slot = (int) ((added - size + i) % capacity);
      for (int c = 0; c < classes; c++) {
        rows[i][c] = columns[slot * classes + c];
      }
    }
    return Logits.of(rows);
  }

  @Override
  public State captureState() {
    return State.builder()
        .put("capacity", capacity)
        .put("classes", classes)
        .put("added", added)
        .put("columns", Arrays.copyOf(columns, size() * classes))
        .build();
  }

  @Override
  public void restoreState(State state) {
    checkSame(state, "capacity", capacity);
    checkSame(state, "classes", classes);
    long count = state.getLong("added");
    checkArgument(count >= 0, "state entry 'added' must not be negative, was %s", count);
    float[] saved = state.getFloats("columns");
    long expected = Math.min(count, capacity) * classes;
    checkArgument(
        saved.length == expected,
        "state entry 'columns' has %s numbers, expected %s",
        saved.length,
        expected);
    System.arraycopy(saved, 0, columns, 0, saved.length);
    added = count;
    restores++;
  }

  /**
   * Returns the negatives of a captured state.
   *
   * @param state from {@link #captureState()}
   * @return logits, a row for each negative, the oldest first
   * @throws IllegalArgumentException if the state is not that of a queue
   */
  static Logits logits(State state) {
    long capacity = state.getLong("capacity");
    long classes = state.getLong("classes");
    long added = state.getLong("added");
    float[] saved = state.getFloats("columns");
    checkArgument(
        capacity > 0 && classes > 0 && added >= 0,
        "the state of a queue has capacity %s, %s classes, %s negatives added",
        capacity,
        classes,
        added);
    long size = Math.min(added, capacity);
    checkArgument(
        classes <= Integer.MAX_VALUE && saved.length == size * classes,
        "state entry 'columns' has %s numbers, expected %s negatives of %s classes",
        saved.length,
        size,
        classes);
    double[][] rows = new double[(int) size][(int) classes];
    for (int i = 0; i < size; i++) {
      int slot = (int) ((added - size + i) % capacity);
      for (int c = 0; c < classes; c++) {
        rows[i][c] = saved[slot * (int) classes + c];
      }
    }
    return Logits.of(rows);
  }

  private static void checkSame(State state, String name, long expected) {
    long found = state.getLong(name);
    checkArgument(
        found == expected,
        "state is of a queue with %s %s, this queue has %s %s",
        name,
        found,
        name,
        expected);
  }

  /** Makes the caller the one that feeds and saves this queue, unless there already is one. */
  boolean claimOwning() {
    boolean first = !hasOwner;
    hasOwner = true;
    return first;
  }

  /** Returns the number of columns ever added; the last min(added, K) of them are in the queue. */
  long added() {
    return added;
  }

  /** Returns a number that changes whenever the content was replaced other than by adding. */
  int restores() {
    return restores;
  }

  private int nextSlot() {
    return (int) (added % capacity);
  }

  /** Copies the logits in a slot. */
  void read(int slot, double[] into) {
    int start = slot * classes;
    for (int c = 0; c < classes; c++) {
      into[c] = columns[start + c];
    }
  }
}
