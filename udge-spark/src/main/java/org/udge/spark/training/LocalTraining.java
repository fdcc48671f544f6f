package org.udge.spark.training;

import java.io.Serializable;
import org.udge.EnergyModel;
import org.udge.training.Trainer;

/**
 * How each worker trains between two exchanges of parameters: objective, optimizer, learning rate,
 * and whatever else a {@link Trainer} can be told.
 *
 * <pre>{@code
 * LocalTraining local =
 *     worker ->
 *         Trainer.builder(
 *                 worker,
 *                 Objective.of(CrossEntropy.ofDefaults())
 *                     .plus(ConditionalContrastive.ofDefaults()))
 *             .optimizer(Optimizer.sgd().withMomentum(0.9))
 *             .learningRate(LearningRate.constant(0.05));
 * }</pre>
 *
 * <p>A recipe, not the settings themselves: it is sent to the executors by Java serialization and
 * called there, so that a lambda may capture only what is serializable, numbers and texts for
 * example. It must say the same wherever it is called. Seed, epochs and limits of steps are those
 * of {@link SparkTraining}, whatever the recipe says of them. Validation and guard are the
 * driver's: a recipe that sets one of them is refused in the first round.
 */
@FunctionalInterface
public interface LocalTraining extends Serializable {

  /**
   * Settings for a worker's model.
   *
   * @param model the worker's own
   * @return new settings
   */
  Trainer.Builder settings(EnergyModel model);
}
