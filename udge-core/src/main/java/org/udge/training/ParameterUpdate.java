package org.udge.training;

import org.udge.state.Stateful;

/** An optimizer at work on one graph. Not thread-safe. */
public interface ParameterUpdate extends Stateful {

  /**
   * Changes the graph's parameters by its flat gradient view. The gradient view is overwritten.
   *
   * @param learningRate factor of this update, not negative; what remedies of divergence made of it
   *     included
   * @param reduction what remedies made of the rate, in (0, 1], usually 1: for optimizers that have
   *     rates of their own, whose steps are to be this much smaller
   * @param update number of updates done before, from 0
   * @param epoch from 0
   */
  void apply(double learningRate, double reduction, long update, long epoch);
}
