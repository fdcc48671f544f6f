package org.udge.engine.nodes;

import static org.udge.internal.Preconditions.checkArgument;

/**
 * Shape of one image's activations between nodes. Immutable and thread-safe.
 *
 * @param channels feature maps, or features of a flat vector; at least 1
 * @param height rows, 1 for a flat vector; at least 1
 * @param width columns, 1 for a flat vector; at least 1
 */
public record Shape(int channels, int height, int width) {

  /**
   * Checks sizes.
   *
   * @param channels feature maps, or features of a flat vector; at least 1
   * @param height rows, 1 for a flat vector; at least 1
   * @param width columns, 1 for a flat vector; at least 1
   * @throws IllegalArgumentException if one is below 1
   */
  public Shape {
    checkArgument(
        channels > 0 && height > 0 && width > 0,
        "channels, height and width must be at least 1, were %s x %s x %s",
        channels,
        height,
        width);
  }

  /**
   * A vector.
   *
   * @param features its length, at least 1
   * @return so many channels of one pixel
   */
  public static Shape flat(int features) {
    return new Shape(features, 1, 1);
  }

  /**
   * Numbers of one image.
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
   * @return [images, channels, height, width], a new array
   */
  public long[] batch(int images) {
    return new long[] {images, channels, height, width};
  }

  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
