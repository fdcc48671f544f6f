package org.udge.internal;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.common.base.Strings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Rows of text under a heading, in aligned columns: the first is left-aligned, the others are
 * right-aligned.
 */
public final class TextTable {

  private final int columns;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * Creates a table without rows.
   *
   * @param heading one cell per column
   */
  public TextTable(String... heading) {
    columns = heading.length;
    row(heading);
  }

  /**
   * Adds a row.
   *
   * @param cells one cell per column
   * @return this
   */
  public TextTable row(String... cells) {
    checkArgument(cells.length == columns, "%s cells for %s columns", cells.length, columns);
    rows.add(Arrays.asList(cells));
    return this;
  }

  /**
   * Formats a number for a table.
   *
   * @param value any number
   * @return four decimals, or a dash for NaN
   */
  public static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4f", value);
  }

  /**
   * Formats an optional number for a table.
   *
   * @param value any number, or none
   * @return four decimals, or a dash for none
   */
  public static String number(OptionalDouble value) {
    return value.isPresent() ? number(value.getAsDouble()) : "-";
  }

  @Override
  public String toString() {
    int[] widths =
        IntStream.range(0, columns)
            .map(c -> rows.stream().mapToInt(r -> r.get(c).length()).max().orElse(0))
            .toArray();
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder(Strings.padEnd(row.get(0), widths[0], ' '));
      for (int c = 1; c < columns; c++) {
        line.append("  ").append(Strings.padStart(row.get(c), widths[c], ' '));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
