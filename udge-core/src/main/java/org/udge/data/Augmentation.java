package org.udge.data;

import org.udge.random.RandomStream;

/**
 * A random change of a training image. Implementations are in {@code udge-datasets}; a lambda
 * expression works too.
 *
 * <p>Must be safe for concurrent use: all randomness comes from the given stream.
 */
@FunctionalInterface
public interface Augmentation {

  /**
   * Modifies one image in place.
   *
   * @param pixels images, each in the order channel, row, column
   * @param offset the index at which the image starts
   * @param shape the shape of the image
   * @param random the source of randomness
   */
  void apply(float[] pixels, int offset, ImageShape shape, RandomStream random);

  /**
   * Returns an augmentation that changes nothing.
   *
   * @return the identity
   */
  static Augmentation none() {
    return (pixels, offset, shape, random) -> {};
  }

  /**
   * Returns the composition of this augmentation and another.
   *
   * @param next the augmentation applied after this one
   * @return the composition
   */
  default Augmentation then(Augmentation next) {
    return (pixels, offset, shape, random) -> {
      apply(pixels, offset, shape, random);
      next.apply(pixels, offset, shape, random);
    };
  }
}
