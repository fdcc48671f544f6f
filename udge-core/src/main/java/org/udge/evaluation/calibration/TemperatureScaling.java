package org.udge.evaluation.calibration;

import org.udge.Calibration;
import org.udge.engine.Logits;
import org.udge.evaluation.LabeledLogits;

/**
 * Divides all logits by the temperature that minimizes the negative log-likelihood (Guo et al.
 * 2017, section 4.2). Never changes the predicted class.
 *
 * <p>With b = 1/T the negative log-likelihood is convex; its derivative, mean_i (E_p(y|x_i)
 * f(x_i)[y] - f(x_i)[y_i]), is solved for zero by Newton's method within a shrinking bracket. If
 * the minimum is at infinity (all images correct, or accuracy no better than chance), the
 * temperature is the bound, {@value #LEAST} or {@value #GREATEST}.
 */
public record TemperatureScaling() implements Calibrator {

  /** The least temperature ever returned. */
  public static final double LEAST = 0.01;

  /** The greatest temperature ever returned. */
  public static final double GREATEST = 100;

  private static final int ITERATIONS = 100;

  /** Derivatives of the mean negative log-likelihood with respect to 1/T. */
  private record Slope(double first, double second) {}

  @Override
  public Calibration fit(LabeledLogits validation) {
    return Calibration.temperature(temperature(validation), validation.logits().classes());
  }

  /**
   * Fits the temperature.
   *
   * @param validation logits and labels of held-out images
   * @return the temperature, {@value #LEAST} to {@value #GREATEST}
   */
  public double temperature(LabeledLogits validation) {
    double low = 1 / GREATEST;
    double high = 1 / LEAST;
    if (slope(validation, low).first >= 0) {
      return GREATEST;
    }
    if (slope(validation, high).first <= 0) {
      return LEAST;
    }
    double inverse = 1;
    for (int i = 0; i < ITERATIONS; i++) {
      Slope slope = slope(validation, inverse);
      if (slope.first > 0) {
        high = inverse;
      } else {
        low = inverse;
      }
      double next = inverse - slope.first / slope.second;
      // Outside the bracket, or NaN where the curve is flat: bisect instead.
      next = next > low && next < high ? next : (low + high) / 2;
      if (Math.abs(next - inverse) <= 1e-14 * inverse) {
        return 1 / next;
      }
      inverse = next;
    }
    return 1 / inverse;
  }

  private static Slope slope(LabeledLogits set, double inverse) {
    Logits logits = set.logits();
    double first = 0;
    double second = 0;
    for (int i = 0; i < set.size(); i++) {
      double[] row = logits.row(i);
      double largest = row[logits.argMax(i)];
      double sum = 0;
      double mean = 0;
      double square = 0;
      for (double logit : row) {
        double below = logit - largest;
        double weight = Math.exp(inverse * below);
        sum += weight;
        mean += weight * below;
        square += weight * below * below;
      }
      mean /= sum;
      first += mean - (row[set.label(i)] - largest);
      second += square / sum - mean * mean;
    }
    return new Slope(first / set.size(), second / set.size());
  }
}
