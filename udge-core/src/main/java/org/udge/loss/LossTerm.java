package org.udge.loss;

import java.util.Set;

/**
 * One term of an objective: what to compute, not yet what it remembers.
 *
 * <p>Immutable and thread-safe; the same term may serve many runs.
 */
public interface LossTerm {

  /**
   * A short name in lower case with underscores, unique within an objective; metrics are reported
   * under it.
   *
   * @return for example {@code cross_entropy}
   */
  String name();

  /**
   * Which images the term reads. Those of {@link ImageGroup#SAMPLED} and {@link ImageGroup#OWN} it
   * brings itself: {@link LossFunction#ownImages}.
   *
   * @return one or more groups
   */
  Set<ImageGroup> groups();

  /**
   * Starts a run of training.
   *
   * @param setup what the term may need to know
   * @return the function to minimize, with memory of its own
   * @throws IllegalArgumentException if the term cannot work with that setup
   */
  LossFunction begin(LossSetup setup);
}
