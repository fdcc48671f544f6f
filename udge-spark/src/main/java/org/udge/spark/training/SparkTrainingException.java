package org.udge.spark.training;

import org.udge.spark.internal.Executor;

/**
 * A worker failed, or a checkpoint could not be written or read. The message names the worker, its
 * executor and host. Checkpoints written before are unaffected.
 */
public final class SparkTrainingException extends RuntimeException {

  private static final long serialVersionUID = 1;

  SparkTrainingException(String message) {
    super(message);
  }

  SparkTrainingException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Returns what a worker throws if the same work may succeed when Spark retries it. */
  static SparkTrainingException of(Place place, Throwable failure) {
    return failure instanceof OutOfMemoryError exhausted
        ? new SparkTrainingException(
            place
                + ": "
                + exhausted.getMessage()
                + ". Raise spark.executor.memoryOverhead (arrays outside the heap) or"
                + " spark.executor.memory, or take smaller batches",
            Executor.notFatal(exhausted))
        : new SparkTrainingException(place + ": " + failure, failure);
  }
}
