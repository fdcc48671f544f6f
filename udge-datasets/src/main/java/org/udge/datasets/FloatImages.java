package org.udge.datasets;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import org.udge.data.Batch;
import org.udge.data.ImageShape;

/**
 * Images held in memory as float32 values, without conversion.
 *
 * <p>Immutable and thread-safe.
 */
public final class FloatImages extends IndexedImages {

  private final float[] pixels;

  private FloatImages(
      String name, ImageShape shape, List<String> classNames, float[] pixels, int[] labels) {
    super(name, shape, classNames, labels);
    this.pixels = pixels;
  }

  /**
   * Labeled images.
   *
   * @param name a name for tables and plots
   * @param shape the shape of each image
   * @param classNames names of the classes
   * @param pixels all images one after the other, each in the order channel, row, column, usually
   *     in [-1, 1]; kept, not copied
   * @param labels one label per image: a class index or {@link Batch#UNLABELED}; copied
   * @return the images
   * @throws IllegalArgumentException if the lengths are inconsistent or a label is out of range
   */
  public static FloatImages of(
      String name, ImageShape shape, List<String> classNames, float[] pixels, int... labels) {
    checkArgument(
        pixels.length == (long) labels.length * shape.size(),
        "%s images of %s, one per label, need %s values, got %s",
        labels.length,
        shape,
        (long) labels.length * shape.size(),
        pixels.length);
    Labels.check(labels, classNames.size());
    return new FloatImages(name, shape, classNames, pixels, labels.clone());
  }

  /**
   * Images without labels.
   *
   * @param name a name for tables and plots
   * @param shape the shape of each image
   * @param pixels all images one after the other, each in the order channel, row, column, usually
   *     in [-1, 1]; kept, not copied
   * @return the images
   * @throws IllegalArgumentException if the length is not a whole number of images
   */
  public static FloatImages unlabeled(String name, ImageShape shape, float[] pixels) {
    checkArgument(
        pixels.length % shape.size() == 0,
        "pixels must be a whole number of %s images of %s values each, got %s values",
        shape,
        shape.size(),
        pixels.length);
    int[] labels = Labels.none(pixels.length / shape.size());
    return new FloatImages(name, shape, List.of(), pixels, labels);
  }

  @Override
  void copy(int index, float[] target, int offset) {
    System.arraycopy(pixels, index * shape().size(), target, offset, shape().size());
  }
}
