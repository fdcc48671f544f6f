package org.udge.sampling;

import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.random.RandomStream;

/**
 * Where new chains start. Implementations are immutable and thread-safe: the same stream gives the
 * same image. Loss terms share a replay buffer only where their distributions are equal objects.
 */
@FunctionalInterface
public interface InitialDistribution {

  /**
   * Draws one image.
   *
   * @param shape the image's shape
   * @param label the class the image is wanted of, or {@link Batch#UNLABELED} for any
   * @param random where all randomness comes from
   * @return a new array, in the order channel, row, column
   * @throws IllegalArgumentException if the distribution is of images of another shape or knows no
   *     such class
   */
  float[] draw(ImageShape shape, int label, RandomStream random);
}
