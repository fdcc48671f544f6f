package org.udge.loss;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import org.udge.data.ImageShape;
import org.udge.random.RandomStreams;

/**
 * What a term may need to know when a run begins. All terms of a run get the same memory.
 *
 * @param classes number of logits, at least 1
 * @param shape shape of the images
 * @param streams where all of the term's randomness comes from
 * @param memory what the terms of this run share
 */
public record LossSetup(int classes, ImageShape shape, RandomStreams streams, RunMemory memory) {

  /**
   * Checks the values.
   *
   * @param classes number of logits, at least 1
   * @param shape shape of the images
   * @param streams where all of the term's randomness comes from
   * @param memory what the terms of this run share
   * @throws IllegalArgumentException if there is no class
   */
  public LossSetup {
    checkArgument(classes > 0, "classes must be at least 1, was %s", classes);
    requireNonNull(shape);
    requireNonNull(streams);
    requireNonNull(memory);
  }

  /**
   * The setup of a new run, with a memory of its own.
   *
   * @param classes number of logits, at least 1
   * @param shape shape of the images
   * @param streams where all of the terms' randomness comes from
   * @throws IllegalArgumentException if there is no class
   */
  public LossSetup(int classes, ImageShape shape, RandomStreams streams) {
    this(classes, shape, streams, new RunMemory());
  }

  /**
   * The same run with other streams, for example a subtree for each term.
   *
   * @param streams where all of the term's randomness comes from
   * @return a setup that shares this one's memory
   */
  public LossSetup streams(RandomStreams streams) {
    return new LossSetup(classes, shape, streams, memory);
  }
}
