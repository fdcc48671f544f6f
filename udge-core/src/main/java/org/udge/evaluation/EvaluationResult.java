package org.udge.evaluation;

import java.util.List;
import java.util.Map;
import org.udge.internal.Json;

/**
 * What an {@link Evaluator} found: immutable, typed, printable ({@code toString()} is a table for
 * people) and writable as JSON.
 */
public interface EvaluationResult {

  /**
   * Returns the numbers worth a line of their own.
   *
   * @param split name of the set that was judged, the first part of most keys: {@code test} makes
   *     {@code test/accuracy}
   * @return the metrics, most important first
   */
  List<Metric> metrics(String split);

  /**
   * Returns the number of images were judged; where there are several sets, those of the set the
   * model was trained for.
   *
   * @return at least 1
   */
  long images();

  /**
   * Everything found, for programs.
   *
   * @return texts, numbers, truth values, and lists and maps of these, by name; a number that is
   *     not defined for these images is NaN or an empty {@code OptionalDouble}
   */
  Map<String, Object> details();

  /**
   * {@link #details()} as JSON.
   *
   * @return an object in JSON; what is not a finite number is null
   */
  default String toJson() {
    return Json.text(details());
  }
}
