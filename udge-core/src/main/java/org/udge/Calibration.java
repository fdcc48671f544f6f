package org.udge;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Optional;
import org.udge.engine.Logits;

/**
 * Calibrates p(y|x): scales and shifts the logits before the softmax, f'(x)[y] = scale[y] f(x)[y] +
 * bias[y].
 *
 * <p>Temperature scaling (Guo et al. 2017, "On calibration of modern neural networks") uses one
 * scale, 1 / T, for all classes and no bias; vector scaling uses a scale and a bias per class. A
 * {@linkplain #topLabel curve} adjusts only the probability of the predicted class. Energies and
 * densities are always those of the uncalibrated logits. Calibrations are fitted by {@code
 * org.udge.evaluation.calibration}.
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
   * Returns a temperature scaling.
   *
   * @param temperature T, above 0; values above 1 make predictions less confident
   * @param classes the number of classes
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
   * Returns a vector scaling.
   *
   * @param scale the factor of each class
   * @param bias the summand of each class
   * @return the calibration
   * @throws IllegalArgumentException if the lengths differ or a number is not finite
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
   * Returns a calibration of the predicted class's probability by a curve. The probabilities of the
   * other classes keep their ratios, and the predicted class stays the most probable one.
   *
   * @param curve maps the confidence to the calibrated probability
   * @param classes the number of classes
   * @return the calibration
   */
  public static Calibration topLabel(ConfidenceCurve curve, int classes) {
    return temperature(1, classes).withCurve(curve);
  }

  /**
   * Returns a copy that applies a curve after scaling and shifting.
   *
   * @param other maps the confidence, after scaling, to the calibrated probability
   * @return a changed copy
   */
  public Calibration withCurve(ConfidenceCurve other) {
    return new Calibration(scale, bias, Optional.of(other));
  }

  /**
   * Returns the curve of the predicted class.
   *
   * @return empty if there is none
   */
  public Optional<ConfidenceCurve> curve() {
    return curve;
  }

  /**
   * Returns the number of classes.
   *
   * @return the number of classes
   */
  public int classes() {
    return scale.length;
  }

  /**
   * Returns the scale of each class.
   *
   * @return a copy, one per class
   */
  public double[] scale() {
    return scale.clone();
  }

  /**
   * Returns the bias of each class.
   *
   * @return a copy, one per class
   */
  public double[] bias() {
    return bias.clone();
  }

  /**
   * Applies this calibration to logits.
   *
   * @param logits the uncalibrated logits of the network
   * @return the calibrated logits
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

  /** Returns logits that yield the adjusted probabilities: their logarithms. */
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
      // Applies to the runner-up among the others: below this, it would become the predicted class.
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
