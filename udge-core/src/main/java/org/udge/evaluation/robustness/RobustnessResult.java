package org.udge.evaluation.robustness;

import static org.udge.evaluation.Direction.HIGHER_IS_BETTER;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.udge.evaluation.EvaluationResult;
import org.udge.evaluation.Metric;
import org.udge.internal.Checks;
import org.udge.internal.TextTable;

/**
 * Accuracy as a function of the size of perturbations, and the distances by which images had to be
 * moved. An attack gives upper bounds: a better one may find lower accuracy and shorter distances.
 *
 * @param attack a description of the attack
 * @param norm the norm of perturbations
 * @param curve the accuracy at each size, ascending
 * @param distances for each image the shortest perturbation found that fools the model, in units of
 *     [0, 1] pixels, ascending: 0 for images that are misclassified without perturbation, infinite
 *     for those that withstood the attack
 */
public record RobustnessResult(
    String attack, PerturbationNorm norm, List<RobustnessPoint> curve, List<Double> distances)
    implements EvaluationResult {

  /**
   * Copies the lists.
   *
   * @param attack a description of the attack
   * @param norm the norm of perturbations
   * @param curve the accuracy at each size, ascending
   * @param distances the shortest perturbations, ascending
   */
  public RobustnessResult {
    curve = List.copyOf(curve);
    distances = List.copyOf(distances);
  }

  @Override
  public long images() {
    return distances.size();
  }

  /**
   * Returns a quantile of the distances.
   *
   * @param share the fraction of images whose distance is at most the result, above 0 and below 1;
   *     0.5 for the median
   * @return the distance in units of [0, 1] pixels; empty if too many images withstood the attack
   * @throws IllegalArgumentException if the fraction is out of range
   */
  public OptionalDouble distanceQuantile(double share) {
    Checks.probability("share", share);
    double value = distances.get((int) (share * distances.size()));
    return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  /**
   * Returns the mean distance of the images that were classified correctly and could be perturbed
   * to fool the model.
   *
   * @return in units of [0, 1] pixels; empty if there is no such image
   */
  public OptionalDouble meanDistanceOfFooled() {
    return distances.stream()
        .mapToDouble(d -> d)
        .filter(d -> d > 0 && Double.isFinite(d))
        .average();
  }

  /**
   * Returns the metrics; keys are {@code SPLIT/attack_NORM/accuracy_at_EPSILON}, with all digits of
   * epsilon.
   */
  @Override
  public List<Metric> metrics(String split) {
    String prefix = split + "/attack_" + norm.name().toLowerCase(Locale.ROOT);
    List<Metric> metrics = new ArrayList<>();
    for (RobustnessPoint point : curve) {
      // The shortest exact text, so that no two sizes share a key.
      String size = BigDecimal.valueOf(point.epsilon()).stripTrailingZeros().toPlainString();
      String key = prefix + "/accuracy_at_" + size;
      metrics.add(new Metric(key, point.accuracy(), HIGHER_IS_BETTER));
    }
    double median = distanceQuantile(0.5).orElse(Double.NaN);
    metrics.add(new Metric(prefix + "/median_distance", median, HIGHER_IS_BETTER));
    return metrics;
  }

  @Override
  public Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("attack", attack);
    details.put("norm", norm.name());
    details.put("images", images());
    details.put(
        "curve",
        curve.stream()
            .map(point -> Map.of("epsilon", point.epsilon(), "accuracy", point.accuracy()))
            .toList());
    details.put("median_distance", distanceQuantile(0.5));
    details.put("mean_distance_of_fooled", meanDistanceOfFooled());
    return details;
  }

  /**
   * Returns a table with a row per size.
   *
   * @return several lines
   */
  @Override
  public String toString() {
    TextTable table = new TextTable("epsilon", "epsilon * 255", "accuracy");
    for (RobustnessPoint point : curve) {
      table.row(
          TextTable.number(point.epsilon()),
          String.format(Locale.ROOT, "%.2f", 255 * point.epsilon()),
          TextTable.number(point.accuracy()));
    }
    return "Robustness of "
        + images()
        + " images (an upper bound; higher is better)\n"
        + attack
        + "\n"
        + table
        + "shortest perturbation found: median "
        + TextTable.number(distanceQuantile(0.5))
        + ", mean of fooled "
        + TextTable.number(meanDistanceOfFooled())
        + "\n";
  }
}
