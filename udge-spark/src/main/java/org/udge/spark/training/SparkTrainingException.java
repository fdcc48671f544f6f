package org.udge.spark.training;

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
}
