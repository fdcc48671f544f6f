package org.udge.sampling;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * Settings of a {@link ReplayBuffer}.
 *
 * <p>Defaults are the published ones: 10,000 images, 5 % of the chains started anew each time, from
 * uniform noise; except that the chains of one draw are distinct images of the buffer. The
 * published program draws with replacement and then loses all but one of the chains that came from
 * the same image ({@link #replacement}). The exception is a draw of more chains of a class than the
 * class has images, size / classes: it takes all of them once, then again.
 *
 * <p>Immutable and thread-safe.
 *
 * @param size how many images the buffer holds
 * @param reinitialisation probability that a chain starts anew
 * @param start where new chains start
 * @param replacement whether one draw may hold the same image twice while there are others
 */
public record Replay(
    int size, double reinitialisation, InitialDistribution start, boolean replacement) {

  /**
   * Checks the settings.
   *
   * @param size how many images the buffer holds, at least 1
   * @param reinitialisation probability that a chain starts anew, in [0, 1]
   * @param start where new chains start
   * @param replacement whether one draw may hold the same image twice
   * @throws IllegalArgumentException if a setting is out of range
   */
  public Replay {
    checkArgument(size > 0, "replay buffer size must be at least 1, was %s", size);
    checkArgument(
        reinitialisation >= 0 && reinitialisation <= 1,
        "reinitialisation probability must be in [0, 1], was %s",
        reinitialisation);
    requireNonNull(start);
  }

  /**
   * The published settings with another size.
   *
   * @param size how many images, at least 1; published: 10,000
   * @return settings
   */
  public static Replay size(int size) {
    return new Replay(size, 0.05, UniformImages.ofDefaults(), false);
  }

  /**
   * The default settings: {@code size(10_000)}.
   *
   * @return settings
   */
  public static Replay ofDefaults() {
    return size(10_000);
  }

  /**
   * Sets how often chains start anew. 1 makes every chain start anew: short-run sampling, for which
   * the buffer only remembers the last samples.
   *
   * @param probability in [0, 1]; default 0.05
   * @return new settings
   */
  public Replay reinitialisation(double probability) {
    return new Replay(size, probability, start, replacement);
  }

  /**
   * Sets where new chains start.
   *
   * @param distribution default {@link UniformImages#ofDefaults()}
   * @return new settings
   */
  public Replay start(InitialDistribution distribution) {
    return new Replay(size, reinitialisation, distribution, replacement);
  }

  /**
   * Sets whether one draw may hold the same image of the buffer twice while there are others; of
   * chains from the same image the last one stored wins, as in the published program.
   *
   * @param allowed default false
   * @return new settings
   */
  public Replay replacement(boolean allowed) {
    return new Replay(size, reinitialisation, start, allowed);
  }
}
