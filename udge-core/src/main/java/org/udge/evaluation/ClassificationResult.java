package org.udge.evaluation;

import static org.udge.evaluation.Direction.HIGHER_IS_BETTER;
import static org.udge.evaluation.Direction.LOWER_IS_BETTER;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.udge.internal.TextTable;

/**
 * The accuracy of a model's classification.
 *
 * @param images the number of images evaluated
 * @param calibrated whether logits were calibrated first
 * @param accuracy the fraction of images whose most probable class is correct; of equal logits the
 *     first counts; higher is better
 * @param top5Accuracy the fraction of images whose true class is among the five most probable, 1 if
 *     there are no more than five classes; of equal logits the predicted class comes first, then
 *     those of higher index; higher is better
 * @param nll the mean of -log p(y|x) in nats; lower is better
 * @param brier the mean of sum_c (p(c|x) - [c = y])^2, 0 to 2 (Brier 1950); lower is better
 * @param confusion the images by true and predicted class, with precision and recall of each
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
  public Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("images", images);
    details.put("calibrated", calibrated);
    details.put("accuracy", accuracy);
    details.put("top5_accuracy", top5Accuracy);
    details.put("nll", nll);
    details.put("brier", brier);
    details.put(
        "confusion",
        Arrays.stream(confusion.counts()).map(row -> Arrays.stream(row).boxed().toList()).toList());
    details.put(
        "classes",
        IntStream.range(0, confusion.classNames().size()).mapToObj(this::ofClass).toList());
    return details;
  }

  private Map<String, Object> ofClass(int label) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("name", confusion.classNames().get(label));
    details.put("images", confusion.images(label));
    details.put("precision", confusion.precision(label));
    details.put("recall", confusion.recall(label));
    return details;
  }

  /**
   * Returns two tables: the metrics, and precision and recall of each class.
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
