package org.udge.evaluation;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import java.util.Locale;

/**
 * A named number, with what is needed to read it.
 *
 * @param key where it goes in tables and files: parts separated by slashes, for example {@code
 *     test/ece15}
 * @param value the number; NaN where it is not defined for these images
 * @param direction which way is better
 */
public record Metric(String key, double value, Direction direction) {

  /**
   * Checks the name.
   *
   * @param key where it goes in tables and files
   * @param value the number
   * @param direction which way is better
   * @throws IllegalArgumentException if the key is empty
   */
  public Metric {
    checkArgument(!key.isEmpty(), "a metric needs a key");
    requireNonNull(direction);
  }

  @Override
  public String toString() {
    String text = String.format(Locale.ROOT, "%s %.4f", key, value);
    return direction == Direction.NEITHER ? text : text + " (" + direction + ")";
  }
}
