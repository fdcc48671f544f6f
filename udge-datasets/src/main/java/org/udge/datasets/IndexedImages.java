package org.udge.datasets;

import static java.util.Objects.checkIndex;
import static java.util.Objects.requireNonNull;

import java.util.List;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;

/** A source whose labels are in memory. */
abstract class IndexedImages implements ImageSource {

  private final String name;
  private final ImageShape shape;
  private final List<String> classNames;
  private final int[] labels;

  /**
   * Checks only that nothing is null.
   *
   * @param labels a label for each image; kept, not copied
   */
  IndexedImages(String name, ImageShape shape, List<String> classNames, int[] labels) {
    this.name = requireNonNull(name);
    this.shape = requireNonNull(shape);
    this.classNames = List.copyOf(classNames);
    this.labels = labels;
  }

  /** Copies the pixels of an image whose index has been checked. */
  abstract void copy(int index, float[] target, int offset);

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final int size() {
    return labels.length;
  }

  @Override
  public final ImageShape shape() {
    return shape;
  }

  @Override
  public final List<String> classNames() {
    return classNames;
  }

  @Override
  public final int read(int index, float[] target, int offset) {
    copy(checkIndex(index, labels.length), target, offset);
    return labels[index];
  }

  @Override
  public final int label(int index) {
    return labels[checkIndex(index, labels.length)];
  }

  @Override
  public final String toString() {
    return Labels.describe(this);
  }
}
