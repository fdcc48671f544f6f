package org.udge.loss;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a term says of one step: its value, the value's gradient with respect to the logits, and any
 * numbers worth watching.
 *
 * <p>Immutable as long as nobody changes the gradient arrays.
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
   * A value without gradient yet.
   *
   * @param value the term's value, unweighted, in nats unless the term says otherwise
   * @return the value
   */
  public static LossValue of(double value) {
    return new LossValue(value, new EnumMap<>(ImageGroup.class), Map.of());
  }

  /**
   * This value with its gradient with respect to a group's logits.
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
   * This value with a number worth watching.
   *
   * @param name in lower case with underscores
   * @param number its value
   * @return a new value
   */
  public LossValue withMetric(String name, double number) {
    Map<String, Double> more = new LinkedHashMap<>(metrics);
    checkArgument(more.put(name, number) == null, "metric '%s' was given twice", name);
    return new LossValue(value, gradients, more);
  }

  /**
   * The term's value, unweighted.
   *
   * @return the value
   */
  public double value() {
    return value;
  }

  /**
   * The gradient with respect to a group's logits.
   *
   * @param group the group
   * @return [N][C], or empty if the value does not depend on that group
   */
  public Optional<double[][]> gradient(ImageGroup group) {
    return Optional.ofNullable(gradients.get(group));
  }

  /**
   * Numbers worth watching.
   *
   * @return names and values, in order
   */
  public Map<String, Double> metrics() {
    return Collections.unmodifiableMap(metrics);
  }
}
