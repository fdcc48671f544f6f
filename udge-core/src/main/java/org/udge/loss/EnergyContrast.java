package org.udge.loss;

import static org.udge.internal.Preconditions.checkState;

import org.udge.engine.Logits;
import org.udge.sampling.EnergyGradient;

/**
 * mean E(data) - mean E(samples) + alpha (mean E(data)^2 + mean E(samples)^2), and its gradient.
 *
 * <p>Sign: maximum likelihood lowers the energy of data and raises that of samples. With p(x) =
 * exp(-E(x)) / Z, d(-log p)/dtheta = dE(data)/dtheta - E_samples[dE/dtheta]; so the value without
 * the penalty has the gradient of -log p(x) but is not -log p(x) itself, and may be negative: it is
 * below 0 where data have lower energy than samples.
 */
final class EnergyContrast {

  private final double penalty;

  EnergyContrast(double penalty) {
    this.penalty = penalty;
  }

  LossValue evaluate(
      LossInput input,
      ImageGroup dataGroup,
      EnergyGradient dataEnergy,
      EnergyGradient sampleEnergy) {
    Logits data = input.logits(dataGroup);
    Logits samples = input.logits(ImageGroup.SAMPLED);
    checkState(data.rows() > 0 && samples.rows() > 0, "there must be data and samples");
    EnergyGradient.Value plus = dataEnergy.evaluate(data);
    EnergyGradient.Value minus = sampleEnergy.evaluate(samples);
    double ofData = mean(plus.energies());
    double ofSamples = mean(minus.energies());
    double magnitude = meanSquare(plus.energies()) + meanSquare(minus.energies());
    return LossValue.of(ofData - ofSamples + penalty * magnitude)
        .withGradient(dataGroup, gradient(plus, 1))
        .withGradient(ImageGroup.SAMPLED, gradient(minus, -1))
        .withMetric("energy_data", ofData)
        .withMetric("energy_samples", ofSamples)
        .withMetric("energy_gap", ofSamples - ofData)
        .withMetric("energy_penalty", penalty * magnitude);
  }

  /** d/df of mean(sign E + penalty E^2), where dE/df = -score. */
  private double[][] gradient(EnergyGradient.Value value, int sign) {
    double[][] scores = value.scores();
    double[][] result = new double[scores.length][];
    for (int i = 0; i < scores.length; i++) {
      double factor = -(sign + 2 * penalty * value.energies()[i]) / scores.length;
      result[i] = new double[scores[i].length];
      for (int c = 0; c < scores[i].length; c++) {
        result[i][c] = factor * scores[i][c];
      }
    }
    return result;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double meanSquare(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value * value;
    }
    return sum / values.length;
  }
}
