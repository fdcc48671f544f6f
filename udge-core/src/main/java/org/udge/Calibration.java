package org.udge;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Optional;
import org.udge.engine.Logits;

/**
 * Makes p(y|x) honest: logits are scaled and shifted before the softmax, f'(x)[y] = scale[y]
 * f(x)[y] + bias[y].
 *
 * <p>Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks") has one
 * scale 1 / T for all classes and no bias; vector scaling has both for each. A {@linkplain
 * #topLabel curve} sets the probability of the predicted class alone. Energies and densities are
 * those of the logits as they were. Fitting is in {@code org.udge.evaluation.calibration}.
 *
 * <p>Immutable and thread-safe.
 */
public final class Calibration {

  private final double[] scale;
  private final double[] bias;
  private final Optional<ConfidenceCurve> curve;

  private Calibration(double[] scale, double[] bias, Optional<ConfidenceCurve> curve) {
    this.scale = scale;
    this.bias = bias;
    this.curve = curve;
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
    return new Calibration(scale, new double[classes], Optional.empty());
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
    return new Calibration(scale.clone(), bias.clone(), Optional.empty());
  }

  /**
   * The probability of the predicted class set by a curve; those of the other classes keep their
   * ratios, and the predicted class stays the most probable one.
   *
   * @param curve what the probability is worth
   * @param classes number of classes
   * @return the calibration
   */
  public static Calibration topLabel(ConfidenceCurve curve, int classes) {
    return temperature(1, classes).withCurve(curve);
  }

  /**
   * The same with a curve after it.
   *
   * @param other what the probability of the predicted class is worth, after scaling
   * @return a changed copy
   */
  public Calibration withCurve(ConfidenceCurve other) {
    return new Calibration(scale, bias, Optional.of(other));
  }

  /**
   * The curve of the predicted class.
   *
   * @return empty if there is none
   */
  public Optional<ConfidenceCurve> curve() {
    return curve;
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
    Logits scaled = Logits.of(rows);
    return curve.map(c -> top(c, scaled)).orElse(scaled);
  }

  /** Logits of the set probabilities: their logarithms. */
  private static Logits top(ConfidenceCurve curve, Logits logits) {
    double[][] rows = new double[logits.rows()][];
    for (int i = 0; i < rows.length; i++) {
      double[] row = logits.row(i);
      int top = logits.argMax(i);
      double rest = Double.NEGATIVE_INFINITY;
      double second = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < row.length; c++) {
        if (c != top) {
          second = Math.max(second, row[c]);
          rest = rest == Double.NEGATIVE_INFINITY ? row[c] : logAdd(rest, row[c]);
        }
      }
      // Of the runner-up among the others: below this, it would be the predicted class.
      double share = Math.exp(second - rest);
      double least = share / (1 + share) * (1 + 1e-9);
      double p = Math.max(least, curve.at(1 / (1 + Math.exp(rest - row[top]))));
      for (int c = 0; c < row.length; c++) {
        row[c] = c == top ? Math.log(p) : row[c] - rest + Math.log1p(-p);
      }
      rows[i] = row;
    }
    return Logits.of(rows);
  }

  private static double logAdd(double a, double b) {
    return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Calibration that
        && Arrays.equals(scale, that.scale)
        && Arrays.equals(bias, that.bias)
        && curve.equals(that.curve);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Arrays.hashCode(scale) + Arrays.hashCode(bias)) + curve.hashCode();
  }

  @Override
  public String toString() {
    return "Calibration[scale="
        + Arrays.toString(scale)
        + ", bias="
        + Arrays.toString(bias)
        + curve.map(c -> ", " + c).orElse("")
        + "]";
  }
}
