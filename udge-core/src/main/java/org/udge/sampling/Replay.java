package org.udge.sampling;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;

/**
 * Settings of a {@link ReplayBuffer}.
 *
 * <p>Defaults are the published ones: 10,000 images, 5 % of the chains started anew each time, from
 * uniform noise; except that the chains of one draw are distinct images of the buffer. The
 * published program draws with replacement and then loses all but one of the chains that came from
 * the same image ({@link #withReplacement}). The exception is a draw of more chains of a class than
 * the class has images, size / classes: it takes all of them once, then again.
 *
 * <p>Immutable and thread-safe. Equal settings are equal objects.
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
   * The published settings with another size.
   *
   * @param size how many images, at least 1; published: 10,000
   * @return settings
   */
  public static Replay ofSize(int size) {
    return new Replay(size, 0.05, UniformImages.ofDefaults(), false);
  }

  /**
   * The default settings: {@code ofSize(10_000)}.
   *
   * @return settings
   */
  public static Replay ofDefaults() {
    return ofSize(10_000);
  }

  /**
   * Sets how many images the buffer holds.
   *
   * @param count at least 1; default 10,000
   * @return new settings
   */
  public Replay withSize(int count) {
    return new Replay(count, reinitialization, start, replacement);
  }

  /**
   * Sets how often chains start anew. 1 makes every chain start anew: short-run sampling, for which
   * the buffer only remembers the last samples.
   *
   * @param probability in [0, 1]; default 0.05
   * @return new settings
   */
  public Replay withReinitialization(double probability) {
    return new Replay(size, probability, start, replacement);
  }

  /**
   * Sets where new chains start.
   *
   * @param distribution default {@link UniformImages#ofDefaults()}
   * @return new settings
   */
  public Replay withStart(InitialDistribution distribution) {
    return new Replay(size, reinitialization, distribution, replacement);
  }

  /**
   * Sets whether one draw may hold the same image of the buffer twice while there are others; of
   * chains from the same image the last one stored wins, as in the published program.
   *
   * @param allowed default false
   * @return new settings
   */
  public Replay withReplacement(boolean allowed) {
    return new Replay(size, reinitialization, start, allowed);
  }

  /**
   * How many images the buffer holds.
   *
   * @return at least 1
   */
  public int size() {
    return size;
  }

  /**
   * Probability that a chain starts anew.
   *
   * @return in [0, 1]
   */
  public double reinitialization() {
    return reinitialization;
  }

  /**
   * Where new chains start.
   *
   * @return the distribution
   */
  public InitialDistribution start() {
    return start;
  }

  /**
   * Whether one draw may hold the same image twice while there are others.
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
