package org.udge.data;

import org.udge.random.RandomStream;

/**
 * A random change of a training image. Implementations are in {@code udge-datasets}; a lambda does.
 *
 * <p>Must be safe for concurrent use: everything random comes from the stream it is given.
 */
@FunctionalInterface
public interface Augmentation {

  /**
   * Changes one image in place.
   *
   * @param pixels images, each in the order channel, row, column
   * @param offset where the image starts
   * @param shape the image's shape
   * @param random where all randomness comes from
   */
  void apply(float[] pixels, int offset, ImageShape shape, RandomStream random);

  /**
   * No change.
   *
   * @return the identity
   */
  static Augmentation none() {
    return (pixels, offset, shape, random) -> {};
  }

  /**
   * This change, then another.
   *
   * @param next what follows
   * @return both
   */
  default Augmentation then(Augmentation next) {
    return (pixels, offset, shape, random) -> {
      apply(pixels, offset, shape, random);
      next.apply(pixels, offset, shape, random);
    };
  }
}
