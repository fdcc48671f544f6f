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
 * How the scores of several sets of images are distributed, over bins they share.
 *
 * <p>A few scores may lie beyond the bins: see {@link #of}.
 *
 * @param score name of the score
 * @param edges ascending edges of the bins, one more than there are bins; all bins are [lo, hi) but
 *     the last, which holds hi too
 * @param counts images in each bin, by name of the set, in order
 * @param below images whose score is below the first bin, by name of the set
 * @param above images whose score is above the last bin, by name of the set
 */
public record ScoreHistogram(
    String score,
    List<Double> edges,
    Map<String, List<Long>> counts,
    Map<String, Long> below,
    Map<String, Long> above) {

  /** Share of a set's scores at either end, rounded up, that bins need not reach. */
  private static final double TAIL = 0.01;

  /** Interquartile ranges from the quartiles to what is far out (Tukey 1977). */
  private static final double FAR_OUT = 3;

  /**
   * Copies edges and counts.
   *
   * @param score name of the score
   * @param edges ascending edges of the bins
   * @param counts images in each bin, by name of the set
   * @param below images below the first bin, by name of the set
   * @param above images above the last bin, by name of the set
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
   * Counts scores over bins of equal width, which reach over all sets but for what is far out in
   * its own: a score that is both among the hundredth of its set (rounded up) at that end, and more
   * than three interquartile ranges away from the nearer quartile (Tukey 1977). So a few odd
   * images, in a set of whatever size, do not squeeze all others into a bin. Scores that the bins
   * of all sets together do not reach are counted as {@code below} and {@code above}, in no bin.
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
      least = Math.min(least, nearest(sorted));
      greatest = Math.max(greatest, -nearest(mirrored(sorted)));
    }
    // Equal scores everywhere: one unit around them, so that bins have a width.
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

  /** With the other sign, ascending again. */
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
   * Returns the middle of a bin.
   *
   * @param bin from 0
   * @return its center
   */
  public double center(int bin) {
    return (edges.get(bin) + edges.get(bin + 1)) / 2;
  }

  /**
   * Returns a set's density in a bin, so that sets of different sizes compare: its bars have the
   * area of the share of its images that lie within the bins, 1 if none lies beyond.
   *
   * @param set name of the set
   * @param bin from 0
   * @return share of the set's images divided by the bin's width
   * @throws IllegalArgumentException if there is no such set
   */
  public double density(String set, int bin) {
    return (double) find(set).get(bin) / images(set) / (edges.get(bin + 1) - edges.get(bin));
  }

  /**
   * Returns the number of images a set has, those beyond the bins among them.
   *
   * @param set name of the set
   * @return at least 1
   * @throws IllegalArgumentException if there is no such set
   */
  public long images(String set) {
    return find(set).stream().mapToLong(n -> n).sum() + beyond(set);
  }

  /**
   * Returns the number of of a set's images lie beyond the bins, on either side.
   *
   * @param set name of the set
   * @return at least 0
   * @throws IllegalArgumentException if there is no such set
   */
  public long beyond(String set) {
    List<Long> unused = find(set);
    return below.getOrDefault(set, 0L) + above.getOrDefault(set, 0L);
  }

  /**
   * Returns the same scores with another name for a set, as a picture's legend shall say it.
   *
   * @param set the name it has
   * @param name the name it shall have
   * @return a copy, sets in the same order
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
