package org.udge.loss;

import java.util.Optional;
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
   * Images that the term brings to a step itself. The training loop calls this once a step, before
   * the forward pass that all terms share, runs the network on them together with the step's other
   * images, and puts the logits into their group of this term's own {@link LossInput}.
   *
   * <p>What {@link #evaluate} needs to know of them may be kept until the next call; it is not part
   * of the state. Randomness comes from the context, as a function of the step, so that a run that
   * goes on makes the same images.
   *
   * @param context the step's images, the network, and randomness
   * @return the images; default: empty, the term reads the step's images only
   */
  default Optional<OwnImages> ownImages(SampleContext context) {
    return Optional.empty();
  }

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
