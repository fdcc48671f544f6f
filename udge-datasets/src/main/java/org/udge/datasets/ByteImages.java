package org.udge.datasets;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.checkIndex;
import static java.util.Objects.requireNonNull;

import java.util.List;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;

/**
 * Images held in memory as one byte a value; a byte u, 0 to 255, reads as u / 127.5 - 1.
 *
 * <p>Immutable and thread-safe.
 */
public final class ByteImages implements ImageSource {

  private static final float[] VALUE_OF_BYTE = new float[256];

  static {
    for (int u = 0; u < VALUE_OF_BYTE.length; u++) {
      VALUE_OF_BYTE[u] = (float) (u / 127.5 - 1);
    }
  }

  private final String name;
  private final ImageShape shape;
  private final List<String> classNames;
  private final byte[] bytes;
  private final int stride;
  private final int start;
  private final int[] labels;

  /**
   * Images that lie in an array at regular distances.
   *
   * @param stride distance of the first bytes of two images
   * @param start position of the first image's first byte
   */
  ByteImages(
      String name,
      ImageShape shape,
      List<String> classNames,
      byte[] bytes,
      int stride,
      int start,
      int[] labels) {
    this.name = requireNonNull(name);
    this.shape = shape;
    this.classNames = List.copyOf(classNames);
    this.bytes = bytes;
    this.stride = stride;
    this.start = start;
    this.labels = labels;
  }

  /**
   * Labelled images.
   *
   * @param name a name for tables and plots
   * @param shape the shape of each image
   * @param classNames names of the classes
   * @param bytes all images one after the other, each in the order channel, row, column; kept, not
   *     copied
   * @param labels a label for each image: a class index or {@link Batch#UNLABELLED}; copied
   * @return the images
   * @throws IllegalArgumentException if the lengths do not fit together or a label is out of range
   */
  public static ByteImages of(
      String name, ImageShape shape, List<String> classNames, byte[] bytes, int... labels) {
    checkArgument(
        bytes.length == (long) labels.length * shape.size(),
        "%s labels of %s images need %s bytes, got %s",
        labels.length,
        shape,
        (long) labels.length * shape.size(),
        bytes.length);
    Labels.check(labels, classNames.size());
    return new ByteImages(name, shape, classNames, bytes, shape.size(), 0, labels.clone());
  }

  /**
   * Images without labels.
   *
   * @param name a name for tables and plots
   * @param shape the shape of each image
   * @param bytes all images one after the other, each in the order channel, row, column; kept, not
   *     copied
   * @return the images
   * @throws IllegalArgumentException if the length is not a whole number of images
   */
  public static ByteImages unlabelled(String name, ImageShape shape, byte[] bytes) {
    checkArgument(
        bytes.length % shape.size() == 0,
        "bytes must be a whole number of %s images of %s bytes each, got %s bytes",
        shape,
        shape.size(),
        bytes.length);
    int[] labels = Labels.none(bytes.length / shape.size());
    return new ByteImages(name, shape, List.of(), bytes, shape.size(), 0, labels);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public ImageShape shape() {
    return shape;
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public int read(int index, float[] target, int offset) {
    int from = start + checkIndex(index, labels.length) * stride;
    int size = shape.size();
    for (int i = 0; i < size; i++) {
      target[offset + i] = VALUE_OF_BYTE[bytes[from + i] & 0xff];
    }
    return labels[index];
  }

  @Override
  public int label(int index) {
    return labels[checkIndex(index, labels.length)];
  }

  @Override
  public String toString() {
    return Labels.describe(this);
  }
}
