package org.udge.training;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.udge.evaluation.Metric;

/**
 * What one epoch brought.
 *
 * @param epoch from 0
 * @param steps steps done since training began
 * @param loss mean weighted loss of the epoch's steps
 * @param values means of the terms' values and metrics over the epoch's steps
 * @param validation how the model did on the validation images, if there are any and it was their
 *     turn
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
    requireNonNull(validation);
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /**
   * How well the model does on images it is not trained on.
   *
   * @param metrics keys begin with {@code validation/}; always with {@code validation/accuracy} and
   *     {@code validation/nll}
   * @param images how many
   */
  public record Validation(List<Metric> metrics, int images) {

    /**
     * Copies the metrics.
     *
     * @param metrics what was found
     * @param images how many
     */
    public Validation {
      metrics = List.copyOf(metrics);
    }

    /**
     * The fraction of images whose most probable class is right.
     *
     * @return in [0, 1]; higher is better
     */
    public double accuracy() {
      return metric("validation/accuracy").value();
    }

    /**
     * The mean -log p(y|x).
     *
     * @return in nats; lower is better
     */
    public double nll() {
      return metric("validation/nll").value();
    }

    /**
     * A metric of one of the evaluators.
     *
     * @param key for example {@code validation/ece15}
     * @return the metric
     * @throws IllegalArgumentException if there is none of that key
     */
    public Metric metric(String key) {
      return metrics.stream()
          .filter(metric -> metric.key().equals(key))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "validation has no metric "
                          + key
                          + ", only "
                          + metrics.stream().map(Metric::key).toList()));
    }
  }

  EpochReport withValidation(Optional<Validation> found) {
    return new EpochReport(epoch, steps, loss, values, found, seconds);
  }

  EpochReport withSeconds(double duration) {
    return new EpochReport(epoch, steps, loss, values, validation, duration);
  }
}
