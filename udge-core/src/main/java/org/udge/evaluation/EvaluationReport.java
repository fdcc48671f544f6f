package org.udge.evaluation;

import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.udge.internal.Json;

/**
 * All results of an {@link Evaluation}.
 *
 * <p>Immutable and thread-safe.
 */
public final class EvaluationReport {

  private final String source;
  private final String split;
  private final Map<Evaluator<?>, EvaluationResult> results;

  EvaluationReport(String source, String split, Map<Evaluator<?>, EvaluationResult> results) {
    this.source = source;
    this.split = split;
    this.results = results;
    Map<String, Double> unused = values();
  }

  /**
   * Returns a report of results that were merged outside an {@link Evaluation}.
   *
   * @param source the name of the set evaluated
   * @param split the name of the set in keys
   * @param merged the merged accumulators by evaluator, in order
   * @return the report
   * @throws IllegalStateException if an accumulator has seen nothing
   */
  public static EvaluationReport of(
      String source, String split, Map<Evaluator<?>, Accumulator<?>> merged) {
    Map<Evaluator<?>, EvaluationResult> results = new LinkedHashMap<>();
    merged.forEach((evaluator, accumulator) -> results.put(evaluator, accumulator.compute()));
    return new EvaluationReport(source, split, results);
  }

  /**
   * Returns the name of the set evaluated.
   *
   * @return the source's name
   */
  public String source() {
    return source;
  }

  /**
   * Returns the result of an evaluator.
   *
   * @param evaluator an evaluator of the evaluation, or an equal one
   * @param <R> the type of the result
   * @return the result
   * @throws IllegalArgumentException if it was not part of the evaluation
   */
  @SuppressWarnings("unchecked") // The map is filled by Evaluation, with the R of each evaluator.
  public <R extends EvaluationResult> R get(Evaluator<R> evaluator) {
    EvaluationResult result = results.get(evaluator);
    checkArgument(
        result != null,
        "no result of '%s' with these settings, there are results of %s",
        evaluator.name(),
        results.keySet().stream().map(e -> e.name()).toList());
    return (R) result;
  }

  /**
   * Returns the main metrics of all evaluators.
   *
   * @return metrics with full keys such as {@code test/accuracy}
   */
  public List<Metric> metrics() {
    return results.values().stream().flatMap(r -> r.metrics(split).stream()).toList();
  }

  /**
   * Returns the metrics by key.
   *
   * @return values in the order of {@link #metrics()}
   */
  public Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    for (Metric metric : metrics()) {
      checkState(
          values.put(metric.key(), metric.value()) == null,
          "two evaluators report a metric '%s'",
          metric.key());
    }
    return Collections.unmodifiableMap(values);
  }

  /**
   * Returns the complete report in machine-readable form.
   *
   * @return source, split, metrics by key, and under {@code results} the {@linkplain
   *     EvaluationResult#details() details} by name of the evaluator
   */
  public Map<String, Object> details() {
    Map<String, Object> found = new LinkedHashMap<>();
    results.forEach((evaluator, result) -> found.put(evaluator.name(), result.details()));
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("source", source);
    details.put("split", split);
    details.put("metrics", values());
    details.put("results", found);
    return details;
  }

  /**
   * Returns the complete report as JSON: {@code {"source", "split", "metrics": {key: number},
   * "results": {evaluator: {...}}}}. Numbers that are not finite become null.
   *
   * @return a JSON object
   */
  public String toJson() {
    return Json.text(details());
  }

  /**
   * Returns the tables of the results, one after the other.
   *
   * @return several lines
   */
  @Override
  public String toString() {
    return results.values().stream()
        .map(EvaluationResult::toString)
        .collect(Collectors.joining("\n", source + "\n\n", ""));
  }
}
