package org.udge.state;

/**
 * Something whose behavior depends on what happened to it before, and that can be put back.
 *
 * <p>Contract: after {@code s = a.captureState()}, any use of {@code a}, and {@code
 * a.restoreState(s)}, the object behaves bit for bit as it did right after the capture. The same
 * holds for another object {@code b} built with the same settings. A state shares no memory with
 * the object it came from, and may be restored any number of times.
 */
public interface Stateful {

  /**
   * Copies everything that later behavior depends on.
   *
   * @return a detached state
   */
  State captureState();

  /**
   * Puts this object back into a captured state.
   *
   * @param state what {@link #captureState()} returned, here or in another process
   * @throws IllegalArgumentException if the state was taken from an object with other settings; the
   *     message names the entry that does not fit
   */
  void restoreState(State state);
}
