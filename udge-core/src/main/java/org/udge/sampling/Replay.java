package org.udge.sampling;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;

/**
 * Settings of a {@link ReplayBuffer}.
 *
 * <p>Defaults are the published ones: 10,000 images, and 5 % of the chains restarted at each draw,
 * from uniform noise; except that the chains of one draw start from distinct images of the buffer.
 * The published program draws with replacement and then loses all but one of the chains that
 * started from the same image ({@link #withReplacement}). If a draw requests more chains of a class
 * than the class has images, size / classes, each image is used once before any is used again.
 *
 * <p>Immutable and thread-safe. Settings with equal values are equal.
 */
public final class Replay {

  private final int size;
  private final double reinitialization;
  private final InitialDistribution start;
  private final boolean replacement;

  private Replay(
      int size, double reinitialization, InitialDistribution start, boolean replacement) {
    checkArgument(size > 0, "replay buffer size must be at least 1, was %s", size);
    checkArgument(
        reinitialization >= 0 && reinitialization <= 1,
        "reinitialization probability must be in [0, 1], was %s",
        reinitialization);
    this.size = size;
    this.reinitialization = reinitialization;
    this.start = requireNonNull(start);
    this.replacement = replacement;
  }

  /**
   * Returns the published settings with another size.
   *
   * @param size the number of images, at least 1; published: 10,000
   * @return settings
   */
  public static Replay ofSize(int size) {
    return new Replay(size, 0.05, UniformImages.ofDefaults(), false);
  }

  /**
   * Returns the default settings: {@code ofSize(10_000)}.
   *
   * @return settings
   */
  public static Replay ofDefaults() {
    return ofSize(10_000);
  }

  /**
   * Returns a copy of these settings with another size of the buffer.
   *
   * @param count the number of images, at least 1; default 10,000
   * @return new settings
   */
  public Replay withSize(int count) {
    return new Replay(count, reinitialization, start, replacement);
  }

  /**
   * Returns a copy of these settings with another probability of restarting a chain. With 1, every
   * chain starts anew: short-run sampling, for which the buffer only stores the last samples.
   *
   * @param probability the probability, in [0, 1]; default 0.05
   * @return new settings
   */
  public Replay withReinitialization(double probability) {
    return new Replay(size, probability, start, replacement);
  }

  /**
   * Returns a copy of these settings with another distribution from which new chains start.
   *
   * @param distribution the distribution; default {@link UniformImages#ofDefaults()}
   * @return new settings
   */
  public Replay withStart(InitialDistribution distribution) {
    return new Replay(size, reinitialization, distribution, replacement);
  }

  /**
   * Returns a copy of these settings that allows or forbids the same image of the buffer to occur
   * twice in one draw while others remain; of several chains from the same image, the last one
   * stored replaces it, as in the published program.
   *
   * @param allowed whether it may occur twice; default false
   * @return new settings
   */
  public Replay withReplacement(boolean allowed) {
    return new Replay(size, reinitialization, start, allowed);
  }

  /**
   * Returns the capacity of the buffer.
   *
   * @return the number of images, at least 1
   */
  public int size() {
    return size;
  }

  /**
   * Returns the probability that a chain starts anew.
   *
   * @return the probability, in [0, 1]
   */
  public double reinitialization() {
    return reinitialization;
  }

  /**
   * Returns the distribution from which new chains start.
   *
   * @return the distribution
   */
  public InitialDistribution start() {
    return start;
  }

  /**
   * Returns whether the same image may occur twice in one draw while others remain.
   *
   * @return true for draws with replacement
   */
  public boolean replacement() {
    return replacement;
  }

  private List<Object> values() {
    return List.of(size, reinitialization, start, replacement);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Replay that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "Replay[size=%s, reinitialization=%s, start=%s, replacement=%s]",
        values().toArray());
  }
}
