package org.udge.spark.evaluation;

import java.io.Serializable;
import org.udge.evaluation.EvaluationResult;
import org.udge.evaluation.Evaluator;

/**
 * Makes equal evaluators in every process of a cluster. Sent to the executors by Java
 * serialization, so that lambdas may capture what is serializable only; sets that an evaluator
 * needs beside the one under judgment are opened where it is made.
 *
 * @param <R> what the evaluator finds
 */
@FunctionalInterface
public interface EvaluatorFactory<R extends EvaluationResult> extends Serializable {

  /**
   * Makes an evaluator.
   *
   * @return of the same settings wherever it is made; its accumulators have {@code captureState}
   *     and {@code restoreState}
   */
  Evaluator<R> create();
}
