package org.udge.loss;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.Optional;
import org.udge.data.Batch;
import org.udge.engine.Engine;
import org.udge.random.RandomStreams;

/** What a term needs in order to bring images of its own to one training step. */
public final class SampleContext {

  private final Engine engine;
  private final int[] labels;
  private final long step;
  private final RandomStreams streams;
  private final Optional<Batch> labeled;
  private final Optional<Batch> unlabeled;

  private SampleContext(
      Engine engine,
      int[] labels,
      long step,
      RandomStreams streams,
      Optional<Batch> labeled,
      Optional<Batch> unlabeled) {
    checkArgument(step >= 0, "step must not be negative, was %s", step);
    this.engine = requireNonNull(engine);
    this.labels = requireNonNull(labels);
    this.step = step;
    this.streams = requireNonNull(streams);
    this.labeled = labeled;
    this.unlabeled = unlabeled;
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
    return new SampleContext(engine, labels, step, streams, Optional.empty(), Optional.empty());
  }

  /**
   * This context with the images of the step.
   *
   * @param labeled images with labels
   * @param unlabeled images for terms of log p(x), the same where there are no others
   * @return a new context
   */
  public SampleContext withImages(Batch labeled, Batch unlabeled) {
    return new SampleContext(
        engine, labels, step, streams, Optional.of(labeled), Optional.of(unlabeled));
  }

  /**
   * The step's images with labels; do not change them.
   *
   * @return the batch
   * @throws IllegalStateException if this context was made without images
   */
  public Batch labeled() {
    return labeled.orElseThrow(SampleContext::noImages);
  }

  /**
   * The step's images for terms of log p(x); do not change them.
   *
   * @return the batch
   * @throws IllegalStateException if this context was made without images
   */
  public Batch unlabeled() {
    return unlabeled.orElseThrow(SampleContext::noImages);
  }

  private static IllegalStateException noImages() {
    return new IllegalStateException(
        "this context was made without the step's images: add them by withImages");
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
