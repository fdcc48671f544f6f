package org.udge.training;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.udge.evaluation.Metric;

/**
 * The results of one epoch.
 *
 * @param epoch the epoch, from 0
 * @param steps the number of steps since training began
 * @param loss the mean weighted loss of the epoch's steps
 * @param values the means of the terms' values and metrics over the epoch's steps
 * @param validation the results on the validation images, if there are any and the epoch was
 *     validated
 * @param seconds the duration of the epoch, including validation
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
   * @param epoch the epoch, from 0
   * @param steps the number of steps since training began
   * @param loss the mean weighted loss
   * @param values the means by name
   * @param validation the results on the validation images
   * @param seconds the duration
   */
  public EpochReport {
    requireNonNull(validation);
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /**
   * The performance of the model on images that it is not trained on.
   *
   * @param metrics the metrics, whose keys begin with {@code validation/}; always include {@code
   *     validation/accuracy} and {@code validation/nll}
   * @param images the number of images
   */
  public record Validation(List<Metric> metrics, int images) {

    /**
     * Copies the metrics.
     *
     * @param metrics the metrics
     * @param images the number of images
     */
    public Validation {
      metrics = List.copyOf(metrics);
    }

    /**
     * Returns the fraction of images that are classified correctly.
     *
     * @return in [0, 1]; higher is better
     */
    public double accuracy() {
      return metric("validation/accuracy").value();
    }

    /**
     * Returns the mean -log p(y|x).
     *
     * @return in nats; lower is better
     */
    public double nll() {
      return metric("validation/nll").value();
    }

    /**
     * Returns a metric of one of the evaluators.
     *
     * @param key the key, for example {@code validation/ece15}
     * @return the metric
     * @throws IllegalArgumentException if there is no metric with that key
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
