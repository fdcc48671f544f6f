package org.udge.loss;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import org.udge.data.ImageShape;
import org.udge.random.RandomStreams;

/**
 * What a term may need to know when a run begins.
 *
 * @param classes number of logits, at least 1
 * @param shape shape of the images
 * @param streams where all of the term's randomness comes from
 */
public record LossSetup(int classes, ImageShape shape, RandomStreams streams) {

  /**
   * Checks the values.
   *
   * @param classes number of logits, at least 1
   * @param shape shape of the images
   * @param streams where all of the term's randomness comes from
   * @throws IllegalArgumentException if there is no class
   */
  public LossSetup {
    checkArgument(classes > 0, "classes must be at least 1, was %s", classes);
    requireNonNull(shape);
    requireNonNull(streams);
  }
}
