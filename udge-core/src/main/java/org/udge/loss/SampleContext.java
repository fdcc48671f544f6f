package org.udge.loss;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import org.udge.engine.Engine;
import org.udge.random.RandomStreams;

/** What a term needs in order to draw the images of one training step from the model. */
public final class SampleContext {

  private final Engine engine;
  private final int[] labels;
  private final long step;
  private final RandomStreams streams;

  private SampleContext(Engine engine, int[] labels, long step, RandomStreams streams) {
    checkArgument(step >= 0, "step must not be negative, was %s", step);
    this.engine = requireNonNull(engine);
    this.labels = requireNonNull(labels);
    this.step = step;
    this.streams = requireNonNull(streams);
  }

  /**
   * The context of one step.
   *
   * @param engine runs the network with its present parameters; may be of lower precision than the
   *     one that trains
   * @param labels classes of the step's labeled images; empty if it has none. Kept, not copied
   * @param step the training step, from 0
   * @param streams where all randomness comes from; draws depend on these, the term's name and the
   *     step, so a step repeated after a rollback needs a fresh child to go another way
   * @return the context
   * @throws IllegalArgumentException if the step is negative
   */
  public static SampleContext of(Engine engine, int[] labels, long step, RandomStreams streams) {
    return new SampleContext(engine, labels, step, streams);
  }

  /**
   * Runs the network with its present parameters.
   *
   * @return the engine
   */
  public Engine engine() {
    return engine;
  }

  /**
   * Classes of the step's labeled images; do not change them.
   *
   * @return empty if it has none
   */
  public int[] labels() {
    return labels;
  }

  /**
   * The training step.
   *
   * @return from 0
   */
  public long step() {
    return step;
  }

  /**
   * Where all randomness comes from.
   *
   * @return the streams
   */
  public RandomStreams streams() {
    return streams;
  }
}
