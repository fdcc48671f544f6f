package org.udge.state;

/**
 * An object whose behavior depends on its history, and that can be restored to an earlier state.
 *
 * <p>Contract: after {@code s = a.captureState()}, any use of {@code a}, and {@code
 * a.restoreState(s)}, the object behaves bit for bit as it did right after the capture. The same
 * holds for another object {@code b} built with the same settings. A state shares no mutable memory
 * with the object it came from, and may be restored any number of times.
 */
public interface Stateful {

  /**
   * Captures everything that later behavior depends on.
   *
   * @return a detached state
   */
  State captureState();

  /**
   * Restores a captured state.
   *
   * @param state a state returned by {@link #captureState()}, in this or another process
   * @throws IllegalArgumentException if the state was captured from an object with other settings;
   *     the message names the entry that does not match
   */
  void restoreState(State state);
}
