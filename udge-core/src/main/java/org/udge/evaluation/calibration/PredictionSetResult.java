package org.udge.evaluation.calibration;

import static org.udge.evaluation.Direction.HIGHER_IS_BETTER;
import static org.udge.evaluation.Direction.LOWER_IS_BETTER;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.udge.evaluation.EvaluationResult;
import org.udge.evaluation.Metric;

/**
 * The coverage and the size of prediction sets.
 *
 * @param images the number of images evaluated
 * @param target the requested coverage
 * @param coverage the fraction of images whose true class is in the set; higher is better
 * @param worstClassCoverage the least coverage of any class; higher is better
 * @param meanSize the mean number of classes in a set; lower is better
 * @param singletons the fraction of sets that contain one class; higher is better
 */
public record PredictionSetResult(
    long images,
    double target,
    double coverage,
    double worstClassCoverage,
    double meanSize,
    double singletons)
    implements EvaluationResult {

  @Override
  public List<Metric> metrics(String split) {
    return List.of(
        new Metric(split + "/set_coverage", coverage, HIGHER_IS_BETTER),
        new Metric(split + "/set_worst_class_coverage", worstClassCoverage, HIGHER_IS_BETTER),
        new Metric(split + "/set_size", meanSize, LOWER_IS_BETTER),
        new Metric(split + "/set_singletons", singletons, HIGHER_IS_BETTER));
  }

  @Override
  public Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("images", images);
    details.put("target", target);
    details.put("coverage", coverage);
    details.put("worst_class_coverage", worstClassCoverage);
    details.put("mean_size", meanSize);
    details.put("singletons", singletons);
    return details;
  }

  /**
   * Returns a table.
   *
   * @return several lines
   */
  @Override
  public String toString() {
    return "Prediction sets of coverage "
        + target
        + " over "
        + images
        + " images\n"
        + Metric.table(metrics("all"));
  }
}
