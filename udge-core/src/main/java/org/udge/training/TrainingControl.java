package org.udge.training;

/** What listeners may ask for. */
@FunctionalInterface
public interface TrainingControl {

  /**
   * Asks training to end after the current step, or where gradients accumulate, after the step that
   * completes the update. Its result says {@link StopReason#REQUESTED}, unless that step was the
   * last one anyway.
   */
  void requestStop();
}
