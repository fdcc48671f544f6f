package org.udge.evaluation;

import java.util.List;
import java.util.Map;
import org.udge.internal.Json;

/**
 * The result of an {@link Evaluator}: immutable, typed, printable ({@code toString()} is a
 * human-readable table) and convertible to JSON.
 */
public interface EvaluationResult {

  /**
   * Returns the main metrics.
   *
   * @param split the name of the set evaluated, the first part of most keys: {@code test} yields
   *     {@code test/accuracy}
   * @return the metrics, most important first
   */
  List<Metric> metrics(String split);

  /**
   * Returns the number of images evaluated; if there are several sets, that of the in-distribution
   * set.
   *
   * @return the number of images, at least 1
   */
  long images();

  /**
   * Returns the complete result in machine-readable form.
   *
   * @return strings, numbers, booleans, and lists and maps of these, by name; a number that is
   *     undefined for these images is NaN or an empty {@code OptionalDouble}
   */
  Map<String, Object> details();

  /**
   * Returns {@link #details()} as JSON.
   *
   * @return a JSON object; numbers that are not finite become null
   */
  default String toJson() {
    return Json.text(details());
  }
}
