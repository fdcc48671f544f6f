package org.udge.evaluation;

import java.util.List;
import java.util.Optional;

/** The evaluators that come with the library. */
public final class Evaluators {

  private Evaluators() {}

  /**
   * Accuracy, negative log-likelihood, Brier score, confusion matrix.
   *
   * @return the evaluator
   */
  public static ClassificationEvaluator classification() {
    return new ClassificationEvaluator(Optional.empty());
  }

  /**
   * Calibration errors and reliability diagrams over 15 and 20 bins.
   *
   * @return the evaluator, to be changed with {@link CalibrationEvaluator#bins(int...)}
   */
  public static CalibrationEvaluator calibration() {
    return new CalibrationEvaluator(List.of(15, 20), Optional.empty());
  }
}
