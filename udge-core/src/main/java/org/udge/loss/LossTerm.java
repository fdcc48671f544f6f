package org.udge.loss;

import java.util.Set;

/**
 * A term of an objective: the settings of a loss, without its memory.
 *
 * <p>Immutable and thread-safe; the same term may be used in any number of runs.
 */
public interface LossTerm {

  /**
   * Returns a short name in lower case with underscores, unique within an objective, under which
   * metrics are reported.
   *
   * @return for example {@code cross_entropy}
   */
  String name();

  /**
   * Returns the groups of images that the term reads. It contributes those of {@link
   * ImageGroup#SAMPLED} and {@link ImageGroup#OWN} itself: see {@link LossFunction#ownImages}.
   *
   * @return one or more groups
   */
  Set<ImageGroup> groups();

  /**
   * Starts a run of training.
   *
   * @param setup what the term may need to know
   * @return the function to minimize, with its own memory
   * @throws IllegalArgumentException if the term cannot work with that setup
   */
  LossFunction begin(LossSetup setup);
}
