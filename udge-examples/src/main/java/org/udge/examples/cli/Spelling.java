package org.udge.examples.cli;

import java.util.Collection;
import java.util.List;

/** Finds likely intended words. */
final class Spelling {

  private Spelling() {}

  /** The names that differ least from a word, if they differ by at most a third of its letters. */
  static List<String> nearest(String word, Collection<String> names) {
    int least =
        Math.min(
            names.stream().mapToInt(name -> distance(word, name)).min().orElse(Integer.MAX_VALUE),
            Math.max(1, word.replace("-", "").length() / 3 + 1));
    return names.stream().filter(name -> distance(word, name) == least).sorted().toList();
  }

  /**
   * The number of letters to insert, delete, replace or swap with their neighbor (optimal string
   * alignment distance).
   */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        d[i][j] = i == 0 || j == 0 ? i + j : cheapest(a, b, i, j, d);
      }
    }
    return d[a.length()][b.length()];
  }

  private static int cheapest(String a, String b, int i, int j, int[][] d) {
    boolean same = a.charAt(i - 1) == b.charAt(j - 1);
    int least = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (same ? 0 : 1));
    boolean exchanged =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return exchanged ? Math.min(least, d[i - 2][j - 2] + 1) : least;
  }
}
