package org.udge.loss;

import java.util.Optional;
import org.udge.data.Batch;
import org.udge.state.State;

/**
 * A term that draws images from the model.
 *
 * <p>The training loop calls {@link #draw} once per step, before the forward pass that all terms
 * share, runs the network on the result together with the step's other images, and passes those
 * logits in group {@link ImageGroup#SAMPLED} of this term's own {@link LossInput}.
 */
public interface SamplingLoss extends LossFunction {

  /**
   * Draws images with the current network, and stores them if the term has a memory.
   *
   * @param context the engine, labels and randomness of this step
   * @return the images, with labels if they were drawn conditionally on a class; valid until the
   *     next draw
   */
  Batch draw(SampleContext context);

  @Override
  default Optional<OwnImages> ownImages(SampleContext context) {
    return Optional.of(OwnImages.sampled(draw(context)));
  }

  /**
   * Returns the replay buffer in the captured state of a term of this library.
   *
   * @param state the captured state of {@link MarginalSGLD} or {@link ConditionalSGLD}
   * @return the state of a {@link org.udge.sampling.ReplayBuffer}; empty if another term of the run
   *     shares and saves it
   * @throws IllegalArgumentException if the state is that of another term
   */
  static Optional<State> replayBuffer(State state) {
    return ChainLoss.replayBuffer(state);
  }

  /**
   * Changes a setting of the run because training diverged. The change is part of what {@link
   * #captureState()} captures, and is applied to the settings of the term into which that state is
   * restored. To roll back with a remedy, restore first, then adjust, then capture again; otherwise
   * the next rollback undoes the remedy.
   *
   * @param remedy the change
   * @return a human-readable description of the change, old value and new; empty if the remedy does
   *     not concern this term
   */
  Optional<String> adjust(Remedy remedy);
}
