package org.udge.examples.report;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The columns of a progress table.
 *
 * @param names of the columns
 * @param cells the cells of each column: a number; empty if the cell is empty; not a number for
 *     anything else, such as "nan", "inf" or "n/a"
 */
record RunColumns(List<String> names, List<List<Cell>> cells) {

  /** A million rows of a hundred columns are larger, which is more than a browser can show. */
  static final long MAX_BYTES = 256L << 20;

  /** The first columns of this library's own tables. */
  private static final List<String> OURS = List.of("epoch", "steps", "seconds");

  /** The table of a run without one. */
  static final RunColumns NONE = new RunColumns(List.of(), List.of());

  /** One cell: a finite number, empty, or anything else. */
  record Cell(double value, Kind kind) {

    /** The content of a cell. */
    enum Kind {
      NUMBER,
      BLANK,
      NOT_A_NUMBER
    }

    static final Cell BLANK = new Cell(0, Kind.BLANK);
    static final Cell NOT_A_NUMBER = new Cell(0, Kind.NOT_A_NUMBER);

    static Cell of(String text) {
      String stripped = text.strip();
      if (stripped.isEmpty()) {
        return BLANK;
      }
      try {
        double value = Double.parseDouble(stripped);
        return Double.isFinite(value) ? new Cell(value, Kind.NUMBER) : NOT_A_NUMBER;
      } catch (NumberFormatException e) {
        return NOT_A_NUMBER;
      }
    }
  }

