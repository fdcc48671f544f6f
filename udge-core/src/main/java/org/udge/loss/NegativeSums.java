package org.udge.loss;

import java.util.Arrays;

/**
 * For every label y, the sum and the maximum over a queue's columns q_k of exp((s_y(q_k) - top) /
 * temperature), kept up to date at a cost of O(C) per changed column.
 *
 * <p>A binary tree over leaves of {@value #LEAF} columns: when a column changes, its leaf and the
 * nodes above are recomputed. Sums are therefore always those of the current columns, added in a
 * fixed order: rounding errors do not accumulate, and the bits do not depend on the history of the
 * queue. Scores are bounded, so a single constant offset, the largest possible score, keeps every
 * exponential in range.
 */
final class NegativeSums {

  /**
   * The number of columns in a leaf: few enough to recompute when one of them changes, enough to
   * keep the tree small.
   */
  private static final int LEAF = 32;

  private final NegativeQueue queue;
  private final LogitScaling scaling;
  private final Score score;
  private final double temperature;
  private final double top;
  private final int labels;
  private final int leaves;

  /**
   * Node i has children 2 i and 2 i + 1; leaf j is node leaves + j; each has one number per label.
   */
  private final double[] sums;

  private final double[] maxima;
  private final double[] column;
  private final double[] scaled;
  private final double[] scores;
  private long seen;
  private int seenRestores;

  NegativeSums(NegativeQueue queue, LogitScaling scaling, Score score, double temperature) {
    this.queue = queue;
    this.scaling = scaling;
    this.score = score;
    this.temperature = temperature;
    labels = score.labels();
    leaves = (queue.capacity() + LEAF - 1) / LEAF;
    sums = new double[Math.multiplyExact(2 * leaves, labels)];
    maxima = new double[sums.length];
    column = new double[queue.classes()];
    scaled = new double[queue.classes()];
    scores = new double[labels];
    Arrays.fill(scaled, scaling.bound());
    top = score.score(0, scaled);
  }

  /** Returns the exponent (s - top) / temperature. */
  double exponent(double value) {
    return (value - top) / temperature;
  }

  /** Returns log sum_k exp((s_y(q_k) - top) / temperature); minus infinity for an empty queue. */
  double logSum(int label) {
    return Math.log(sums[labels + label]);
  }

  /** Returns max_k (s_y(q_k) - top) / temperature; minus infinity for an empty queue. */
  double largest(int label) {
    return Math.log(maxima[labels + label]);
  }

  /** Incorporates the changes of the queue since the last call. */
  void refresh() {
    int capacity = queue.capacity();
    long changed = Math.min(queue.added() - seen, capacity);
    if (queue.restores() != seenRestores) {
      changed = capacity;
    }
    if (changed == capacity) {
      refresh(0, capacity);
    } else if (changed > 0) {
      int from = (int) ((queue.added() - changed) % capacity);
      int to = (int) Math.min(from + changed, capacity);
      refresh(from, to);
      refresh(0, (int) (changed - (to - from)));
    }
    seen = queue.added();
    seenRestores = queue.restores();
  }

  private void refresh(int fromSlot, int toSlot) {
    if (fromSlot == toSlot) {
      return;
    }
    for (int leaf = fromSlot / LEAF; leaf <= (toSlot - 1) / LEAF; leaf++) {
      refreshLeaf(leaf);
      for (int node = (leaves + leaf) / 2; node > 0; node /= 2) {
        refreshNode(node);
      }
    }
  }

  private void refreshLeaf(int leaf) {
    int start = (leaves + leaf) * labels;
    Arrays.fill(sums, start, start + labels, 0);
    Arrays.fill(maxima, start, start + labels, 0);
    int end = Math.min((leaf + 1) * LEAF, queue.size());
    for (int slot = leaf * LEAF; slot < end; slot++) {
      queue.read(slot, column);
      scaling.forward(column, scaled);
      score.scores(scaled, scores);
      for (int label = 0; label < labels; label++) {
        double term = Math.exp(exponent(scores[label]));
        sums[start + label] += term;
        maxima[start + label] = Math.max(maxima[start + label], term);
      }
    }
  }

  private void refreshNode(int node) {
    int start = node * labels;
    int left = 2 * node * labels;
    int right = left + labels;
    for (int label = 0; label < labels; label++) {
      sums[start + label] = sums[left + label] + sums[right + label];
      maxima[start + label] = Math.max(maxima[left + label], maxima[right + label]);
    }
  }
}
