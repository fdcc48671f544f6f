package org.udge.training;

/** The reason why training ended. */
public enum StopReason {
  /** All epochs were completed. */
  EPOCHS_DONE,
  /** The limit of steps was reached. */
  STEPS_DONE,
  /** A listener requested it. */
  REQUESTED,
  /**
   * Training diverged and the guard gave up; occurs only in {@link DivergenceException#result()}.
   */
  DIVERGED
}
