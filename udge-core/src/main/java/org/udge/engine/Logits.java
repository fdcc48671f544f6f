package org.udge.engine;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.internal.HostImages;

/**
 * Logits f(x) of N images over C classes in double precision, and the quantities derived from them.
 *
 * <p>E(x) = -logsumexp_y f(x)[y], E(x, y) = -f(x)[y], p(y|x) = softmax f(x). (Grathwohl et al.
 * 2020, "Your classifier is secretly an energy based model", equations 3 to 6.)
 *
 * <p>Immutable and thread-safe.
 */
public final class Logits {

  private final int rows;
  private final int classes;
  private final double[] values;

  private Logits(int rows, int classes, double[] values) {
    this.rows = rows;
    this.classes = classes;
    this.values = values;
  }

  /**
   * Returns a copy of the logits in an ND4J array.
   *
   * @param array [N, C], of any floating-point type and ordering
   * @return the logits
   * @throws IllegalArgumentException if it is not a matrix
   */
  public static Logits of(INDArray array) {
    checkArgument(
        array.rank() == 2, "logits must be [N, C], were %s", Arrays.toString(array.shape()));
    int rows = (int) array.size(0);
    int classes = (int) array.size(1);
    return new Logits(
        rows,
        classes,
        HostImages.keeping(
            HostImages.dense(array), dense -> dense.data().getDoublesAt(0, rows * classes)));
  }

  /**
   * Returns a copy of the logits in the given rows.
   *
   * @param rows N arrays of C numbers each
   * @return the logits
   * @throws IllegalArgumentException if there is no row, or rows differ in length
   */
  public static Logits of(double[][] rows) {
    checkArgument(rows.length > 0, "there must be at least one row of logits");
    int classes = rows[0].length;
    double[] values = new double[Math.multiplyExact(rows.length, classes)];
    for (int i = 0; i < rows.length; i++) {
      checkArgument(
          rows[i].length == classes,
          "row %s has %s logits, row 0 has %s",
          i,
          rows[i].length,
          classes);
      System.arraycopy(rows[i], 0, values, i * classes, classes);
    }
    return new Logits(rows.length, classes, values);
  }

  /**
   * Concatenates the rows of several logits.
   *
   * @param parts the logits to concatenate; at least one, all with the same number of classes
   * @return all rows, in order
   * @throws IllegalArgumentException if there is none, or the numbers of classes differ
   */
  public static Logits concatenate(List<Logits> parts) {
    checkArgument(!parts.isEmpty(), "there must be logits to concatenate");
    if (parts.size() == 1) {
      return parts.get(0);
    }
    int classes = parts.get(0).classes;
    int rows = parts.stream().mapToInt(Logits::rows).sum();
    double[] values = new double[Math.multiplyExact(rows, classes)];
    int position = 0;
    for (Logits part : parts) {
      checkArgument(
          part.classes == classes,
          "cannot join logits of %s and %s classes",
          classes,
          part.classes);
      System.arraycopy(part.values, 0, values, position, part.values.length);
      position += part.values.length;
    }
    return new Logits(rows, classes, values);
  }

  /**
   * Returns the number of images.
   *
   * @return N
   */
  public int rows() {
    return rows;
  }

  /**
   * Returns the number of classes.
   *
   * @return C
   */
  public int classes() {
    return classes;
  }

  /**
   * Returns one logit, which is -E(x, y).
   *
   * @param row the image
   * @param label the class
   * @return f(x)[label]
   */
  public double get(int row, int label) {
    return values[row * classes + label];
  }

  /**
   * Returns the logits of one image.
   *
   * @param row the image
   * @return a copy, of length C
   */
  public double[] row(int row) {
    return Arrays.copyOfRange(values, row * classes, (row + 1) * classes);
  }

  /**
   * Returns logsumexp_y f(x)[y], the unnormalized log p(x), which is -E(x). Accurate for logits of
   * any magnitude.
   *
   * @param row the image
   * @return the logarithm of the sum
   */
  public double logSumExp(int row) {
    int start = row * classes;
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = start; i < start + classes; i++) {
      largest = Math.max(largest, values[i]);
    }
    if (Double.isInfinite(largest)) {
      return largest;
    }
    double sum = 0;
    for (int i = start; i < start + classes; i++) {
      sum += Math.exp(values[i] - largest);
    }
    return largest + Math.log(sum);
  }

  /**
   * Returns log p(y|x).
   *
   * @param row the image
   * @param label the class y
   * @return the log-probability, at most 0
   */
  public double logProbability(int row, int label) {
    return get(row, label) - logSumExp(row);
  }

  /**
   * Returns p(y|x) for every y.
   *
   * @param row the image
   * @return a new array of C numbers that sum to 1
   */
  public double[] probabilities(int row) {
    double logSum = logSumExp(row);
    double[] result = row(row);
    for (int i = 0; i < classes; i++) {
      result[i] = Math.exp(result[i] - logSum);
    }
    return result;
  }

  /**
   * Returns the most probable class; in case of ties, the first.
   *
   * @param row the image
   * @return the class index
   */
  public int argMax(int row) {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (get(row, c) > get(row, best)) {
        best = c;
      }
    }
    return best;
  }

  /**
   * Returns whether every logit is finite.
   *
   * @return false if any logit is NaN or infinite
   */
  public boolean isFinite() {
    return Arrays.stream(values).allMatch(Double::isFinite);
  }

  /**
   * Returns these logits if all of them are finite.
   *
   * @return this
   * @throws IllegalArgumentException if any logit is NaN or infinite; the message names its image
   */
  @CanIgnoreReturnValue
  public Logits requireFinite() {
    if (isFinite()) {
      return this;
    }
    for (int i = 0; i < rows; i++) {
      checkArgument(
          Arrays.stream(row(i)).allMatch(Double::isFinite),
          "logits must be finite numbers, those of image %s are %s",
          i,
          Arrays.toString(row(i)));
    }
    return this;
  }

  /**
   * Returns a range of rows, in their order.
   *
   * @param from the first row
   * @param to the index after the last row
   * @return new logits
   */
  public Logits rows(int from, int to) {
    checkArgument(0 <= from && from <= to && to <= rows, "no rows %s to %s of %s", from, to, rows);
    return new Logits(to - from, classes, Arrays.copyOfRange(values, from * classes, to * classes));
  }

  /**
   * Returns these logits as an ND4J array.
   *
   * @return a new float32 array, [N, C]
   */
  public INDArray toArray() {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Nd4j.createFromArray(floats).reshape(rows, classes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Logits that
        && classes == that.classes
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * classes + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return "Logits[" + rows + " x " + classes + "]";
  }
}
