package org.udge.training;

/** What listeners may ask for. */
@FunctionalInterface
public interface TrainingControl {

  /** Asks training to end after the current step. Its result says {@link StopReason#REQUESTED}. */
  void requestStop();
}
