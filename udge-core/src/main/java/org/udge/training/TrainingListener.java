package org.udge.training;

/**
 * Watches training. Called on the training thread; what it throws ends training.
 *
 * <p>Listeners own nothing that the result depends on.
 */
public interface TrainingListener {

  /**
   * Training is about to begin, or to go on.
   *
   * @param session the run
   * @param epochs how many epochs are wanted in all
   * @param stepsPerEpoch steps in each
   */
  default void onStart(TrainingSession session, long epochs, int stepsPerEpoch) {}

  /**
   * A step was done.
   *
   * @param report what it did
   * @param control to ask for an end
   */
  default void onStep(StepReport report, TrainingControl control) {}

  /**
   * An epoch was done.
   *
   * @param session the run, for example to capture its state
   * @param report what the epoch brought
   * @param control to ask for an end
   */
  default void onEpoch(TrainingSession session, EpochReport report, TrainingControl control) {}

  /**
   * Training diverged and was rolled back.
   *
   * @param event what happened and what is changed
   */
  default void onRollBack(DivergenceEvent event) {}

  /**
   * Training ended without an error.
   *
   * @param result what {@link Trainer#fit} will return
   */
  default void onEnd(TrainingResult result) {}
}
