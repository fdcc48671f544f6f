package org.udge.training;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What one epoch brought.
 *
 * @param epoch from 0
 * @param steps steps done since training began
 * @param loss mean weighted loss of the epoch's steps
 * @param values means of the terms' values and metrics over the epoch's steps
 * @param validation accuracy and negative log-likelihood on the validation images, if there are any
 * @param seconds duration of the epoch, validation included
 */
public record EpochReport(
    long epoch,
    long steps,
    double loss,
    Map<String, Double> values,
    Optional<Validation> validation,
    double seconds) {

  /**
   * Copies the values.
   *
   * @param epoch from 0
   * @param steps steps done since training began
   * @param loss mean weighted loss
   * @param values means by name
   * @param validation on the validation images
   * @param seconds duration
   */
  public EpochReport {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /**
   * How well the model does on images it is not trained on.
   *
   * @param accuracy fraction of images whose most probable class is right, in [0, 1]; higher is
   *     better
   * @param nll mean -log p(y|x) in nats; lower is better
   * @param images how many
   */
  public record Validation(double accuracy, double nll, int images) {}
}
