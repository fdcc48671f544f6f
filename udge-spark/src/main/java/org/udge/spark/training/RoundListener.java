package org.udge.spark.training;

import org.udge.training.DivergenceEvent;
import org.udge.training.EpochReport;
import org.udge.training.TrainingControl;

/**
 * Watches training on Spark. Called on the driver, on the thread that trains; what it throws ends
 * training.
 */
public interface RoundListener {

  /**
   * A round was done.
   *
   * @param report what it brought
   * @param control to ask for an end after this round
   */
  default void onRound(RoundReport report, TrainingControl control) {}

  /**
   * An epoch was done. The driver's model holds the common parameters.
   *
   * @param report what it brought; its steps are those of each worker
   * @param control to ask for an end after this round
   */
  default void onEpoch(EpochReport report, TrainingControl control) {}

  /**
   * A worker diverged, and all were rolled back.
   *
   * @param worker which, from 0
   * @param event what happened and what is changed
   */
  default void onRollBack(int worker, DivergenceEvent event) {}

  /**
   * Training ended without an error.
   *
   * @param result what {@link SparkTraining#fit} will return
   */
  default void onEnd(SparkTrainingResult result) {}
}
