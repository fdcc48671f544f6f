package org.udge.evaluation.calibration;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.udge.evaluation.ConfidenceInterval;
import org.udge.evaluation.EvaluationResult;
import org.udge.evaluation.Metric;

/**
 * How far accuracy and calibration error might have been others on other images.
 *
 * @param calibrated whether logits were calibrated first
 * @param images how many images were judged
 * @param accuracy share of images classified rightly
 * @param ece15 expected calibration error over 15 bins of equal width. Resampling adds noise to
 *     every bin, which raises this error: small ones may lie below their interval
 */
public record BootstrapResult(
    boolean calibrated, long images, ConfidenceInterval accuracy, ConfidenceInterval ece15)
    implements EvaluationResult {

  /** None: the estimates are metrics of other evaluators. */
  @Override
  public List<Metric> metrics(String split) {
    return List.of();
  }

  @Override
  public Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("calibrated", calibrated);
    details.put("accuracy", accuracy.details());
    details.put("ece15", ece15.details());
    return details;
  }

  /**
   * Returns a line for each interval.
   *
   * @return several lines
   */
  @Override
  public String toString() {
    return (calibrated
            ? "Bootstrap intervals, logits calibrated, over "
            : "Bootstrap intervals over ")
        + images
        + " images\naccuracy  "
        + accuracy
        + "\nECE15     "
        + ece15
        + "\n";
  }
}
