package org.udge.evaluation.calibration;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.udge.evaluation.ConfidenceInterval;
import org.udge.evaluation.EvaluationResult;
import org.udge.evaluation.Metric;

/**
 * The uncertainty of accuracy and calibration error due to the choice of images.
 *
 * @param calibrated whether logits were calibrated first
 * @param images the number of images evaluated
 * @param accuracy the fraction of images classified correctly
 * @param ece15 the expected calibration error over 15 bins of equal width. Resampling adds noise to
 *     every bin, which increases this error: small errors may lie below their interval
 */
public record BootstrapResult(
    boolean calibrated, long images, ConfidenceInterval accuracy, ConfidenceInterval ece15)
    implements EvaluationResult {

  /** Returns no metrics: the estimates are metrics of other evaluators. */
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
   * Returns one line per interval.
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
