package org.udge.evaluation;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.udge.internal.TextTable;

/**
 * A named number and the direction in which it improves.
 *
 * @param key the key in tables and files: parts separated by slashes, for example {@code
 *     test/ece15}
 * @param value the value; NaN if it is undefined for these images
 * @param direction the direction in which it improves
 */
public record Metric(String key, double value, Direction direction) {

  /**
   * Checks the name.
   *
   * @param key the key in tables and files
   * @param value the value
   * @param direction the direction in which it improves
   * @throws IllegalArgumentException if the key is empty
   */
  public Metric {
    checkArgument(!key.isEmpty(), "a metric needs a key");
    requireNonNull(direction);
  }

  /**
   * Returns whether this value is defined and better than the best so far.
   *
   * @param best the best so far, with the same key; empty if there is none yet
   * @return false for NaN and for equal values
   * @throws IllegalArgumentException if the metric has no direction
   */
  public boolean isBetterThan(Optional<Metric> best) {
    checkArgument(
        direction != Direction.NEITHER,
        "no epoch is the best by %s: neither more nor less of it is better",
        key);
    double sign = direction == Direction.HIGHER_IS_BETTER ? 1 : -1;
    return best.map(other -> sign * value > sign * other.value).orElse(!Double.isNaN(value));
  }

  /**
   * Returns a table of metrics: key, value, direction.
   *
   * @param metrics the metrics, one per line
   * @return several lines
   */
  public static String table(List<Metric> metrics) {
    TextTable table = new TextTable("metric", "value", "");
    metrics.forEach(m -> table.row(m.key(), TextTable.number(m.value()), m.direction().toString()));
    return table.toString();
  }

  @Override
  public String toString() {
    String text = String.format(Locale.ROOT, "%s %.4f", key, value);
    return direction == Direction.NEITHER ? text : text + " (" + direction + ")";
  }
}
