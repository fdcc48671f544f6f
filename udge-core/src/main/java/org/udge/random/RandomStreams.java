package org.udge.random;

import static java.util.Objects.requireNonNull;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;

/**
 * A root seed and the named streams derived from it.
 *
 * <p>The seed of a stream is a 256-bit SHA-256 hash of the root seed, the path of names and the
 * counters, so streams are independent for all practical purposes and the same on every machine.
 *
 * <p>Immutable and thread-safe; trees with the same seed and names are equal. The streams it
 * returns are not thread-safe.
 */
public final class RandomStreams {

  private final long seed;
  private final String path;

  private RandomStreams(long seed, String path) {
    this.seed = seed;
    this.path = path;
  }

  /**
   * Returns the tree of streams of a root seed.
   *
   * @param seed any number
   * @return the root
   */
  public static RandomStreams of(long seed) {
    return new RandomStreams(seed, "");
  }

  /**
   * Returns a subtree with its own names.
   *
   * @param name the name of the subtree
   * @return the subtree
   */
  public RandomStreams child(String name) {
    return new RandomStreams(seed, path + '/' + requireNonNull(name));
  }

  /**
   * Returns a new stream at its beginning. The same arguments always yield the same numbers.
   *
   * @param name the purpose of the numbers
   * @param counters the position, for example epoch and batch index
   * @return a new stream
   */
  public RandomStream stream(String name, long... counters) {
    return new RandomStream(hash(name, counters));
  }

  /**
   * Returns a seed for an external generator, for example of dropout masks.
   *
   * @param name the purpose of the numbers
   * @param counters the position, for example the step
   * @return 64 well-mixed bits
   */
  public long seedFor(String name, long... counters) {
    byte[] bytes = hash(name, counters);
    long bits = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      bits = bits << 8 | (bytes[i] & 0xff);
    }
    return bits;
  }

  private byte[] hash(String name, long... counters) {
    Hasher hasher =
        Hashing.sha256()
            .newHasher()
            .putLong(seed)
            .putString(path + '/' + requireNonNull(name), StandardCharsets.UTF_8);
    for (long counter : counters) {
      hasher.putLong(counter);
    }
    return hasher.hash().asBytes();
  }

  @Override
  public String toString() {
    return "RandomStreams[seed=" + seed + ", path=" + (path.isEmpty() ? "/" : path) + "]";
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RandomStreams that && seed == that.seed && path.equals(that.path);
  }

  @Override
  public int hashCode() {
    return 31 * Long.hashCode(seed) + path.hashCode();
  }
}
