package org.udge.evaluation;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.udge.random.RandomStreams;

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

  /**
   * Intervals of accuracy and expected calibration error.
   *
   * @param bootstrap how to resample
   * @return the evaluator
   */
  public static BootstrapEvaluator intervals(Bootstrap bootstrap) {
    return new BootstrapEvaluator(bootstrap, Optional.empty());
  }

  /**
   * How well scores tell the set under judgement from others; name those with {@link
   * OutOfDistributionEvaluator#against}.
   *
   * @param scores at least one
   * @return the evaluator
   * @throws IllegalArgumentException if there is no score, or two have the same name
   */
  public static OutOfDistributionEvaluator outOfDistribution(OutOfDistributionScore... scores) {
    return new OutOfDistributionEvaluator(List.of(scores), Map.of());
  }

  /**
   * Accuracy against the size of adversarial perturbations.
   *
   * @param attack how to attack
   * @param streams where its random starts come from
   * @return the evaluator for the images as they are and the attack's own epsilon, to be changed
   *     with {@link RobustnessEvaluator#epsilons(double...)}
   * @throws IllegalArgumentException if the attack's epsilon is 0
   */
  public static RobustnessEvaluator robustness(ProjectedGradient attack, RandomStreams streams) {
    return new RobustnessEvaluator(attack, List.of(0.0, attack.epsilon()), streams, 10);
  }
}
