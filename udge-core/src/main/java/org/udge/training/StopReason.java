package org.udge.training;

/** Why training ended. */
public enum StopReason {
  /** All epochs were done. */
  EPOCHS_DONE,
  /** The limit of steps was reached. */
  STEPS_DONE,
  /** A listener asked for it. */
  REQUESTED,
  /** Training diverged and the guard gave up: only in {@link DivergenceException#result()}. */
  DIVERGED
}
