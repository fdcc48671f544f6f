package org.udge.evaluation;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The mean and spread of a metric over several models that differ in seeds or settings.
 *
 * @param count the number of values
 * @param mean the mean
 * @param deviation the sample standard deviation (with divisor count - 1); NaN for a single value
 * @param minimum the least value
 * @param maximum the greatest value
 */
public record Summary(int count, double mean, double deviation, double minimum, double maximum) {

  /**
   * Summarizes values.
   *
   * @param values one value per model
   * @return the summary
   * @throws IllegalArgumentException if there is none, or one is not finite
   */
  public static Summary of(double... values) {
    checkArgument(values.length > 0, "there must be at least one value");
    checkArgument(
        Arrays.stream(values).allMatch(Double::isFinite),
        "values must be finite, were %s",
        Arrays.toString(values));
    double mean = Arrays.stream(values).average().orElseThrow();
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    double deviation = values.length == 1 ? Double.NaN : Math.sqrt(squares / (values.length - 1));
    return new Summary(
        values.length,
        mean,
        deviation,
        Arrays.stream(values).min().orElseThrow(),
        Arrays.stream(values).max().orElseThrow());
  }

  /**
   * Summarizes every metric of several reports.
   *
   * @param reports the metrics of each model by key, for example {@link EvaluationReport#values()}
   * @return a summary by key, in the order of the first report
   * @throws IllegalArgumentException if there is no report, or reports have different keys
   */
  public static Map<String, Summary> of(List<Map<String, Double>> reports) {
    checkArgument(!reports.isEmpty(), "there must be at least one report");
    for (Map<String, Double> report : reports) {
      checkArgument(
          report.keySet().equals(reports.get(0).keySet()),
          "reports must have the same metrics: %s and %s",
          reports.get(0).keySet(),
          report.keySet());
    }
    Map<String, Summary> summaries = new LinkedHashMap<>();
    for (String key : reports.get(0).keySet()) {
      summaries.put(key, of(reports.stream().mapToDouble(report -> report.get(key)).toArray()));
    }
    return summaries;
  }

  /**
   * Returns the mean and standard deviation, for example {@code 0.9512 +- 0.0031 (n = 5)}.
   *
   * @return one line
   */
  @Override
  public String toString() {
    return count == 1
        ? String.format(Locale.ROOT, "%.4f (n = 1)", mean)
        : String.format(Locale.ROOT, "%.4f +- %.4f (n = %d)", mean, deviation, count);
  }
}
