package org.udge.evaluation;

import static org.udge.evaluation.Direction.HIGHER_IS_BETTER;
import static org.udge.evaluation.Direction.LOWER_IS_BETTER;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.udge.internal.Json;
import org.udge.internal.TextTable;

/**
 * How well a model tells classes apart.
 *
 * @param images how many images were judged
 * @param calibrated whether logits were calibrated first
 * @param accuracy share of images whose most probable class is right; of equal logits the first
 *     counts; higher is better
 * @param top5Accuracy share of images whose true class is among the five most probable, 1 if there
 *     are no more than five; of equal logits the predicted class comes first, then those of higher
 *     index; higher is better
 * @param nll mean of -log p(y|x) in nats; lower is better
 * @param brier mean of sum_c (p(c|x) - [c = y])^2, 0 to 2 (Brier 1950); lower is better
 * @param confusion images by true and predicted class, with precision and recall of each
 */
public record ClassificationResult(
    long images,
    boolean calibrated,
    double accuracy,
    double top5Accuracy,
    double nll,
    double brier,
    ConfusionMatrix confusion)
    implements EvaluationResult {

  @Override
  public List<Metric> metrics(String split) {
    String prefix = calibrated ? split + "/calibrated_" : split + "/";
    return List.of(
        new Metric(prefix + "accuracy", accuracy, HIGHER_IS_BETTER),
        new Metric(prefix + "top5_accuracy", top5Accuracy, HIGHER_IS_BETTER),
        new Metric(prefix + "nll", nll, LOWER_IS_BETTER),
        new Metric(prefix + "brier", brier, LOWER_IS_BETTER));
  }

  @Override
  public ObjectNode toJson() {
    ObjectNode node = Json.object();
    node.put("images", images);
    node.put("calibrated", calibrated);
    node.put("accuracy", accuracy);
    node.put("top5_accuracy", top5Accuracy);
    node.put("nll", nll);
    node.put("brier", brier);
    ArrayNode rows = node.putArray("confusion");
    ArrayNode classes = node.putArray("classes");
    for (int label = 0; label < confusion.classNames().size(); label++) {
      rows.add(Json.numbers(confusion.counts()[label]));
      ObjectNode one = classes.addObject();
      one.put("name", confusion.classNames().get(label));
      one.put("images", confusion.images(label));
      Json.number(one, "precision", confusion.precision(label));
      Json.number(one, "recall", confusion.recall(label));
    }
    return node;
  }

  /**
   * Two tables: the metrics, and precision and recall of each class.
   *
   * @return several lines
   */
  @Override
  public String toString() {
    TextTable classes = new TextTable("class", "images", "precision", "recall");
    for (int label = 0; label < confusion.classNames().size(); label++) {
      classes.row(
          confusion.classNames().get(label),
          Long.toString(confusion.images(label)),
          TextTable.number(confusion.precision(label)),
          TextTable.number(confusion.recall(label)));
    }
    return "Classification of "
        + images
        + " images\n"
        + Metric.table(metrics("all"))
        + "\n"
        + classes;
  }
}
