package org.udge.evaluation;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Mean and spread of one metric over several models: seeds, settings.
 *
 * @param count how many values
 * @param mean their mean
 * @param deviation sample standard deviation (divided by count - 1); NaN for a single value
 * @param minimum the least
 * @param maximum the greatest
 */
public record Summary(int count, double mean, double deviation, double minimum, double maximum) {

  /**
   * Summarizes values.
   *
   * @param values one for each model
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
   * @param reports metrics of each model by key, for example {@link EvaluationReport#values()}
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
   * Mean and deviation, for example {@code 0.9512 +- 0.0031 (n = 5)}.
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
