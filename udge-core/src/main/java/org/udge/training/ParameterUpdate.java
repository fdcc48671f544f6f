package org.udge.training;

import org.udge.state.Stateful;

/** An optimizer at work on one graph. Not thread-safe. */
public interface ParameterUpdate extends Stateful {

  /**
   * Changes the graph's parameters by its flat gradient view. The gradient view is overwritten.
   *
   * @param learningRate factor of this update, not negative
   * @param update number of updates done before, from 0
   * @param epoch from 0
   */
  void apply(double learningRate, long update, long epoch);
}
