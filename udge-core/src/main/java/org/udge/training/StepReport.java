package org.udge.training;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one training step did.
 *
 * @param step number of the step, from 1
 * @param epoch the epoch it belongs to, from 0
 * @param learningRate of the update, by the trainer's schedule; {@link Optimizer#ofGraph} does not
 *     use it
 * @param loss the weighted sum of the terms' values
 * @param values every term's unweighted value under its name, every metric of a term under {@code
 *     term/metric}
 * @param images how many images went through the network for gradients
 * @serial exclude
 */
public record StepReport(
    long step, long epoch, double learningRate, double loss, Map<String, Double> values, int images)
    implements Serializable {

  /**
   * Copies the values.
   *
   * @param step number of the step, from 1
   * @param epoch the epoch it belongs to, from 0
   * @param learningRate of the update
   * @param loss the weighted sum of the terms' values
   * @param values values and metrics by name
   * @param images how many images went through the network for gradients
   */
  public StepReport {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }
}
