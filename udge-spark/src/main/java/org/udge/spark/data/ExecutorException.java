package org.udge.spark.data;

import com.google.common.base.Throwables;
import java.util.Optional;

/**
 * A failure in a process of the cluster. The message names the process: {@code executor 1 on
 * 10.0.0.7: ...}.
 *
 * <p>If Spark runs the work, its {@code SparkException} has this exception among its causes; {@link
 * #find} extracts it.
 */
public final class ExecutorException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /**
   * Creates an exception.
   *
   * @param message the executor and the failure
   */
  public ExecutorException(String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message the executor and the failure
   * @param cause the cause
   */
  public ExecutorException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Searches a failure and its causes.
   *
   * @param failure the exception thrown by Spark
   * @return the first that names an executor; empty if none does
   */
  public static Optional<ExecutorException> find(Throwable failure) {
    return Throwables.getCausalChain(failure).stream()
        .filter(ExecutorException.class::isInstance)
        .map(ExecutorException.class::cast)
        .findFirst();
  }
}
