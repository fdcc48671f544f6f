package org.udge.loss;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import org.udge.engine.Engine;
import org.udge.random.RandomStreams;

/**
 * What a term needs in order to draw the images of one training step from the model.
 *
 * @param engine runs the network with its present parameters; may be of lower precision than the
 *     one that trains
 * @param labels classes of the step's labelled images; empty if it has none. Not to be changed
 * @param step the training step, from 0
 * @param streams where all randomness comes from; draws depend on these, the term's name and the
 *     step, so a step repeated after a rollback needs a fresh child to go another way
 */
public record SampleContext(Engine engine, int[] labels, long step, RandomStreams streams) {

  /**
   * Checks the values. The labels are kept, not copied.
   *
   * @param engine runs the network with its present parameters
   * @param labels classes of the step's labelled images; empty if it has none
   * @param step the training step, from 0
   * @param streams where all randomness comes from
   */
  public SampleContext {
    requireNonNull(engine);
    requireNonNull(labels);
    checkArgument(step >= 0, "step must not be negative, was %s", step);
    requireNonNull(streams);
  }
}
