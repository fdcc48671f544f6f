package org.udge.evaluation.calibration;

import static org.udge.evaluation.Direction.LOWER_IS_BETTER;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.udge.evaluation.EvaluationResult;
import org.udge.evaluation.Metric;
import org.udge.internal.TextTable;

/**
 * The calibration of a model: the agreement of its confidence, max_y p(y|x), with its accuracy.
 *
 * @param images the number of images evaluated
 * @param calibrated whether logits were calibrated first
 * @param errors the errors for each requested number of bins, in order
 * @param diagrams the reliability diagram for each requested number of bins
 */
public record CalibrationResult(
    long images,
    boolean calibrated,
    List<CalibrationErrors> errors,
    List<ReliabilityDiagram> diagrams)
    implements EvaluationResult {

  /**
   * Copies the lists.
   *
   * @param images the number of images evaluated
   * @param calibrated whether logits were calibrated first
   * @param errors the errors for each requested number of bins, in order
   * @param diagrams the reliability diagram for each requested number of bins
   */
  public CalibrationResult {
    errors = List.copyOf(errors);
    diagrams = List.copyOf(diagrams);
  }

  /**
   * Returns the errors for a number of bins.
   *
   * @param bins one of the evaluator's numbers of bins
   * @return the errors
   * @throws IllegalArgumentException if it is another number
   */
  public CalibrationErrors errors(int bins) {
    return errors.get(indexOf(bins));
  }

  /**
   * Returns the reliability diagram for a number of bins.
   *
   * @param bins one of the evaluator's numbers of bins
   * @return the diagram
   * @throws IllegalArgumentException if it is another number
   */
  public ReliabilityDiagram diagram(int bins) {
    return diagrams.get(indexOf(bins));
  }

  /**
   * Returns the expected calibration error for a number of bins; lower is better.
   *
   * @param bins one of the evaluator's numbers of bins
   * @return the error
   * @throws IllegalArgumentException if it is another number
   */
  public double ece(int bins) {
    return errors(bins).expected();
  }

  private int indexOf(int bins) {
    List<Integer> known = errors.stream().map(CalibrationErrors::bins).toList();
    checkArgument(
        known.contains(bins), "no errors for %s bins, there are those for %s", bins, known);
    return known.indexOf(bins);
  }

  @Override
  public List<Metric> metrics(String split) {
    List<Metric> metrics = new ArrayList<>();
    String prefix = calibrated ? split + "/calibrated_" : split + "/";
    for (CalibrationErrors e : errors) {
      add(metrics, prefix + "ece" + e.bins(), e.expected());
      add(metrics, prefix + "adaptive_ece" + e.bins(), e.adaptive());
      add(metrics, prefix + "classwise_ece" + e.bins(), e.classwise());
      add(metrics, prefix + "mce" + e.bins(), e.maximum());
      add(metrics, prefix + "rmsce" + e.bins(), e.rootMeanSquare());
      add(metrics, prefix + "debiased_ece" + e.bins(), e.debiased());
      add(metrics, prefix + "perfect_ece" + e.bins(), e.perfect());
    }
    return metrics;
  }

  private static void add(List<Metric> metrics, String key, double value) {
    metrics.add(new Metric(key, value, LOWER_IS_BETTER));
  }

  @Override
  public Map<String, Object> details() {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("images", images);
    details.put("calibrated", calibrated);
    for (int i = 0; i < errors.size(); i++) {
      CalibrationErrors e = errors.get(i);
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("ece", e.expected());
      one.put("adaptive_ece", e.adaptive());
      one.put("classwise_ece", e.classwise());
      one.put("mce", e.maximum());
      one.put("rmsce", e.rootMeanSquare());
      one.put("debiased_ece", e.debiased());
      one.put("perfect_ece", e.perfect());
      one.put(
          "reliability", diagrams.get(i).bins().stream().map(CalibrationResult::details).toList());
      details.put("bins" + e.bins(), one);
    }
    return details;
  }

  private static Map<String, Object> details(ReliabilityBin bin) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("lower", bin.lower());
    details.put("upper", bin.upper());
    details.put("count", bin.count());
    details.put("confidence", bin.confidence());
    details.put("accuracy", bin.accuracy());
    details.put("gap", bin.gap());
    return details;
  }

  /**
   * Returns a table of the errors.
   *
   * @return several lines
   */
  @Override
  public String toString() {
    TextTable table =
        new TextTable(
            "bins",
            "ECE",
            "debiased ECE",
            "if calibrated",
            "adaptive ECE",
            "classwise ECE",
            "MCE",
            "RMS error");
    for (CalibrationErrors e : errors) {
      table.row(
          Integer.toString(e.bins()),
          TextTable.number(e.expected()),
          TextTable.number(e.debiased()),
          TextTable.number(e.perfect()),
          TextTable.number(e.adaptive()),
          TextTable.number(e.classwise()),
          TextTable.number(e.maximum()),
          TextTable.number(e.rootMeanSquare()));
    }
    return (calibrated ? "Calibration, logits calibrated, over " : "Calibration over ")
        + images
        + " images (lower is better)\n"
        + table;
  }
}
