package org.udge.internal;

/**
 * Guava's checks, restricted to the overloads that every version of Guava has. A direct call of
 * {@code checkArgument(condition, "... %s", number)} compiles to an overload that is missing in
 * Guava 19, the version imposed by deeplearning4j-ui.
 */
public final class Preconditions {

  private Preconditions() {}

  /**
   * Checks an argument.
   *
   * @param condition the condition that must hold
   * @param template the message, with %s for each argument
   * @param arguments the values that replace them
   * @throws IllegalArgumentException if the condition does not hold
   */
  @Contract("false, _, _ -> fail")
  public static void checkArgument(boolean condition, String template, Object... arguments) {
    com.google.common.base.Preconditions.checkArgument(condition, template, arguments);
  }

  /**
   * Checks the state of an object.
   *
   * @param condition the condition that must hold
   * @param template the message, with %s for each argument
   * @param arguments the values that replace them
   * @throws IllegalStateException if the condition does not hold
   */
  @Contract("false, _, _ -> fail")
  public static void checkState(boolean condition, String template, Object... arguments) {
    com.google.common.base.Preconditions.checkState(condition, template, arguments);
  }
}
