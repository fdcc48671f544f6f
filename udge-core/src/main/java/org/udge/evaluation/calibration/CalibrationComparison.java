package org.udge.evaluation.calibration;

import static org.udge.evaluation.Direction.HIGHER_IS_BETTER;

import java.util.List;
import org.udge.Calibration;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.ClassificationResult;
import org.udge.evaluation.LabeledLogits;
import org.udge.evaluation.Metric;
import org.udge.internal.TextTable;

/**
 * The results on a set before and after calibration.
 *
 * @param classificationBefore the classification by uncalibrated logits
 * @param calibrationBefore the calibration of uncalibrated logits
 * @param classificationAfter the classification by calibrated logits
 * @param calibrationAfter the calibration of calibrated logits
 */
public record CalibrationComparison(
    ClassificationResult classificationBefore,
    CalibrationResult calibrationBefore,
    ClassificationResult classificationAfter,
    CalibrationResult calibrationAfter) {

  /**
   * Evaluates a set with and without a calibration.
   *
   * @param calibration a calibration fitted on other images
   * @param set logits and labels, for example of the test split
   * @return both results
   * @throws IllegalArgumentException if the calibration is for another number of classes
   */
  public static CalibrationComparison of(Calibration calibration, LabeledLogits set) {
    return new CalibrationComparison(
        set.evaluate(ClassificationEvaluator.ofDefaults()),
        set.evaluate(CalibrationEvaluator.ofDefaults()),
        set.evaluate(ClassificationEvaluator.ofDefaults().withCalibration(calibration)),
        set.evaluate(CalibrationEvaluator.ofDefaults().withCalibration(calibration)));
  }

  /**
   * Returns a table with a row per metric and columns before and after.
   *
   * @return several lines
   */
  @Override
  public String toString() {
    TextTable table = new TextTable("metric", "before", "after", "");
    rows(table, classificationBefore.metrics("set"), classificationAfter.metrics("set"));
    rows(table, calibrationBefore.metrics("set"), calibrationAfter.metrics("set"));
    return "Calibration over " + classificationBefore.images() + " images\n" + table;
  }

  private static void rows(TextTable table, List<Metric> before, List<Metric> after) {
    for (int i = 0; i < before.size(); i++) {
      Metric metric = before.get(i);
      table.row(
          metric.key().substring("set/".length()),
          TextTable.number(metric.value()),
          TextTable.number(after.get(i).value()),
          metric.direction() == HIGHER_IS_BETTER ? "higher is better" : "lower is better");
    }
  }
}
