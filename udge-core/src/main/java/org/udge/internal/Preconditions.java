package org.udge.internal;

/**
 * Guava's checks, bound to those of their methods that every version of Guava has. A direct call of
 * {@code checkArgument(condition, "... %s", number)} compiles to an overload that Guava 19, which
 * deeplearning4j-ui forces onto its users, lacks.
 */
public final class Preconditions {

  private Preconditions() {}

  /**
   * Checks an argument.
   *
   * @param condition must hold
   * @param template the message, with %s for each argument
   * @param arguments what stands for them
   * @throws IllegalArgumentException if the condition does not hold
   */
  @Contract("false, _, _ -> fail")
  public static void checkArgument(boolean condition, String template, Object... arguments) {
    com.google.common.base.Preconditions.checkArgument(condition, template, arguments);
  }

  /**
   * Checks the state of an object.
   *
   * @param condition must hold
   * @param template the message, with %s for each argument
   * @param arguments what stands for them
   * @throws IllegalStateException if the condition does not hold
   */
  @Contract("false, _, _ -> fail")
  public static void checkState(boolean condition, String template, Object... arguments) {
    com.google.common.base.Preconditions.checkState(condition, template, arguments);
  }
}
