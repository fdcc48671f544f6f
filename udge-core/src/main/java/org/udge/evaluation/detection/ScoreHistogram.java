package org.udge.evaluation.detection;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.udge.internal.Checks;
import org.udge.internal.Sorting;

/**
 * The distribution of the scores of several sets of images, over shared bins.
 *
 * <p>A few scores may lie outside the bins: see {@link #of}.
 *
 * @param score the name of the score
 * @param edges the edges of the bins, ascending, one more than there are bins; all bins are [lo,
 *     hi) except the last, which includes hi
 * @param counts the number of images in each bin, by name of the set, in order
 * @param below the number of images whose score is below the first bin, by name of the set
 * @param above the number of images whose score is above the last bin, by name of the set
 */
public record ScoreHistogram(
    String score,
    List<Double> edges,
    Map<String, List<Long>> counts,
    Map<String, Long> below,
    Map<String, Long> above) {

  /** The fraction of a set's scores at either end, rounded up, that bins need not cover. */
  private static final double TAIL = 0.01;

  /**
   * The distance from the quartiles, in interquartile ranges, beyond which a score is far out
   * (Tukey 1977).
   */
  private static final double FAR_OUT = 3;

  /**
   * Copies edges and counts.
   *
   * @param score the name of the score
   * @param edges the edges of the bins, ascending
   * @param counts the number of images in each bin, by name of the set
   * @param below the number of images below the first bin, by name of the set
   * @param above the number of images above the last bin, by name of the set
   */
  public ScoreHistogram {
    edges = List.copyOf(edges);
    Map<String, List<Long>> copy = new LinkedHashMap<>();
    counts.forEach((set, counted) -> copy.put(set, List.copyOf(counted)));
    counts = Collections.unmodifiableMap(copy);
    below = Collections.unmodifiableMap(new LinkedHashMap<>(below));
    above = Collections.unmodifiableMap(new LinkedHashMap<>(above));
  }

  /**
   * Counts scores in bins of equal width, which cover all sets except the scores that are far out
   * in their own set: those that are both among the outermost hundredth of their set (rounded up)
   * at that end, and more than three interquartile ranges away from the nearer quartile (Tukey
   * 1977). A few outliers, in a set of any size, therefore do not squeeze all others into one bin.
   * Scores outside the bins are counted as {@code below} and {@code above}, in no bin.
   *
   * @param score the name of the score
   * @param sets the scores by name of the set; the order is kept
   * @param bins the number of bins, at least 1
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
      least = Math.min(least, nearest(sorted));
      greatest = Math.max(greatest, -nearest(mirrored(sorted)));
    }
    // All scores are equal: one unit around them, so that bins have a width.
    double start = least == greatest ? least - 0.5 : least;
    double width = (least == greatest ? 1 : greatest - least) / bins;
    List<Double> edges = new ArrayList<>();
    for (int i = 0; i <= bins; i++) {
      edges.add(start + i * width);
    }
    double first = least;
    double last = greatest;
    Map<String, List<Long>> counts = new LinkedHashMap<>();
    Map<String, Long> below = new LinkedHashMap<>();
    Map<String, Long> above = new LinkedHashMap<>();
    sets.forEach(
        (name, scores) -> {
          double[] within = Arrays.stream(scores).filter(s -> s >= first && s <= last).toArray();
          counts.put(name, count(within, start, width, bins));
          below.put(name, Arrays.stream(scores).filter(s -> s < first).count());
          above.put(name, Arrays.stream(scores).filter(s -> s > last).count());
        });
    return new ScoreHistogram(score, edges, counts, below, above);
  }

  /** Returns the lowest score that is not far out. */
  private static double nearest(double... ascending) {
    double lower = Sorting.quantile(ascending, 0.25);
    double fence = lower - FAR_OUT * (Sorting.quantile(ascending, 0.75) - lower);
    int most = (int) Math.ceil(TAIL * ascending.length);
    int first = 0;
    while (first < most && first < ascending.length - 1 && ascending[first] < fence) {
      first++;
    }
    return ascending[first];
  }

  /** Returns the negated numbers in ascending order. */
  private static double[] mirrored(double... ascending) {
    double[] result = new double[ascending.length];
    Arrays.setAll(result, i -> -ascending[ascending.length - 1 - i]);
    return result;
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
   * Returns the number of bins.
   *
   * @return at least 1
   */
  public int bins() {
    return edges.size() - 1;
  }

  /**
   * Returns the center of a bin.
   *
   * @param bin the index of the bin, from 0
   * @return the center
   */
  public double center(int bin) {
    return (edges.get(bin) + edges.get(bin + 1)) / 2;
  }

  /**
   * Returns the density of a set in a bin, which makes sets of different sizes comparable: the
   * total area of a set's bars is the fraction of its images within the bins, 1 if none is outside.
   *
   * @param set the name of the set
   * @param bin the index of the bin, from 0
   * @return the fraction of the set's images divided by the bin's width
   * @throws IllegalArgumentException if there is no such set
   */
  public double density(String set, int bin) {
    return (double) find(set).get(bin) / images(set) / (edges.get(bin + 1) - edges.get(bin));
  }

  /**
   * Returns the number of images of a set, including those outside the bins.
   *
   * @param set the name of the set
   * @return the number of images, at least 1
   * @throws IllegalArgumentException if there is no such set
   */
  public long images(String set) {
    return find(set).stream().mapToLong(n -> n).sum() + beyond(set);
  }

  /**
   * Returns the number of images of a set outside the bins, on either side.
   *
   * @param set the name of the set
   * @return the number of images, at least 0
   * @throws IllegalArgumentException if there is no such set
   */
  public long beyond(String set) {
    List<Long> unused = find(set);
    return below.getOrDefault(set, 0L) + above.getOrDefault(set, 0L);
  }

  /**
   * Returns a copy with another name for a set, for example for the legend of a plot.
   *
   * @param set the current name
   * @param name the new name
   * @return a copy, with the sets in the same order
   * @throws IllegalArgumentException if there is no such set, or another one has the new name
   */
  public ScoreHistogram withSetName(String set, String name) {
    List<Long> unused = find(set);
    checkArgument(set.equals(name) || !counts.containsKey(name), "two sets called '%s'", name);
    return new ScoreHistogram(
        score,
        edges,
        renamed(counts, set, name),
        renamed(below, set, name),
        renamed(above, set, name));
  }

  private static <T> Map<String, T> renamed(Map<String, T> values, String set, String name) {
    Map<String, T> result = new LinkedHashMap<>();
    values.forEach((key, value) -> result.put(key.equals(set) ? name : key, value));
    return result;
  }

  private List<Long> find(String set) {
    List<Long> counted = counts.get(set);
    checkArgument(counted != null, "no set '%s', there are %s", set, counts.keySet());
    return counted;
  }
}
