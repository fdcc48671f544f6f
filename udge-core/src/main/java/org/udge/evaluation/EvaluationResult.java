package org.udge.evaluation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What an {@link Evaluator} found: immutable, typed, printable ({@code toString()} is a table for
 * people) and writable as JSON.
 */
public interface EvaluationResult {

  /**
   * The numbers worth a line of their own.
   *
   * @param split name of the set that was judged, the first part of most keys: {@code test} makes
   *     {@code test/accuracy}
   * @return the metrics, most important first
   */
  List<Metric> metrics(String split);

  /**
   * How many images were judged; where there are several sets, those of the set the model was
   * trained for.
   *
   * @return at least 1
   */
  long images();

  /**
   * Everything found, for programs.
   *
   * @return a new JSON object
   */
  ObjectNode toJson();
}
