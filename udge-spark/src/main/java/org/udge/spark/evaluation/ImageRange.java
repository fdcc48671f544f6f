package org.udge.spark.evaluation;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Some consecutive images of a set.
 *
 * @param place among all parts
 * @param from the first
 * @param to one past the last
 * @param size how many the set has
 */
record ImageRange(int place, int from, int to, int size) implements Serializable {

  /** Cuts a set between batches, so that they are those of one machine. */
  static List<ImageRange> cut(int first, int size, int parts, int batchSize) {
    checkArgument(size > 0, "the set is empty");
    int batches = (size - 1) / batchSize + 1;
    int count = Math.min(parts, batches);
    List<ImageRange> ranges = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) i * batches / count) * batchSize;
      int to = Math.min(size, (int) ((i + 1L) * batches / count) * batchSize);
      ranges.add(new ImageRange(first + i, from, to, size));
    }
    return ranges;
  }

  @Override
  public String toString() {
    return from + " to " + (to - 1);
  }
}
