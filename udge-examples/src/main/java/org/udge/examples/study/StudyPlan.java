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
 * The definition of a study, read from its file.
 *
 * <p>A file has sections. {@code [all]} applies to every row, {@code [quick]} and then {@code
 * [quick.ROW]} are added with {@code --quick}, {@code [columns]} defines what is compared, and any
 * other name is a row. A line of a row consists of words, then flags: {@code train --lr .1}, {@code
 * select eval NAME --eval OOD}, {@code judge eval NAME --eval eval_ece}. Lines with the same words
 * are combined; a later flag replaces an earlier one, and {@code !--flag} removes it. {@code like
 * ROW} starts with that row's lines.
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
   * @param steps flags by the words that precede them
   */
  record Row(String name, Map<String, Map<String, List<String>>> steps) {

    /** The training step. */
    Step training() {
      return of("train").get(0);
    }

    /** Steps of one kind, in order. */
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

    /** The command to run: for {@code judge eval ood}, {@code eval}. */
    String command() {
      String[] parts = words.split(" ", -1);
      return parts.length == 1 ? parts[0] : parts[1];
    }

    /** The form for file names. */
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
   * @param key the key of the metric in the cells' results
   */
  record Column(String name, boolean higher, String key) {}

  /**
   * Reads a file's lines.
   *
   * @param file the file, for messages
   * @throws IOException if the file is invalid; the message names the line
   */
  static StudyPlan parse(String file, List<String> lines, boolean quick) throws IOException {
    Parser parser = new Parser(file, quick);
    parser.cut(lines);
    return parser.plan();
  }

  /** Reads one file. */
  private static final class Parser {
    private final String file;
    private final boolean quick;
    private final Map<String, List<String>> sections = new LinkedHashMap<>();
    private final Map<String, Integer> firstLines = new LinkedHashMap<>();
    private final Map<String, Row> rows = new LinkedHashMap<>();
    private final List<Column> columns = new ArrayList<>();
    private Optional<String> baseline = Optional.empty();

    Parser(String file, boolean quick) {
      this.file = file;
      this.quick = quick;
    }

    /** Splits lines into sections. */
    void cut(List<String> lines) throws IOException {
      String section = "";
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i).replaceFirst("(^|\\s)#.*", "").strip();
        if (line.startsWith("[") && line.endsWith("]")) {
          section = line.substring(1, line.length() - 1).strip();
          begin(section, line, i);
        } else if (!line.isEmpty()) {
          if (section.isEmpty()) {
            throw wrong(i, "a line before the first section: '" + line + "'");
          }
          sections.get(section).add(line);
        }
      }
    }

    private void begin(String section, String line, int at) throws IOException {
      if (!section.matches("[A-Za-z0-9_.+-]+")) {
        throw wrong(at, "names of rows are letters, digits and _ . + -, was '" + line + "'");
      }
      if (sections.put(section, new ArrayList<>()) != null) {
        throw wrong(at, "there are two sections " + line);
      }
      firstLines.put(section, at);
    }

    StudyPlan plan() throws IOException {
      for (String section : sections.keySet()) {
        if (section.equals(COLUMNS)) {
          readColumns();
        } else if (!section.equals(ALL)
            && !section.equals(QUICK)
            && !section.startsWith(QUICK_OF)) {
          rows.put(section, row(section));
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

    private List<String> lines(String section) {
      return sections.getOrDefault(section, List.of());
    }

    private void readColumns() throws IOException {
      for (String line : lines(COLUMNS)) {
        String[] words = line.split("\\s+", -1);
        if (words[0].equals("baseline") && words.length == 2) {
          baseline = Optional.of(words[1]);
        } else if (words.length == 3 && Set.of("higher", "lower").contains(words[0])) {
          columns.add(new Column(words[1], words[0].equals("higher"), words[2]));
        } else {
          throw wrong(
              COLUMNS, "a column is 'higher NAME KEY' or 'lower NAME KEY', was '" + line + "'");
        }
      }
    }

    private Row row(String name) throws IOException {
      Map<String, Map<String, List<String>>> steps = new LinkedHashMap<>();
      for (String line : lines(ALL)) {
        add(name, line, steps);
      }
      for (String line : lines(name)) {
        if (line.startsWith("like ")) {
          addRow(name, line, steps);
        } else {
          add(name, line, steps);
        }
      }
      if (quick) {
        for (String section : List.of(QUICK, QUICK_OF + name)) {
          for (String line : lines(section)) {
            add(name, line, steps);
          }
        }
      }
      Row row = new Row(name, steps);
      if (row.of("train").size() != 1) {
        throw wrong(name, "row " + name + " must have one line of train");
      }
      return row;
    }

    private void addRow(String row, String line, Map<String, Map<String, List<String>>> steps)
        throws IOException {
      Row other = rows.get(line.substring("like ".length()).strip());
      if (other == null) {
        throw wrong(row, "'" + line + "' names no row above it");
      }
      other.steps.forEach(
          (words, flags) ->
              steps.computeIfAbsent(words, key -> new LinkedHashMap<>()).putAll(flags));
    }

    private void add(String row, String line, Map<String, Map<String, List<String>>> steps)
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
            row,
            "a line is 'train FLAGS', 'select COMMAND NAME FLAGS', 'judge COMMAND NAME FLAGS' or"
                + " 'like"
                + " ROW', was '"
                + line
                + "'");
      }
      Map<String, List<String>> flags =
          steps.computeIfAbsent(String.join(" ", words), key -> new LinkedHashMap<>());
      taken.forEach(flags::remove);
      flags.putAll(given);
    }

    private IOException wrong(String section, String what) {
      return wrong(firstLines.get(section), what);
    }

    private IOException wrong(int line, String what) {
      return new IOException(
          String.format(Locale.ROOT, "study %s, section at line %d: %s", file, line + 1, what));
    }
  }
}
