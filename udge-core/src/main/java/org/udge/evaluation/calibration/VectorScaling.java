package org.udge.evaluation.calibration;

import java.util.Arrays;
import org.apache.commons.math3.analysis.MultivariateFunction;
import org.apache.commons.math3.analysis.MultivariateVectorFunction;
import org.apache.commons.math3.optim.ConvergenceChecker;
import org.apache.commons.math3.optim.InitialGuess;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.PointValuePair;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.nonlinear.scalar.ObjectiveFunction;
import org.apache.commons.math3.optim.nonlinear.scalar.ObjectiveFunctionGradient;
import org.apache.commons.math3.optim.nonlinear.scalar.gradient.NonLinearConjugateGradientOptimizer;
import org.apache.commons.math3.optim.nonlinear.scalar.gradient.NonLinearConjugateGradientOptimizer.Formula;
import org.udge.Calibration;
import org.udge.engine.Logits;
import org.udge.evaluation.LabeledLogits;

/**
 * A scale and a bias per class that minimize the negative log-likelihood (Guo et al. 2017, section
 * 4.2, "vector scaling"). May change the predicted class. 2 C numbers are fitted, so a validation
 * split with few images per class is too small: use {@link TemperatureScaling} there.
 *
 * <p>A convex problem, started at the optimal temperature and solved by conjugate gradients until
 * the relative change of the loss is below 1e-10, or for 500 steps.
 */
public record VectorScaling() implements Calibrator {

  private static final double TOLERANCE = 1e-10;
  private static final int STEPS = 500;

  @Override
  public Calibration fit(LabeledLogits validation) {
    int classes = validation.logits().classes();
    double[] start = new double[2 * classes];
    Arrays.fill(start, 0, classes, 1 / new TemperatureScaling().temperature(validation));
    ConvergenceChecker<PointValuePair> done =
        (step, before, after) ->
            step >= STEPS
                || Math.abs(before.getValue() - after.getValue())
                    <= TOLERANCE * Math.abs(after.getValue());
    MultivariateFunction loss = point -> loss(validation, calibration(point));
    MultivariateVectorFunction gradient = point -> gradient(validation, calibration(point));
    PointValuePair best =
        new NonLinearConjugateGradientOptimizer(Formula.POLAK_RIBIERE, done)
            .optimize(
                MaxEval.unlimited(),
                new ObjectiveFunction(loss),
                new ObjectiveFunctionGradient(gradient),
                GoalType.MINIMIZE,
                new InitialGuess(start));
    return calibration(best.getPoint());
  }

  private static Calibration calibration(double[] point) {
    int classes = point.length / 2;
    return Calibration.vector(
        Arrays.copyOf(point, classes), Arrays.copyOfRange(point, classes, point.length));
  }

  private static double loss(LabeledLogits set, Calibration calibration) {
    Logits logits = calibration.apply(set.logits());
    double sum = 0;
    for (int i = 0; i < set.size(); i++) {
      sum -= logits.logProbability(i, set.label(i));
    }
    return sum / set.size();
  }

  /**
   * Computes the gradient with respect to scales, then biases: (p - onehot) f and p - onehot,
   * averaged over images.
   */
  private static double[] gradient(LabeledLogits set, Calibration calibration) {
    Logits logits = calibration.apply(set.logits());
    int classes = logits.classes();
    double[] gradient = new double[2 * classes];
    for (int i = 0; i < set.size(); i++) {
      double[] error = logits.probabilities(i);
      error[set.label(i)] -= 1;
      for (int c = 0; c < classes; c++) {
        gradient[c] += error[c] * set.logits().get(i, c) / set.size();
        gradient[classes + c] += error[c] / set.size();
      }
    }
    return gradient;
  }
}
