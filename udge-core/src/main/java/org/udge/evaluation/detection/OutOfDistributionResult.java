package org.udge.evaluation.detection;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.udge.Threshold;
import org.udge.evaluation.Bootstrap;
import org.udge.evaluation.ConfidenceInterval;
import org.udge.evaluation.EvaluationResult;
import org.udge.evaluation.Metric;
import org.udge.internal.TextTable;

/**
 * The performance of scores in separating the set under evaluation (in-distribution, positive) from
 * other sets, with the scores themselves for histograms, thresholds and intervals.
 *
 * <p>Immutable and thread-safe.
 */
public final class OutOfDistributionResult implements EvaluationResult {

  /** The name of the set under evaluation in histograms. */
  public static final String IN_DISTRIBUTION = "in-distribution";

  private final Map<String, double[]> in;
  private final Map<String, Map<String, double[]>> out;
  private final Map<String, Map<String, DetectionMetrics>> metrics;

  private OutOfDistributionResult(
      Map<String, double[]> in,
      Map<String, Map<String, double[]>> out,
      Map<String, Map<String, DetectionMetrics>> metrics) {
    this.in = in;
    this.out = out;
    this.metrics = metrics;
  }

  /**
   * Computes all metrics from scores.
   *
   * @param in the scores of in-distribution images, by name of the score
   * @param out the scores of out-of-distribution images, by name of the score, then of the set
   * @return the result
   * @throws IllegalArgumentException if a set is empty, a score is NaN, or names do not match
   */
  public static OutOfDistributionResult of(
      Map<String, double[]> in, Map<String, Map<String, double[]>> out) {
    checkArgument(
        in.keySet().equals(out.keySet()),
        "there must be the same scores in and out of distribution: %s and %s",
        in.keySet(),
        out.keySet());
    Map<String, double[]> inCopy = new LinkedHashMap<>();
    Map<String, Map<String, double[]>> outCopy = new LinkedHashMap<>();
    Map<String, Map<String, DetectionMetrics>> metrics = new LinkedHashMap<>();
    in.forEach(
        (score, values) -> {
          Map<String, double[]> copies = new LinkedHashMap<>();
          Map<String, DetectionMetrics> judged = new LinkedHashMap<>();
          requireNonNull(out.get(score))
              .forEach(
                  (set, others) -> {
                    checkArgument(
                        others.length > 0, "%s scores of %s must not be empty", score, set);
                    copies.put(set, others.clone());
                    judged.put(set, DetectionMetrics.of(values, others));
                  });
          inCopy.put(score, values.clone());
          outCopy.put(score, copies);
          metrics.put(score, judged);
        });
    return new OutOfDistributionResult(inCopy, outCopy, metrics);
  }

  /**
   * Returns the names of the scores.
   *
   * @return the names in the given order
   */
  public List<String> scores() {
    return List.copyOf(in.keySet());
  }

  /**
   * Returns the names of the out-of-distribution sets.
   *
   * @return the names in the given order
   */
  public List<String> sets() {
    return out.values().stream().findFirst().map(s -> List.copyOf(s.keySet())).orElse(List.of());
  }

  /**
   * Returns the performance of a score in separating a set from the in-distribution images.
   *
   * @param score the name of the score
   * @param set the name of the set
   * @return the metrics
   * @throws IllegalArgumentException if there is no such score or set
   */
  public DetectionMetrics detection(String score, String set) {
    return find(find(metrics, "score", score), "set", set);
  }

  /**
   * Returns the scores of the in-distribution images.
   *
   * @param score the name of the score
   * @return a copy, in the order of the images
   * @throws IllegalArgumentException if there is no such score
   */
  public double[] inScores(String score) {
    return find(in, "score", score).clone();
  }

  /**
   * Returns the scores of the out-of-distribution images of a set.
   *
   * @param score the name of the score
   * @param set the name of the set
   * @return a copy, in the order of the images
   * @throws IllegalArgumentException if there is no such score or set
   */
  public double[] outScores(String score, String set) {
    return find(find(out, "score", score), "set", set).clone();
  }

  private static <T> T find(Map<String, T> map, String kind, String name) {
    T value = map.get(name);
    checkArgument(value != null, "no %s '%s', there are %s", kind, name, map.keySet());
    return value;
  }

  /**
   * Computes a threshold for serving.
   *
   * @param score the name of the score
   * @param falseAlarmRate the accepted fraction of in-distribution images classified as
   *     out-of-distribution
   * @return the threshold
   * @throws IllegalArgumentException if there is no such score or the rate is out of range
   */
  public Threshold threshold(String score, double falseAlarmRate) {
    return Threshold.forFalseAlarmRate(score, find(in, "score", score), falseAlarmRate);
  }

  /**
   * Computes the histogram of the scores of all sets over shared bins.
   *
   * @param score the name of the score
   * @param bins the number of bins
   * @return the histogram; the set under evaluation comes first, as {@value #IN_DISTRIBUTION}
   * @throws IllegalArgumentException if there is no such score, or one is infinite
   */
  public ScoreHistogram histogram(String score, int bins) {
    Map<String, double[]> sets = new LinkedHashMap<>();
    sets.put(IN_DISTRIBUTION, find(in, "score", score));
    sets.putAll(find(out, "score", score));
    return ScoreHistogram.of(score, sets, bins);
  }

  /**
   * Computes the bootstrap interval of an area under the receiver operating characteristic.
   *
   * @param score the name of the score
   * @param set the name of the set
   * @param bootstrap the resampling
   * @return the interval
   * @throws IllegalArgumentException if there is no such score or set
   */
  public ConfidenceInterval aurocInterval(String score, String set, Bootstrap bootstrap) {
    return bootstrap.interval(
        find(in, "score", score),
        find(find(out, "score", score), "set", set),
        DetectionMetrics::auroc);
  }

  @Override
  public long images() {
    return in.values().stream().findFirst().map(scores -> scores.length).orElse(0);
  }

  /** Returns the metrics; keys are {@code ood/SET/SCORE/METRIC}, regardless of the split. */
  @Override
  public List<Metric> metrics(String split) {
    List<Metric> all = new ArrayList<>();
    for (String set : sets()) {
      for (String score : scores()) {
        all.addAll(detection(score, set).metrics("ood/" + set + "/" + score));
      }
    }
    return all;
  }

  @Override
  public Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("positive", IN_DISTRIBUTION);
    for (String set : sets()) {
      Map<String, Object> scores = new LinkedHashMap<>();
      scores().forEach(score -> scores.put(score, detection(score, set).details()));
      details.put(set, scores);
    }
    return details;
  }

  /**
   * Returns a table with a row per set and score.
   *
   * @return several lines
   */
  @Override
  public String toString() {
    TextTable table =
        new TextTable(
            "set", "images", "score", "AUROC", "AUPR in", "AUPR out", "FPR@95TPR", "error");
    for (String set : sets()) {
      for (String score : scores()) {
        DetectionMetrics m = detection(score, set);
        table.row(
            set,
            Long.toString(m.outImages()),
            score,
            TextTable.number(m.auroc()),
            TextTable.number(m.auprIn()),
            TextTable.number(m.auprOut()),
            TextTable.number(m.fprAt95Tpr()),
            TextTable.number(m.detectionError()));
      }
    }
    return "Out-of-distribution detection; positive: "
        + images()
        + " images in distribution; AUROC and AUPR: higher is better, FPR and error: lower is"
        + " better\n"
        + table;
  }
}
