package org.udge.loss;

import java.util.Optional;
import org.udge.state.State;
import org.udge.state.Stateful;

/**
 * A term within one run of training. A term without memory can be a lambda expression.
 *
 * <p>Not thread-safe: it is called by a single training loop.
 */
@FunctionalInterface
public interface LossFunction extends Stateful {

  /**
   * Returns images that the term itself contributes to a step. The training loop calls this once
   * per step, before the forward pass that all terms share, runs the network on these images
   * together with the step's other images, and passes the logits in their group of this term's own
   * {@link LossInput}.
   *
   * <p>Whatever {@link #evaluate} needs to know about them may be kept until the next call; it is
   * not part of the state. Randomness comes from the context, as a function of the step, so that a
   * resumed run creates the same images.
   *
   * @param context the step's images, the network, and the source of randomness
   * @return the images; default: empty, the term reads only the step's images
   */
  default Optional<OwnImages> ownImages(SampleContext context) {
    return Optional.empty();
  }

  /**
   * Computes the term's value, metrics and gradient. Must not change what the function remembers.
   *
   * @param input the logits of a step
   * @return the value
   */
  LossValue evaluate(LossInput input);

  /**
   * Updates the term's memory, once per step, after every term was evaluated: a queue appends the
   * batch's logits here.
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
