package org.udge.evaluation.calibration;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.udge.evaluation.ConfidenceInterval;
import org.udge.evaluation.EvaluationResult;
import org.udge.evaluation.Metric;
import org.udge.internal.Json;

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
  public ObjectNode toJson() {
    ObjectNode node = Json.object();
    node.put("calibrated", calibrated);
    node.set("accuracy", accuracy.toJson());
    node.set("ece15", ece15.toJson());
    return node;
  }

  /**
   * A line for each interval.
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
