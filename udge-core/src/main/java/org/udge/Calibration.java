package org.udge;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import org.udge.engine.Logits;
import org.udge.state.State;

/**
 * A map from logits to logits whose probabilities can be trusted more: f'(x)[c] = scale[c] f(x)[c]
 * + bias[c].
 *
 * <p>Temperature scaling (Guo et al. 2017, section 4.2) is one scale 1/T for all classes and no
 * bias; vector scaling has a scale and a bias for each class. Energies, log p(x) and scores of
 * images out of distribution are those of the logits as they were before: only probabilities are
 * calibrated. {@code org.udge.evaluation} fits calibrations.
 *
 * <p>Immutable and thread-safe.
 */
public final class Calibration {

  private static final Calibration IDENTITY = new Calibration(new double[] {1}, new double[0]);

  /** One scale for all classes, or one for each. */
  private final double[] scales;

  /** One bias for each class, or none. */
  private final double[] biases;

  private Calibration(double[] scales, double[] biases) {
    this.scales = scales;
    this.biases = biases;
  }

  /**
   * The calibration that changes nothing, for any number of classes.
   *
   * @return the identity
   */
  public static Calibration identity() {
    return IDENTITY;
  }

  /**
   * Divides all logits by a temperature, for any number of classes. Never changes which class is
   * most probable.
   *
   * @param temperature positive; above 1 makes probabilities less extreme
   * @return the calibration
   * @throws IllegalArgumentException if it is not positive and finite
   */
  public static Calibration temperature(double temperature) {
    checkArgument(
        temperature > 0 && Double.isFinite(temperature),
        "temperature must be positive and finite, was %s",
        temperature);
    return new Calibration(new double[] {1 / temperature}, new double[0]);
  }

  /**
   * Scales and shifts each class's logit by numbers of its own.
   *
   * @param scales C factors
   * @param biases C summands
   * @return the calibration
   * @throws IllegalArgumentException if counts differ or are 0, or a number is not finite
   */
  public static Calibration vector(double[] scales, double[] biases) {
    checkArgument(scales.length > 0, "there must be at least one scale");
    checkArgument(
        scales.length == biases.length,
        "there must be as many biases as scales: %s scales, %s biases",
        scales.length,
        biases.length);
    checkFinite("scales", scales);
    checkFinite("biases", biases);
    return new Calibration(scales.clone(), biases.clone());
  }

  private static void checkFinite(String name, double[] values) {
    checkArgument(
        Arrays.stream(values).allMatch(Double::isFinite),
        "%s must be finite, were %s",
        name,
        Arrays.toString(values));
  }

  /**
   * Calibrates logits.
   *
   * @param logits [N, C]
   * @return new logits, [N, C]
   * @throws IllegalArgumentException if this is for another number of classes
   */
  public Logits apply(Logits logits) {
    if (equals(IDENTITY)) {
      return logits;
    }
    checkArgument(
        biases.length == 0 || biases.length == logits.classes(),
        "the calibration is for %s classes, logits have %s",
        biases.length,
        logits.classes());
    double[][] rows = new double[logits.rows()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = row(logits.row(i));
    }
    return rows.length == 0 ? logits : Logits.of(rows);
  }

  private double[] row(double[] row) {
    for (int c = 0; c < row.length; c++) {
      row[c] = row[c] * (scales.length == 1 ? scales[0] : scales[c]);
      if (biases.length > 0) {
        row[c] += biases[c];
      }
    }
    return row;
  }

  /**
   * Everything there is to know, for writing to a file.
   *
   * @return entries {@code scales} and {@code biases}
   */
  public State toState() {
    return State.builder().put("scales", scales).put("biases", biases).build();
  }

  /**
   * Puts a calibration together again.
   *
   * @param state what {@link #toState()} returned
   * @return an equal calibration
   * @throws IllegalArgumentException if an entry is missing or out of range
   */
  public static Calibration of(State state) {
    double[] scales = state.getDoubles("scales");
    double[] biases = state.getDoubles("biases");
    if (scales.length != 1 || biases.length != 0) {
      return vector(scales, biases);
    }
    checkArgument(
        scales[0] > 0 && Double.isFinite(scales[0]),
        "scales must be positive and finite, were [%s]",
        scales[0]);
    return new Calibration(scales, biases);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Calibration that
        && Arrays.equals(scales, that.scales)
        && Arrays.equals(biases, that.biases);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(scales) + Arrays.hashCode(biases);
  }

  @Override
  public String toString() {
    return biases.length == 0
        ? "Calibration[temperature=" + 1 / scales[0] + "]"
        : "Calibration[scales="
            + Arrays.toString(scales)
            + ", biases="
            + Arrays.toString(biases)
            + "]";
  }
}
