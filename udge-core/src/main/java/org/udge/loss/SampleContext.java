package org.udge.loss;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.Optional;
import org.udge.data.Batch;
import org.udge.engine.Engine;
import org.udge.random.RandomStreams;

/** The input that a term needs to contribute images of its own to a training step. */
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
   * Returns the context of one step.
   *
   * @param engine runs the network with its current parameters; may be of lower precision than the
   *     one used for training
   * @param labels the classes of the step's labeled images; empty if it has none. Kept, not copied
   * @param step the training step, from 0
   * @param streams the source of randomness; draws depend on the streams, the term's name and the
   *     step, so a step repeated after a rollback needs a fresh child to take another path
   * @return the context
   * @throws IllegalArgumentException if the step is negative
   */
  public static SampleContext of(Engine engine, int[] labels, long step, RandomStreams streams) {
    return new SampleContext(engine, labels, step, streams, Optional.empty(), Optional.empty());
  }

  /**
   * Returns a copy of this context with the images of the step.
   *
   * @param labeled images with labels
   * @param unlabeled images for terms of log p(x); the labeled ones if there are no others
   * @return a new context
   */
  public SampleContext withImages(Batch labeled, Batch unlabeled) {
    return new SampleContext(
        engine, labels, step, streams, Optional.of(labeled), Optional.of(unlabeled));
  }

  /**
   * Returns the step's labeled images; they must not be modified.
   *
   * @return the batch
   * @throws IllegalStateException if this context was created without images
   */
  public Batch labeled() {
    return labeled.orElseThrow(SampleContext::noImages);
  }

  /**
   * Returns the step's images for terms of log p(x); they must not be modified.
   *
   * @return the batch
   * @throws IllegalStateException if this context was created without images
   */
  public Batch unlabeled() {
    return unlabeled.orElseThrow(SampleContext::noImages);
  }

  private static IllegalStateException noImages() {
    return new IllegalStateException(
        "this context was made without the step's images: add them by withImages");
  }

  /**
   * Returns the engine that runs the network with its current parameters.
   *
   * @return the engine
   */
  public Engine engine() {
    return engine;
  }

  /**
   * Returns the classes of the step's labeled images; the array must not be modified.
   *
   * @return class indices; empty if there are no labeled images
   */
  public int[] labels() {
    return labels;
  }

  /**
   * Returns the index of the training step.
   *
   * @return the step, from 0
   */
  public long step() {
    return step;
  }

  /**
   * Returns the source of randomness.
   *
   * @return the streams
   */
  public RandomStreams streams() {
    return streams;
  }
}
