package org.udge.evaluation;

import java.util.Map;
import org.udge.data.ImageSource;

/**
 * A method of evaluating a model: the settings of a computation, without its intermediate results.
 * The subpackages contain those that come with the library.
 *
 * <p>Implementations must be immutable and thread-safe, and equal if their settings are: an
 * evaluator is the key of its result in an {@link EvaluationReport}.
 *
 * @param <R> the type of the result
 */
public interface Evaluator<R extends EvaluationResult> {

  /**
   * Returns a short name in lower case with underscores, which is the key of the result in JSON.
   *
   * @return for example {@code classification}
   */
  String name();

  /**
   * Begins an evaluation.
   *
   * @return an accumulator that has not seen any images
   */
  Accumulator<R> begin();

  /**
   * Returns further sets that the evaluator needs, besides the one under evaluation.
   *
   * @return the sets by name; none by default
   */
  default Map<String, ImageSource> outOfDistributionSets() {
    return Map.of();
  }
}
