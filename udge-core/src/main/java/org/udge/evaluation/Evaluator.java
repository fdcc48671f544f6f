package org.udge.evaluation;

import java.util.Map;
import org.udge.data.ImageSource;

/**
 * One way of judging a model: what to compute, not yet what was seen. The packages below this one
 * hold those that come with the library.
 *
 * <p>Implementations are immutable and thread-safe, and equal if their settings are: an evaluator
 * is the key under which its result is found in an {@link EvaluationReport}.
 *
 * @param <R> what it finds
 */
public interface Evaluator<R extends EvaluationResult> {

  /**
   * Returns a short name in lower case with underscores; heads the result in JSON.
   *
   * @return for example {@code classification}
   */
  String name();

  /**
   * Starts over.
   *
   * @return an accumulator that has seen nothing
   */
  Accumulator<R> begin();

  /**
   * Further sets the evaluator has to see, beside the one under evaluation.
   *
   * @return sets by name; none by default
   */
  default Map<String, ImageSource> outOfDistributionSets() {
    return Map.of();
  }
}
