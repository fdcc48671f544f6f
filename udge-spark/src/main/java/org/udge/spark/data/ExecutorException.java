package org.udge.spark.data;

import com.google.common.base.Throwables;
import java.util.Optional;

/**
 * A process of the cluster could not do its part. The message names it: {@code executor 1 on
 * 10.0.0.7: ...}.
 *
 * <p>Where Spark runs the work, its {@code SparkException} has this one among its causes; {@link
 * #find} looks for it.
 */
public final class ExecutorException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /**
   * Names what went wrong.
   *
   * @param message which executor, and what
   */
  public ExecutorException(String message) {
    super(message);
  }

  /**
   * Names what went wrong, and why.
   *
   * @param message which executor, and what
   * @param cause why
   */
  public ExecutorException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Looks among a failure and its causes.
   *
   * @param failure what Spark threw
   * @return the first that names an executor; empty if none does
   */
  public static Optional<ExecutorException> find(Throwable failure) {
    return Throwables.getCausalChain(failure).stream()
        .filter(ExecutorException.class::isInstance)
        .map(ExecutorException.class::cast)
        .findFirst();
  }
}
