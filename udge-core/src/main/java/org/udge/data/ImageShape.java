package org.udge.data;

import static org.udge.internal.Preconditions.checkArgument;

/**
 * The shape of one image, or of what a network makes of one; batches are [N, channels, height,
 * width] ("NCHW").
 *
 * @param channels color channels, or feature maps; at least 1
 * @param height rows, at least 1
 * @param width columns, at least 1
 */
public record ImageShape(int channels, int height, int width) {

  /** Shape of CIFAR and SVHN images: 3 channels of 32 x 32. */
  public static final ImageShape CIFAR = new ImageShape(3, 32, 32);

  /**
   * Checks the sizes.
   *
   * @param channels color channels, or feature maps; at least 1
   * @param height rows, at least 1
   * @param width columns, at least 1
   * @throws IllegalArgumentException if one is below 1
   */
  public ImageShape {
    checkArgument(channels > 0, "channels must be at least 1, was %s", channels);
    checkArgument(height > 0, "height must be at least 1, was %s", height);
    checkArgument(width > 0, "width must be at least 1, was %s", width);
  }

  /**
   * The shape of a row of a table: so many channels of one pixel.
   *
   * @param count how many features, at least 1
   * @return count x 1 x 1
   * @throws IllegalArgumentException if it is below 1
   */
  public static ImageShape ofFeatures(int count) {
    checkArgument(count > 0, "features must be at least 1, was %s", count);
    return new ImageShape(count, 1, 1);
  }

  /**
   * Numbers in one image.
   *
   * @return channels x height x width
   */
  public int size() {
    return channels * height * width;
  }

  /**
   * The shape of a batch.
   *
   * @param images how many
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
