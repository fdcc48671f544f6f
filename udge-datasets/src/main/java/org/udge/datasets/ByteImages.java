package org.udge.datasets;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import org.udge.data.Batch;
import org.udge.data.ImageShape;

/**
 * Images held in memory as one byte per value; a byte u, 0 to 255, reads as u / 127.5 - 1.
 *
 * <p>Immutable and thread-safe.
 */
public final class ByteImages extends IndexedImages {

  private static final float[] VALUE_OF_BYTE = new float[256];

  static {
    for (int u = 0; u < VALUE_OF_BYTE.length; u++) {
      VALUE_OF_BYTE[u] = (float) (u / 127.5 - 1);
    }
  }

  private final byte[] bytes;
  private final int stride;
  private final int start;

  /**
   * Images at regular distances in an array.
   *
   * @param stride distance between the first bytes of consecutive images
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
    super(name, shape, classNames, labels);
    this.bytes = bytes;
    this.stride = stride;
    this.start = start;
  }

  /**
   * Labeled images.
   *
   * @param name a name for tables and plots
   * @param shape the shape of each image
   * @param classNames names of the classes
   * @param bytes all images one after the other, each in the order channel, row, column; kept, not
   *     copied
   * @param labels one label per image: a class index or {@link Batch#UNLABELED}; copied
   * @return the images
   * @throws IllegalArgumentException if the lengths are inconsistent or a label is out of range
   */
  public static ByteImages of(
      String name, ImageShape shape, List<String> classNames, byte[] bytes, int... labels) {
    checkArgument(
        bytes.length == (long) labels.length * shape.size(),
        "%s images of %s, one per label, need %s bytes, got %s",
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
  public static ByteImages unlabeled(String name, ImageShape shape, byte[] bytes) {
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
  void copy(int index, float[] target, int offset) {
    toFloats(bytes, start + index * stride, shape().size(), target, offset);
  }

  /** Converts bytes from 0 to 255 to values in [-1, 1]. */
  static void toFloats(byte[] bytes, int from, int count, float[] target, int offset) {
    for (int i = 0; i < count; i++) {
      target[offset + i] = VALUE_OF_BYTE[bytes[from + i] & 0xff];
    }
  }
}
