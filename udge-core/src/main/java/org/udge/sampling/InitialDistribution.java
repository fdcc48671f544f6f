package org.udge.sampling;

import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.random.RandomStream;

/** Where new chains start. Must be immutable: the same stream gives the same image. */
@FunctionalInterface
public interface InitialDistribution {

  /**
   * Draws one image.
   *
   * @param shape the image's shape
   * @param label the class the image is wanted of, or {@link Batch#UNLABELLED} for any
   * @param random where all randomness comes from
   * @return a new array, in the order channel, row, column
   * @throws IllegalArgumentException if the distribution is of images of another shape or knows no
   *     such class
   */
  float[] draw(ImageShape shape, int label, RandomStream random);
}
