package org.udge.engine.onednn;

/**
 * Shape of one image's activations between layers.
 *
 * @param channels feature maps, or features of a flat vector
 * @param height rows, 1 for a flat vector
 * @param width columns, 1 for a flat vector
 */
record Shape(int channels, int height, int width) {

  static Shape flat(int features) {
    return new Shape(features, 1, 1);
  }

  int size() {
    return channels * height * width;
  }

  long[] batch(int images) {
    return new long[] {images, channels, height, width};
  }

  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
