package org.udge.examples.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a study runs and compares, from its file.
 *
 * <p>A file has sections. {@code [all]} is of every row, {@code [quick]} and then {@code
 * [quick.ROW]} go on top with {@code --quick}, {@code [columns]} says what is compared, any other
 * name is a row. A line of a row is words, then flags: {@code train --lr .1}, {@code select eval
 * NAME --eval OOD}, {@code judge eval NAME --eval eval_ece}. Lines of the same words add up; a
 * later flag replaces an earlier one, {@code !--flag} takes it away. {@code like ROW} begins with
 * that row's lines.
 */
record StudyPlan(List<Row> rows, List<Column> columns, Optional<String> baseline) {

  private static final String ALL = "all";
  private static final String QUICK = "quick";
  private static final String QUICK_OF = "quick.";
  private static final String COLUMNS = "columns";
  private static final Set<String> KINDS = Set.of("train", "select", "judge");

  /**
   * Settings to compare.
   *
   * @param steps flags by the words before them
   */
  record Row(String name, Map<String, Map<String, List<String>>> steps) {

    /** Steps of a kind, in order. */
    List<Step> of(String kind) {
      List<Step> found = new ArrayList<>();
      steps.forEach(
          (words, flags) -> {
            if (words.equals(kind) || words.startsWith(kind + " ")) {
              found.add(new Step(words, flags));
            }
          });
      return found;
    }
  }

  /** A command line. */
  record Step(String words, Map<String, List<String>> flags) {

    /** The command that runs: of {@code judge eval ood} that is {@code eval}. */
    String command() {
      String[] parts = words.split(" ", -1);
      return parts.length == 1 ? parts[0] : parts[1];
    }

    /** For names of files. */
    String fileName() {
      return words.replace(' ', '-');
    }

    List<String> arguments() {
      List<String> arguments = new ArrayList<>();
      arguments.add(command());
      flags.forEach(
          (flag, values) -> {
            arguments.add(flag);
            arguments.addAll(values);
          });
      return arguments;
    }
  }

  /**
   * A metric to compare.
   *
   * @param higher whether higher is better
   * @param key of the metric in the cells' results
   */
  record Column(String name, boolean higher, String key) {}

  /**
   * Reads a file's lines.
   *
   * @param file for messages
   * @throws IOException if the file makes no sense; the message names its line
   */
  static StudyPlan parse(String file, List<String> lines, boolean quick) throws IOException {
    Map<String, List<String>> sections = new LinkedHashMap<>();
    Map<String, Integer> firstLines = new LinkedHashMap<>();
    String section = "";
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).replaceFirst("(^|\\s)#.*", "").strip();
      if (line.startsWith("[") && line.endsWith("]")) {
        section = line.substring(1, line.length() - 1).strip();
        if (section.isEmpty() || !section.matches("[A-Za-z0-9_.+-]+")) {
          throw wrong(file, i, "names of rows are letters, digits and _ . + -, was '" + line + "'");
        }
        if (sections.put(section, new ArrayList<>()) != null) {
          throw wrong(file, i, "there are two sections " + line);
        }
        firstLines.put(section, i);
      } else if (!line.isEmpty()) {
        if (section.isEmpty()) {
          throw wrong(file, i, "a line before the first section: '" + line + "'");
        }
        sections.get(section).add(line);
      }
    }
    Map<String, Row> rows = new LinkedHashMap<>();
    Optional<String> baseline = Optional.empty();
    List<Column> columns = new ArrayList<>();
    for (Map.Entry<String, List<String>> each : sections.entrySet()) {
      String name = each.getKey();
      int at = firstLines.get(name);
      if (name.equals(COLUMNS)) {
        for (String line : each.getValue()) {
          String[] words = line.split("\\s+", -1);
          if (words[0].equals("baseline") && words.length == 2) {
            baseline = Optional.of(words[1]);
          } else if (words.length == 3 && Set.of("higher", "lower").contains(words[0])) {
            columns.add(new Column(words[1], words[0].equals("higher"), words[2]));
          } else {
            throw wrong(
                file, at, "a column is 'higher NAME KEY' or 'lower NAME KEY', was '" + line + "'");
          }
        }
      } else if (!name.equals(ALL) && !name.equals(QUICK) && !name.startsWith(QUICK_OF)) {
        rows.put(name, row(file, at, name, each.getValue(), sections, rows, quick));
      }
    }
    if (rows.isEmpty()) {
      throw new IOException("study " + file + " has no row: a section such as [plain]");
    }
    if (baseline.isPresent() && !rows.containsKey(baseline.get())) {
      throw new IOException(
          "study " + file + " names the baseline " + baseline.get() + ", which is no row");
    }
    return new StudyPlan(List.copyOf(rows.values()), List.copyOf(columns), baseline);
  }

  private static Row row(
      String file,
      int at,
      String name,
      List<String> lines,
      Map<String, List<String>> sections,
      Map<String, Row> before,
      boolean quick)
      throws IOException {
    Map<String, Map<String, List<String>>> steps = new LinkedHashMap<>();
    List<String> all = new ArrayList<>(sections.getOrDefault(ALL, List.of()));
    for (String line : all) {
      add(file, at, line, steps);
    }
    for (String line : lines) {
      if (line.startsWith("like ")) {
        Row other = before.get(line.substring("like ".length()).strip());
        if (other == null) {
          throw wrong(file, at, "'" + line + "' names no row above it");
        }
        other.steps.forEach(
            (words, flags) ->
                steps.computeIfAbsent(words, key -> new LinkedHashMap<>()).putAll(flags));
      } else {
        add(file, at, line, steps);
      }
    }
    if (quick) {
      for (String section : List.of(QUICK, QUICK_OF + name)) {
        for (String line : sections.getOrDefault(section, List.of())) {
          add(file, at, line, steps);
        }
      }
    }
    Row row = new Row(name, steps);
    if (row.of("train").size() != 1) {
      throw wrong(file, at, "row " + name + " must have one line of train");
    }
    return row;
  }

  private static void add(
      String file, int at, String line, Map<String, Map<String, List<String>>> steps)
      throws IOException {
    List<String> words = new ArrayList<>();
    Map<String, List<String>> given = new LinkedHashMap<>();
    List<String> taken = new ArrayList<>();
    List<String> values = words;
    for (String token : line.split("\\s+", -1)) {
      if (token.startsWith("!--")) {
        taken.add(token.substring(1));
      } else if (token.startsWith("--")) {
        values = new ArrayList<>();
        given.put(token, values);
      } else {
        values.add(token);
      }
    }
    boolean training = words.equals(List.of("train"));
    if (words.isEmpty()
        || !KINDS.contains(words.get(0))
        || (!training && (words.get(0).equals("train") || words.size() != 3))) {
      throw wrong(
          file,
          at,
          "a line is 'train FLAGS', 'select COMMAND NAME FLAGS', 'judge COMMAND NAME FLAGS' or 'like"
              + " ROW', was '"
              + line
              + "'");
    }
    Map<String, List<String>> flags =
        steps.computeIfAbsent(String.join(" ", words), key -> new LinkedHashMap<>());
    taken.forEach(flags::remove);
    flags.putAll(given);
  }

  private static IOException wrong(String file, int line, String what) {
    return new IOException(
        String.format(Locale.ROOT, "study %s, section at line %d: %s", file, line + 1, what));
  }
}
