package org.udge.engine;

/** How layers that behave differently in training and in use are to behave. */
public enum Mode {
  /** Batch statistics (the backward pass says how their running averages move), dropout active. */
  TRAINING,
  /** Running statistics, left as they are; dropout active. For images that are not data. */
  TRAINING_FROZEN_STATISTICS,
  /** Running statistics, no dropout: the network as a function of one image. */
  EVALUATION;

  /**
   * Whether dropout is active.
   *
   * @return true for both training modes
   */
  public boolean dropout() {
    return this != EVALUATION;
  }
}
