package org.udge.sampling;

import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.random.RandomStream;

/**
 * The distribution from which new chains start. Implementations must be immutable, thread-safe and
 * deterministic: equal streams give equal images. Loss terms share a replay buffer only if their
 * distributions are equal.
 */
@FunctionalInterface
public interface InitialDistribution {

  /**
   * Draws one image.
   *
   * @param shape the shape of the image
   * @param label the requested class, or {@link Batch#UNLABELED} for any
   * @param random the source of randomness
   * @return a new array, in the order channel, row, column
   * @throws IllegalArgumentException if the distribution is of images of another shape or does not
   *     know the class
   */
  float[] draw(ImageShape shape, int label, RandomStream random);
}
