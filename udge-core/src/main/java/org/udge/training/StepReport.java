package org.udge.training;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The results of one training step.
 *
 * @param step the number of the step, from 1
 * @param epoch the epoch it belongs to, from 0
 * @param learningRate the learning rate of the update according to the trainer's schedule; {@link
 *     Optimizer#ofGraph} does not use it
 * @param loss the weighted sum of the terms' values
 * @param values each term's unweighted value by its name, and each metric of a term by {@code
 *     term/metric}
 * @param images the number of images that passed through the network for gradients
 * @serial exclude
 */
public record StepReport(
    long step, long epoch, double learningRate, double loss, Map<String, Double> values, int images)
    implements Serializable {

  /**
   * Copies the values.
   *
   * @param step the number of the step, from 1
   * @param epoch the epoch it belongs to, from 0
   * @param learningRate the learning rate of the update
   * @param loss the weighted sum of the terms' values
   * @param values values and metrics by name
   * @param images the number of images that passed through the network for gradients
   */
  public StepReport {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }
}
