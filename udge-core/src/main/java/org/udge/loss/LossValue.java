package org.udge.loss;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The result of a term for one step: its value, the gradient with respect to the logits, and any
 * metrics to report.
 *
 * <p>Immutable as long as the gradient arrays are not modified.
 */
public final class LossValue {

  private final double value;
  private final Map<ImageGroup, double[][]> gradients;
  private final Map<String, Double> metrics;

  private LossValue(
      double value, Map<ImageGroup, double[][]> gradients, Map<String, Double> metrics) {
    this.value = value;
    this.gradients = gradients;
    this.metrics = metrics;
  }

  /**
   * Returns a value without a gradient.
   *
   * @param value the term's value, unweighted, in nats unless the term specifies another unit
   * @return the value
   */
  public static LossValue of(double value) {
    return new LossValue(value, new EnumMap<>(ImageGroup.class), Map.of());
  }

  /**
   * Returns a copy of this value with its gradient with respect to a group's logits.
   *
   * @param group the group
   * @param gradient [N][C]; kept, not copied
   * @return a new value
   */
  public LossValue withGradient(ImageGroup group, double[][] gradient) {
    checkArgument(!gradients.containsKey(group), "the gradient of %s was given twice", group);
    Map<ImageGroup, double[][]> more = new EnumMap<>(ImageGroup.class);
    more.putAll(gradients);
    more.put(group, gradient);
    return new LossValue(value, more, metrics);
  }

  /**
   * Returns a copy of this value with a metric to report.
   *
   * @param name the name, in lower case with underscores
   * @param number its value
   * @return a new value
   */
  public LossValue withMetric(String name, double number) {
    Map<String, Double> more = new LinkedHashMap<>(metrics);
    checkArgument(more.put(name, number) == null, "metric '%s' was given twice", name);
    return new LossValue(value, gradients, more);
  }

  /**
   * Returns the term's value, unweighted.
   *
   * @return the value
   */
  public double value() {
    return value;
  }

  /**
   * Returns the gradient with respect to a group's logits.
   *
   * @param group the group
   * @return [N][C], or empty if the value does not depend on that group
   */
  public Optional<double[][]> gradient(ImageGroup group) {
    return Optional.ofNullable(gradients.get(group));
  }

  /**
   * Returns the metrics to report.
   *
   * @return names and values, in order
   */
  public Map<String, Double> metrics() {
    return Collections.unmodifiableMap(metrics);
  }
}
