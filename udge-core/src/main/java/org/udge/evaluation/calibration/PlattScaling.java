package org.udge.evaluation.calibration;

import org.udge.Calibration;
import org.udge.ConfidenceCurve;
import org.udge.evaluation.LabeledLogits;

/**
 * Calibrates the probability of the predicted class by logistic regression on its log-odds: two
 * parameters that minimize the negative log-likelihood (Platt 1999, with the targets (N+ + 1) / (N+
 * + 2) and 1 / (N- + 2) in place of 1 and 0). For few held-out images, where {@link
 * TemperatureScaling} leaves a bias.
 *
 * <p>A convex problem, solved by Newton's method with halved steps.
 */
public record PlattScaling() implements Calibrator {

  private static final int ITERATIONS = 100;
  private static final double EDGE = 1e-15;

  @Override
  public Calibration fit(LabeledLogits validation) {
    TopLabels top = TopLabels.of(validation);
    double[] line = line(top.confidences(), top.right());
    return Calibration.topLabel(
        ConfidenceCurve.ofLogOdds(line[0], line[1]), validation.logits().classes());
  }

  /** Fits slope and offset. */
  static double[] line(double[] confidence, double... right) {
    double[] x = new double[confidence.length];
    double[] target = new double[confidence.length];
    double positive = 0;
    for (double r : right) {
      positive += r;
    }
    for (int i = 0; i < x.length; i++) {
      double c = Math.min(1 - EDGE, Math.max(EDGE, confidence[i]));
      x[i] = Math.log(c / (1 - c));
      target[i] = right[i] == 1 ? (positive + 1) / (positive + 2) : 1 / (x.length - positive + 2);
    }
    double slope = 1;
    double offset = 0;
    for (int step = 0; step < ITERATIONS; step++) {
      double gradientSlope = 0;
      double gradientOffset = 0;
      double a = 1e-12;
      double b = 0;
      double d = 1e-12;
      for (int i = 0; i < x.length; i++) {
        double p = 1 / (1 + Math.exp(-(slope * x[i] + offset)));
        double weight = p * (1 - p);
        gradientSlope += (p - target[i]) * x[i];
        gradientOffset += p - target[i];
        a += weight * x[i] * x[i];
        b += weight * x[i];
        d += weight;
      }
      double determinant = a * d - b * b;
      double toSlope = (d * gradientSlope - b * gradientOffset) / determinant;
      double toOffset = (a * gradientOffset - b * gradientSlope) / determinant;
      double before = loss(x, target, slope, offset);
      double share = 1;
      while (share > 1e-10
          && !(loss(x, target, slope - share * toSlope, offset - share * toOffset) <= before)) {
        share /= 2;
      }
      slope -= share * toSlope;
      offset -= share * toOffset;
      if (share <= 1e-10
          || Math.abs(toSlope) + Math.abs(toOffset) < 1e-12 * (1 + Math.abs(slope))) {
        break;
      }
    }
    return new double[] {slope, offset};
  }

  private static double loss(double[] x, double[] target, double slope, double offset) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      double z = slope * x[i] + offset;
      sum += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - target[i] * z;
    }
    return sum;
  }
}
