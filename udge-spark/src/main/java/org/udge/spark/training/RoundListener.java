package org.udge.spark.training;

import org.udge.training.DivergenceEvent;
import org.udge.training.EpochReport;
import org.udge.training.TrainingControl;

/**
 * Observes training on Spark. Called on the driver, on the training thread; an exception ends
 * training.
 */
public interface RoundListener {

  /**
   * Called after a round.
   *
   * @param report the report of the round
   * @param control can end training after this round
   */
  default void onRound(RoundReport report, TrainingControl control) {}

  /**
   * Called after an epoch. The driver's model holds the common parameters.
   *
   * @param report the report of the epoch; its steps are those of each worker
   * @param control can end training after this round
   */
  default void onEpoch(EpochReport report, TrainingControl control) {}

  /**
   * Called when a worker diverged and all workers were rolled back.
   *
   * @param worker the worker, from 0
   * @param event the cause and the remedy
   */
  default void onRollBack(int worker, DivergenceEvent event) {}

  /**
   * Called when training ended without an error.
   *
   * @param result the value that {@link SparkTraining#fit} will return
   */
  default void onEnd(SparkTrainingResult result) {}
}