  /**
   * Reads a table, separated by commas, or by tabs if its first line has at least as many of them.
   * An incomplete last line is ignored: a live run is about to write the rest.
   *
   * @throws IOException if the file cannot be read as such a table; the message says why
   */
  static RunColumns read(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new IOException("it has " + size + " bytes, more than " + MAX_BYTES);
    }
    String text;
    try {
      text = Files.readString(file, StandardCharsets.UTF_8);
    } catch (CharacterCodingException e) {
      throw new IOException("it is not text in UTF-8", e);
    }
    String whole = text.startsWith("\ufeff") ? text.substring(1) : text;
    if (whole.isBlank()) {
      throw new IOException("it is empty");
    }
    return parse(whole);
  }

  private static RunColumns parse(String text) throws IOException {
    boolean finished = text.endsWith("\n") || text.endsWith("\r");
    CSVFormat format =
        CSVFormat.DEFAULT.builder().setDelimiter(delimiter(text)).setIgnoreEmptyLines(true).build();
    try (Reader reader = new StringReader(text);
        CSVParser parser = CSVParser.parse(reader, format)) {
      List<CSVRecord> records = parser.getRecords();
      List<String> names = header(records.get(0));
      List<List<Cell>> cells =
          names.stream().<List<Cell>>map(name -> new ArrayList<>()).collect(Collectors.toList());
      for (int i = 1; i < records.size(); i++) {
        CSVRecord row = records.get(i);
        if (!finished && i == records.size() - 1 && row.size() < names.size()) {
          break;
        }
        if (row.size() > names.size()) {
          throw new IOException(
              String.format(
                  Locale.ROOT,
                  "row %d has %d cells, the header %d",
                  i + 1,
                  row.size(),
                  names.size()));
        }
        for (int k = 0; k < names.size(); k++) {
          cells.get(k).add(k < row.size() ? Cell.of(row.get(k)) : Cell.BLANK);
        }
      }
      return new RunColumns(names, cells).withoutColumnsOfText();
    } catch (UncheckedIOException e) {
      throw new IOException(e.getCause().getMessage(), e);
    } catch (IllegalStateException e) {
      throw new IOException("it is not a table: " + e.getMessage(), e);
    }
  }

  private static String delimiter(String text) {
    String first = text.lines().filter(line -> !line.isBlank()).findFirst().orElse("");
    long tabs = first.chars().filter(c -> c == '\t').count();
    long commas = first.chars().filter(c -> c == ',').count();
    return tabs > 0 && tabs >= commas ? "\t" : ",";
  }

  private static List<String> header(CSVRecord record) throws IOException {
    List<String> names = record.stream().map(String::strip).toList();
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (name.isEmpty()) {
        throw new IOException("its header has a column without a name");
      }
      if (!seen.add(name)) {
        throw new IOException("its header names the column '" + name + "' twice");
      }
    }
    if (names.stream().allMatch(name -> Cell.of(name).kind() == Cell.Kind.NUMBER)) {
      throw new IOException("its first row has numbers only, expected the names of the columns");
    }
    return names;
  }

  /** Columns without any number, such as times and names, cannot be drawn. */
  private RunColumns withoutColumnsOfText() {
    List<String> keptNames = new ArrayList<>();
    List<List<Cell>> keptCells = new ArrayList<>();
    for (int k = 0; k < names.size(); k++) {
      boolean hasText = cells.get(k).stream().anyMatch(cell -> cell.kind() != Cell.Kind.BLANK);
      boolean hasNumber = cells.get(k).stream().anyMatch(cell -> cell.kind() == Cell.Kind.NUMBER);
      if (hasNumber || !hasText) {
        keptNames.add(names.get(k));
        keptCells.add(cells.get(k));
      }
    }
    return new RunColumns(keptNames, keptCells);
  }

  /**
   * A copy with cumulative time: this library's tables, which start with epoch, steps, seconds,
   * contain the seconds since the epoch began. They are replaced by the total seconds, including
   * earlier epochs; the original column is kept as "seconds/epoch".
   */
  RunColumns withElapsedSeconds() {
    if (names.size() < OURS.size() || !names.subList(0, OURS.size()).equals(OURS)) {
      return this;
    }
    List<Cell> epochs = cells.get(0);
    List<Cell> seconds = cells.get(2);
    List<Cell> elapsed = new ArrayList<>();
    double before = 0;
    for (int row = 0; row < rows(); row++) {
      if (row > 0 && !epochs.get(row).equals(epochs.get(row - 1))) {
        before += seconds.get(row - 1).value();
      }
      Cell cell = seconds.get(row);
      elapsed.add(
          cell.kind() == Cell.Kind.NUMBER ? new Cell(before + cell.value(), cell.kind()) : cell);
    }
    List<String> allNames = new ArrayList<>(names);
    List<List<Cell>> allCells = new ArrayList<>(cells);
    allCells.set(2, elapsed);
    allNames.add("seconds/epoch");
    allCells.add(seconds);
    return new RunColumns(allNames, allCells);
  }

  int rows() {
    return cells.isEmpty() ? 0 : cells.get(0).size();
  }

  /** The rows of another table that precede the first row of this one, followed by this one's. */
  RunColumns after(RunColumns earlier, String column) {
    int ours = names.indexOf(column);
    int theirs = earlier.names.indexOf(column);
    if (ours < 0 || theirs < 0 || rows() == 0) {
      return rows() == 0 ? earlier : this;
    }
    double first = least(column);
    List<Integer> kept = new ArrayList<>();
    for (int row = 0; row < earlier.rows(); row++) {
      Cell cell = earlier.cells.get(theirs).get(row);
      if (cell.kind() == Cell.Kind.NUMBER && cell.value() < first) {
        kept.add(row);
      }
    }
    List<String> allNames = new ArrayList<>(names);
    earlier.names.stream().filter(name -> !names.contains(name)).forEach(allNames::add);
    List<List<Cell>> allCells = new ArrayList<>();
    for (String name : allNames) {
      List<Cell> joined = new ArrayList<>();
      kept.forEach(row -> joined.add(earlier.cell(name, row)));
      for (int row = 0; row < rows(); row++) {
        joined.add(cell(name, row));
      }
      allCells.add(joined);
    }
    return new RunColumns(allNames, allCells);
  }

  /** The minimum of a column; infinity if it has no number. */
  double least(String column) {
    return cells.get(names.indexOf(column)).stream()
        .filter(cell -> cell.kind() == Cell.Kind.NUMBER)
        .mapToDouble(Cell::value)
        .min()
        .orElse(Double.POSITIVE_INFINITY);
  }

  private Cell cell(String name, int row) {
    int column = names.indexOf(name);
    return column < 0 ? Cell.BLANK : cells.get(column).get(row);
  }
}
