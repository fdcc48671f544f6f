package org.udge.training;

/**
 * Observes training. Called on the training thread; an exception thrown by a listener ends
 * training.
 *
 * <p>The result of training must not depend on the state of listeners.
 */
public interface TrainingListener {

  /**
   * Called when training is about to begin or to resume.
   *
   * @param session the run
   * @param epochs the total number of epochs requested
   * @param stepsPerEpoch the number of steps per epoch
   */
  default void onStart(TrainingSession session, long epochs, int stepsPerEpoch) {}

  /**
   * Called after a step.
   *
   * @param report the report of the step
   * @param control can be used to request an end
   */
  default void onStep(StepReport report, TrainingControl control) {}

  /**
   * Called after an epoch.
   *
   * @param session the run, for example to capture its state
   * @param report the report of the epoch
   * @param control can be used to request an end
   */
  default void onEpoch(TrainingSession session, EpochReport report, TrainingControl control) {}

  /**
   * Called after training diverged and was rolled back.
   *
   * @param event the divergence and the changes applied
   */
  default void onRollBack(DivergenceEvent event) {}

  /**
   * Called when training has ended without an error.
   *
   * @param result the value that {@link Trainer#fit} will return
   */
  default void onEnd(TrainingResult result) {}
}
