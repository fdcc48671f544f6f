package org.udge.spark.evaluation;

import java.io.Serializable;
import org.udge.evaluation.EvaluationResult;
import org.udge.evaluation.Evaluator;

/**
 * Creates equal evaluators in every process of a cluster. It is sent to the executors by Java
 * serialization, so lambdas may capture only serializable values; sets that an evaluator needs in
 * addition to the set under evaluation are opened where it is created.
 *
 * @param <R> the evaluator's result
 */
@FunctionalInterface
public interface EvaluatorFactory<R extends EvaluationResult> extends Serializable {

  /**
   * Creates an evaluator.
   *
   * @return an evaluator with the same settings in every process, whose accumulators support {@code
   *     captureState} and {@code restoreState}
   */
  Evaluator<R> create();
}
