package org.udge.training;

/** Lets listeners influence training. */
@FunctionalInterface
public interface TrainingControl {

  /**
   * Requests that training end after the current step or, where gradients accumulate, after the
   * step that completes the update. The result then has the reason {@link StopReason#REQUESTED},
   * unless that step was the last one anyway.
   */
  void requestStop();
}
