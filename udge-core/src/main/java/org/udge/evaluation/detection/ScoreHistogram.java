package org.udge.evaluation.detection;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.udge.internal.Checks;

/**
 * How the scores of several sets of images are distributed, over bins they share.
 *
 * @param score name of the score
 * @param edges ascending edges of the bins, one more than there are bins; all bins are [lo, hi) but
 *     the first, which holds lower scores too, and the last, which holds hi and higher scores
 * @param counts images in each bin, by name of the set, in order
 */
public record ScoreHistogram(String score, List<Double> edges, Map<String, List<Long>> counts) {

  /** Share of a set's scores at either end that bins need not reach. */
  private static final double TAIL = 1e-3;

  /**
   * Copies edges and counts.
   *
   * @param score name of the score
   * @param edges ascending edges of the bins
   * @param counts images in each bin, by name of the set
   */
  public ScoreHistogram {
    edges = List.copyOf(edges);
    Map<String, List<Long>> copy = new LinkedHashMap<>();
    counts.forEach((set, counted) -> copy.put(set, List.copyOf(counted)));
    counts = Collections.unmodifiableMap(copy);
  }

  /**
   * Counts scores over bins of equal width. They reach over all sets but for the lowest and the
   * highest thousandth of each, so that a few odd images do not squeeze all others into a bin;
   * those count in the first and in the last bin.
   *
   * @param score name of the score
   * @param sets scores by name of the set; the order is kept
   * @param bins how many bins, at least 1
   * @return the histogram
   * @throws IllegalArgumentException if there is no set, one is empty, or a score is not finite
   */
  public static ScoreHistogram of(String score, Map<String, double[]> sets, int bins) {
    Checks.atLeast(1, "bins", bins);
    checkArgument(!sets.isEmpty(), "there must be at least one set of scores");
    sets.forEach(ScoreHistogram::checkFinite);
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    for (double[] scores : sets.values()) {
      double[] sorted = scores.clone();
      Arrays.sort(sorted);
      int beyond = (int) (TAIL * sorted.length);
      least = Math.min(least, sorted[beyond]);
      greatest = Math.max(greatest, sorted[sorted.length - 1 - beyond]);
    }
    // Equal scores everywhere: one unit around them, so that bins have a width.
    double start = least == greatest ? least - 0.5 : least;
    double width = (least == greatest ? 1 : greatest - least) / bins;
    List<Double> edges = new ArrayList<>();
    for (int i = 0; i <= bins; i++) {
      edges.add(start + i * width);
    }
    Map<String, List<Long>> counts = new LinkedHashMap<>();
    sets.forEach((name, scores) -> counts.put(name, count(scores, start, width, bins)));
    return new ScoreHistogram(score, edges, counts);
  }

  private static void checkFinite(String set, double[] scores) {
    checkArgument(scores.length > 0, "scores of %s must not be empty", set);
    for (int i = 0; i < scores.length; i++) {
      checkArgument(
          Double.isFinite(scores[i]),
          "score of image %s of %s must be finite, was %s",
          i,
          set,
          scores[i]);
    }
  }

  private static List<Long> count(double[] scores, double start, double width, int bins) {
    long[] counts = new long[bins];
    for (double score : scores) {
      counts[Math.max(0, Math.min(bins - 1, (int) Math.floor((score - start) / width)))]++;
    }
    return Arrays.stream(counts).boxed().toList();
  }

  /**
   * How many bins.
   *
   * @return at least 1
   */
  public int bins() {
    return edges.size() - 1;
  }

  /**
   * The middle of a bin.
   *
   * @param bin from 0
   * @return its center
   */
  public double center(int bin) {
    return (edges.get(bin) + edges.get(bin + 1)) / 2;
  }

  /**
   * A set's density in a bin, so that sets of different sizes compare: its bars have area 1.
   *
   * @param set name of the set
   * @param bin from 0
   * @return share of the set's images divided by the bin's width
   */
  public double density(String set, int bin) {
    List<Long> counted = counts.get(set);
    checkArgument(counted != null, "no set '%s', there are %s", set, counts.keySet());
    double images = counted.stream().mapToLong(n -> n).sum();
    return counted.get(bin) / images / (edges.get(bin + 1) - edges.get(bin));
  }
}
