package org.udge.spark.training;

import java.io.Serializable;
import org.udge.EnergyModel;
import org.udge.training.Trainer;

/**
 * Defines how each worker trains between two exchanges of parameters: objective, optimizer,
 * learning rate, and any other setting of a {@link Trainer}.
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
 * <p>This is a recipe, not the settings themselves: it is sent to the executors by Java
 * serialization and called there, so a lambda may capture only serializable values, such as numbers
 * and strings. It must return the same settings wherever it is called. Seed, epochs and step limits
 * are those of {@link SparkTraining}, regardless of the recipe. Validation and guard belong to the
 * driver: a recipe that sets one of them is refused in the first round.
 */
@FunctionalInterface
public interface LocalTraining extends Serializable {

  /**
   * Creates settings for a worker's model.
   *
   * @param model the worker's own model
   * @return new settings
   */
  Trainer.Builder settings(EnergyModel model);
}
