package org.udge.training;

import org.udge.state.Stateful;

/** An optimizer applied to one graph. Not thread-safe. */
public interface ParameterUpdate extends Stateful {

  /**
   * Updates the graph's parameters according to its flat gradient view, which is overwritten.
   *
   * @param learningRate the learning rate of this update, not negative; includes the effect of
   *     remedies of divergence
   * @param reduction the factor by which remedies reduced the rate, in (0, 1], usually 1: for
   *     optimizers with their own learning rates, whose steps must be reduced by it
   * @param update the number of updates done before, from 0
   * @param epoch the epoch, from 0
   */
  void apply(double learningRate, double reduction, long update, long epoch);
}
