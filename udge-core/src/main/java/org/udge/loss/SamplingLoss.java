package org.udge.loss;

import java.util.Optional;
import org.udge.data.Batch;
import org.udge.state.State;

/**
 * A term that draws images from the model.
 *
 * <p>The training loop calls {@link #draw} once a step, before the forward pass that all terms
 * share, runs the network on what it returns together with the step's other images, and puts those
 * logits into group {@link ImageGroup#SAMPLED} of this term's own {@link LossInput}.
 */
public interface SamplingLoss extends LossFunction {

  /**
   * Draws images with the network as it is now, and remembers them where the term has a memory.
   *
   * @param context the engine, labels and randomness of this step
   * @return the images, with labels where they were drawn given a class; valid until the next draw
   */
  Batch draw(SampleContext context);

  @Override
  default Optional<OwnImages> ownImages(SampleContext context) {
    return Optional.of(OwnImages.sampled(draw(context)));
  }

  /**
   * Finds the replay buffer in what a term of this library captured.
   *
   * @param state the captured state of {@link MarginalSGLD} or {@link ConditionalSGLD}
   * @return the state of a {@link org.udge.sampling.ReplayBuffer}; empty if another term of the run
   *     shares and saves it
   * @throws IllegalArgumentException if the state is of another term
   */
  static Optional<State> replayBuffer(State state) {
    return ChainLoss.replayBuffer(state);
  }

  /**
   * Changes a setting of the run because training diverged. The change is part of what {@link
   * #captureState()} captures, and is made to the settings of the term that the state is restored
   * into. To roll back with a remedy, restore first, then adjust, then capture again, or the next
   * rollback undoes it.
   *
   * @param remedy what to change
   * @return what was changed into what, for people; empty if the remedy does not concern this term
   */
  Optional<String> adjust(Remedy remedy);
}
