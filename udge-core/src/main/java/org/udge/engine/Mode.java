package org.udge.engine;

/** The behavior of layers that differ between training and evaluation. */
public enum Mode {
  /**
   * Batch statistics, whose running averages are updated through the backward pass; dropout active.
   */
  TRAINING,
  /**
   * Running statistics, which are not updated; dropout active. For images that are not part of the
   * data.
   */
  TRAINING_FROZEN_STATISTICS,
  /** Running statistics, no dropout: the output for an image depends on that image alone. */
  EVALUATION;

  /**
   * Returns whether dropout is active.
   *
   * @return true for both training modes
   */
  public boolean dropout() {
    return this != EVALUATION;
  }
}
