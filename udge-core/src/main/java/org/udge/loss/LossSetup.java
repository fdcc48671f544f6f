package org.udge.loss;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.Set;
import org.udge.data.ImageShape;
import org.udge.published.PublishedHabit;
import org.udge.random.RandomStreams;

/**
 * What a term may need to know when a run begins. All terms of a run share the same memory.
 *
 * <p>Immutable except for the memory: a run belongs to one thread.
 */
public final class LossSetup {

  private final int classes;
  private final ImageShape shape;
  private final RandomStreams streams;
  private final RunMemory memory;
  private final Set<PublishedHabit> habits;

  private LossSetup(
      int classes,
      ImageShape shape,
      RandomStreams streams,
      RunMemory memory,
      Set<PublishedHabit> habits) {
    checkArgument(classes > 0, "classes must be at least 1, was %s", classes);
    this.classes = classes;
    this.shape = requireNonNull(shape);
    this.streams = requireNonNull(streams);
    this.memory = memory;
    this.habits = Set.copyOf(habits);
  }

  /**
   * Returns the setup of a new run, with its own memory.
   *
   * @param classes the number of logits, at least 1
   * @param shape the shape of the images
   * @param streams the source of the terms' randomness
   * @return the setup
   * @throws IllegalArgumentException if there is no class
   */
  public static LossSetup of(int classes, ImageShape shape, RandomStreams streams) {
    return new LossSetup(classes, shape, streams, new RunMemory(), Set.of());
  }

  /**
   * Returns the setup of the same run with other streams, for example a subtree for each term.
   *
   * @param other the source of the term's randomness
   * @return a setup that shares this one's memory
   */
  public LossSetup withStreams(RandomStreams other) {
    return new LossSetup(classes, shape, other, memory, habits);
  }

  /**
   * Returns the setup of the same run with habits of the published program.
   *
   * @param published the habits; default: none
   * @return a setup that shares this one's memory
   */
  public LossSetup withHabits(Set<PublishedHabit> published) {
    return new LossSetup(classes, shape, streams, memory, published);
  }

  /**
   * Returns the number of classes.
   *
   * @return the number of logits, at least 1
   */
  public int classes() {
    return classes;
  }

  /**
   * Returns the shape of the images.
   *
   * @return the shape
   */
  public ImageShape shape() {
    return shape;
  }

  /**
   * Returns the source of the term's randomness.
   *
   * @return the streams
   */
  public RandomStreams streams() {
    return streams;
  }

  /**
   * Returns whether the run has a habit of the published program.
   *
   * @param habit a habit that concerns terms
   * @return false unless the trainer was configured otherwise
   */
  public boolean follows(PublishedHabit habit) {
    return habits.contains(habit);
  }

  /**
   * Returns the memory that the terms of this run share.
   *
   * @return the memory
   */
  public RunMemory memory() {
    return memory;
  }
}
