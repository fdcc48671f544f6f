package org.udge;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import org.udge.engine.Logits;

/**
 * Makes p(y|x) honest: logits are scaled and shifted before the softmax, f'(x)[y] = scale[y]
 * f(x)[y] + bias[y].
 *
 * <p>Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks") has one
 * scale 1 / T for all classes and no bias; vector scaling has both for each. Energies and densities
 * are those of the logits as they were. Fitting is in {@code org.udge.evaluation}.
 *
 * <p>Immutable and thread-safe.
 */
public final class Calibration {

  private final double[] scale;
  private final double[] bias;

  private Calibration(double[] scale, double[] bias) {
    this.scale = scale;
    this.bias = bias;
  }

  /**
   * Temperature scaling.
   *
   * @param temperature T, above 0; above 1 makes predictions less sure
   * @param classes number of classes
   * @return the calibration
   */
  public static Calibration temperature(double temperature, int classes) {
    checkArgument(
        temperature > 0 && Double.isFinite(temperature),
        "temperature must be positive, was %s",
        temperature);
    double[] scale = new double[classes];
    Arrays.fill(scale, 1 / temperature);
    return new Calibration(scale, new double[classes]);
  }

  /**
   * Vector scaling.
   *
   * @param scale a factor for each class
   * @param bias a summand for each class
   * @return the calibration
   * @throws IllegalArgumentException if lengths differ or a number is not finite
   */
  public static Calibration vector(double[] scale, double[] bias) {
    checkArgument(
        scale.length == bias.length,
        "scale and bias must be of equal length, were %s and %s",
        scale.length,
        bias.length);
    checkArgument(
        Arrays.stream(scale).allMatch(Double::isFinite)
            && Arrays.stream(bias).allMatch(Double::isFinite),
        "scale and bias must be finite");
    return new Calibration(scale.clone(), bias.clone());
  }

  /**
   * Number of classes.
   *
   * @return the count
   */
  public int classes() {
    return scale.length;
  }

  /**
   * The factors.
   *
   * @return a copy, one for each class
   */
  public double[] scale() {
    return scale.clone();
  }

  /**
   * The summands.
   *
   * @return a copy, one for each class
   */
  public double[] bias() {
    return bias.clone();
  }

  /**
   * Calibrated logits.
   *
   * @param logits as the network gives them
   * @return scaled and shifted
   * @throws IllegalArgumentException if the number of classes differs
   */
  public Logits apply(Logits logits) {
    checkArgument(
        logits.classes() == classes(),
        "calibration is for %s classes, logits have %s",
        classes(),
        logits.classes());
    double[][] rows = new double[logits.rows()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = logits.row(i);
      for (int c = 0; c < scale.length; c++) {
        rows[i][c] = scale[c] * rows[i][c] + bias[c];
      }
    }
    return Logits.of(rows);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Calibration that
        && Arrays.equals(scale, that.scale)
        && Arrays.equals(bias, that.bias);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(scale) + Arrays.hashCode(bias);
  }

  @Override
  public String toString() {
    return "Calibration[scale=" + Arrays.toString(scale) + ", bias=" + Arrays.toString(bias) + "]";
  }
}
