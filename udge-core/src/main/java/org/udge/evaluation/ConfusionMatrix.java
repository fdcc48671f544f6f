package org.udge.evaluation;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.udge.internal.TextTable;

/**
 * The number of images by true and predicted class: rows are true classes, columns predicted ones.
 *
 * <p>Immutable and thread-safe.
 */
public final class ConfusionMatrix {

  private final List<String> classNames;
  private final long[][] counts;

  private ConfusionMatrix(List<String> classNames, long[][] counts) {
    this.classNames = classNames;
    this.counts = counts;
  }

  /**
   * Returns a matrix from its counts.
   *
   * @param classNames C names
   * @param counts C rows (true classes) of C numbers (predicted classes); copied
   * @return the matrix
   * @throws IllegalArgumentException if sizes differ
   */
  public static ConfusionMatrix of(List<String> classNames, long[][] counts) {
    checkArgument(
        counts.length == classNames.size(),
        "%s classes but %s rows of counts",
        classNames.size(),
        counts.length);
    long[][] copy = new long[counts.length][];
    for (int i = 0; i < counts.length; i++) {
      checkArgument(
          counts[i].length == counts.length,
          "row %s has %s counts, must have %s",
          i,
          counts[i].length,
          counts.length);
      copy[i] = counts[i].clone();
    }
    return new ConfusionMatrix(List.copyOf(classNames), copy);
  }

  /**
   * Returns the names of the classes.
   *
   * @return C names
   */
  public List<String> classNames() {
    return classNames;
  }

  /**
   * Returns the number of images with a true and a predicted class.
   *
   * @param label the true class
   * @param predicted the predicted class
   * @return the number of images
   */
  public long count(int label, int predicted) {
    return counts[label][predicted];
  }

  /**
   * Returns the number of images of a class.
   *
   * @param label the true class
   * @return the sum of the row
   */
  public long images(int label) {
    return LongStream.of(counts[label]).sum();
  }

  /**
   * Returns the number of images that were predicted to be of a class.
   *
   * @param predicted the predicted class
   * @return the sum of the column
   */
  public long predictions(int predicted) {
    return IntStream.range(0, counts.length).mapToLong(label -> counts[label][predicted]).sum();
  }

  /**
   * Returns the precision of a class: the fraction of images predicted as the class that belong to
   * it.
   *
   * @param label the class
   * @return in [0, 1]; empty if no image was predicted as the class
   */
  public OptionalDouble precision(int label) {
    return share(counts[label][label], predictions(label));
  }

  /**
   * Returns the recall of a class: the fraction of images of the class that were predicted as such,
   * which is the accuracy on that class.
   *
   * @param label the class
   * @return in [0, 1]; empty if there is no image of the class
   */
  public OptionalDouble recall(int label) {
    return share(counts[label][label], images(label));
  }

  private static OptionalDouble share(long part, long whole) {
    return whole == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) part / whole);
  }

  /**
   * Returns the counts.
   *
   * @return a copy: C rows (true classes) of C numbers (predicted classes)
   */
  public long[][] counts() {
    return Arrays.stream(counts).map(long[]::clone).toArray(long[][]::new);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConfusionMatrix that
        && classNames.equals(that.classNames)
        && Arrays.deepEquals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return 31 * classNames.hashCode() + Arrays.deepHashCode(counts);
  }

  /**
   * Returns a table with a row per true class and a column per predicted one.
   *
   * @return several lines
   */
  @Override
  public String toString() {
    String[] heading = new String[counts.length + 1];
    heading[0] = "true \\ predicted";
    for (int c = 0; c < counts.length; c++) {
      heading[c + 1] = classNames.get(c);
    }
    TextTable table = new TextTable(heading);
    for (int label = 0; label < counts.length; label++) {
      String[] cells = new String[counts.length + 1];
      cells[0] = classNames.get(label);
      for (int c = 0; c < counts.length; c++) {
        cells[c + 1] = Long.toString(counts[label][c]);
      }
      table.row(cells);
    }
    return table.toString();
  }
}
