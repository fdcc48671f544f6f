package org.udge.data;

import static org.udge.internal.Preconditions.checkArgument;

/**
 * The shape of an image, or of the feature maps that a network computes from one; batches are [N,
 * channels, height, width] ("NCHW").
 *
 * @param channels the number of color channels or feature maps, at least 1
 * @param height the number of rows, at least 1
 * @param width the number of columns, at least 1
 */
public record ImageShape(int channels, int height, int width) {

  /** The shape of CIFAR and SVHN images: 3 channels of 32 x 32. */
  public static final ImageShape CIFAR = new ImageShape(3, 32, 32);

  /**
   * Checks the sizes.
   *
   * @param channels the number of color channels or feature maps, at least 1
   * @param height the number of rows, at least 1
   * @param width the number of columns, at least 1
   * @throws IllegalArgumentException if one is below 1
   */
  public ImageShape {
    checkArgument(channels > 0, "channels must be at least 1, was %s", channels);
    checkArgument(height > 0, "height must be at least 1, was %s", height);
    checkArgument(width > 0, "width must be at least 1, was %s", width);
  }

  /**
   * Returns the shape of a table's row: one channel of a single pixel per feature.
   *
   * @param count the number of features, at least 1
   * @return count x 1 x 1
   * @throws IllegalArgumentException if it is below 1
   */
  public static ImageShape ofFeatures(int count) {
    checkArgument(count > 0, "features must be at least 1, was %s", count);
    return new ImageShape(count, 1, 1);
  }

  /**
   * Returns the number of values in one image.
   *
   * @return channels x height x width
   */
  public int size() {
    return channels * height * width;
  }

  /**
   * Returns the shape of a batch.
   *
   * @param images the number of images
   * @return [images, channels, height, width]
   */
  public long[] batch(int images) {
    return new long[] {images, channels, height, width};
  }

  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
