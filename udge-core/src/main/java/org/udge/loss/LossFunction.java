package org.udge.loss;

import org.udge.state.State;
import org.udge.state.Stateful;

/**
 * A term at work in one run of training. A lambda does for a term without memory.
 *
 * <p>Not thread-safe: one training loop calls it.
 */
@FunctionalInterface
public interface LossFunction extends Stateful {

  /**
   * The term's value, metrics and gradient. Must not change what the function remembers.
   *
   * @param input the logits of a step
   * @return the value
   */
  LossValue evaluate(LossInput input);

  /**
   * Takes in what a step leaves behind, once a step, after every term was evaluated: a queue takes
   * the batch's logits here.
   *
   * @param input the logits of the step
   */
  default void remember(LossInput input) {}

  @Override
  default State captureState() {
    return State.empty();
  }

  @Override
  default void restoreState(State state) {}
}
