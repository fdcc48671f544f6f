package org.udge.spark.evaluation;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Consecutive images of a set.
 *
 * @param place index among all parts
 * @param from index of the first image
 * @param to one past the index of the last image
 * @param size number of images in the set
 */
record ImageRange(int place, int from, int to, int size) implements Serializable {

  /** Divides a set between batches, so that batches are the same as on one machine. */
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
