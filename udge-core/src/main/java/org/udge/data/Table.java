package org.udge.data;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Rows of features with labels: tabular data, held in memory. A row of F features is an image of F
 * channels of one pixel.
 *
 * <p>Features are used as given. Networks train best on features with a mean of about 0 and a
 * standard deviation of about 1: {@link #standardized} scales any set with the statistics of the
 * training set.
 *
 * <p>Immutable and thread-safe.
 */
public final class Table implements ImageSource {

  private final String name;
  private final List<String> classNames;
  private final float[][] rows;
  private final int[] labels;

  private Table(String name, List<String> classNames, float[][] rows, int[] labels) {
    this.name = name;
    this.classNames = classNames;
    this.rows = rows;
    this.labels = labels;
  }

  /**
   * Returns a table of labeled rows.
   *
   * @param name the name used in tables and plots
   * @param classNames the names of the classes
   * @param rows at least one row of at least one feature, all of equal length, finite; copied
   * @param labels a class index or {@link Batch#UNLABELED} per row; copied
   * @return the table
   * @throws IllegalArgumentException if there is no row, the lengths differ, a feature is not
   *     finite or a label is out of range
   */
  public static Table of(String name, List<String> classNames, float[][] rows, int... labels) {
    checkArgument(rows.length > 0 && rows[0].length > 0, "%s has no row or no feature", name);
    checkArgument(
        rows.length == labels.length,
        "there must be a label for each row: %s rows, %s labels",
        rows.length,
        labels.length);
    float[][] copy = new float[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      checkArgument(
          rows[i].length == rows[0].length,
          "row %s has %s features, row 0 has %s",
          i,
          rows[i].length,
          rows[0].length);
      copy[i] = rows[i].clone();
      for (int feature = 0; feature < copy[i].length; feature++) {
        checkArgument(
            Float.isFinite(copy[i][feature]),
            "feature %s of row %s is %s",
            feature,
            i,
            copy[i][feature]);
      }
      checkArgument(
          labels[i] == Batch.UNLABELED || (labels[i] >= 0 && labels[i] < classNames.size()),
          "labels must be 0 to %s, that of row %s is %s",
          classNames.size() - 1,
          i,
          labels[i]);
    }
    return new Table(name, List.copyOf(classNames), copy, labels.clone());
  }

  /**
   * Returns a table of rows without labels.
   *
   * @param name the name used in tables and plots
   * @param rows at least one row of at least one feature, all of equal length, finite; copied
   * @return the table
   * @throws IllegalArgumentException if there is no row, the lengths differ or a feature is not
   *     finite
   */
  public static Table unlabeled(String name, float[][] rows) {
    int[] labels = new int[rows.length];
    Arrays.fill(labels, Batch.UNLABELED);
    return of(name, List.of(), rows, labels);
  }

  /**
   * Returns a standardized copy of this table: from each feature its mean is subtracted, and the
   * result is divided by its standard deviation, both computed from the rows of {@code training}.
   * Features that are constant in {@code training} are only centered.
   *
   * @param training the rows that a model is trained on; this table itself for the training set
   * @return a new table
   * @throws IllegalArgumentException if the numbers of features differ
   */
  public Table standardized(Table training) {
    int features = shape().channels();
    checkArgument(
        training.shape().channels() == features,
        "%s has %s features, %s has %s",
        name,
        features,
        training.name,
        training.shape().channels());
    double[] mean = new double[features];
    double[] variance = new double[features];
    for (float[] row : training.rows) {
      for (int i = 0; i < features; i++) {
        mean[i] += row[i] / (double) training.rows.length;
      }
    }
    for (float[] row : training.rows) {
      for (int i = 0; i < features; i++) {
        variance[i] += (row[i] - mean[i]) * (row[i] - mean[i]) / training.rows.length;
      }
    }
    float[][] scaled = new float[rows.length][features];
    for (int r = 0; r < rows.length; r++) {
      for (int i = 0; i < features; i++) {
        double deviation = variance[i] > 0 ? Math.sqrt(variance[i]) : 1;
        scaled[r][i] = (float) ((rows[r][i] - mean[i]) / deviation);
      }
    }
    return new Table(name, classNames, scaled, labels);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return rows.length;
  }

  /**
   * Returns the shape of a row.
   *
   * @return features x 1 x 1
   */
  @Override
  public ImageShape shape() {
    return ImageShape.ofFeatures(rows[0].length);
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public int read(int index, float[] target, int offset) {
    float[] row = rows[Objects.checkIndex(index, rows.length)];
    System.arraycopy(row, 0, target, offset, row.length);
    return labels[index];
  }

  @Override
  public int label(int index) {
    return labels[Objects.checkIndex(index, rows.length)];
  }

  @Override
  public String toString() {
    return "Table[" + name + ", " + size() + " rows, " + shape().channels() + " features]";
  }
}
