package org.udge.training.report;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.udge.state.AtomicFiles;
import org.udge.training.DivergenceEvent;
import org.udge.training.EpochReport;
import org.udge.training.StepMeans;
import org.udge.training.StepReport;
import org.udge.training.TrainingControl;
import org.udge.training.TrainingListener;
import org.udge.training.TrainingSession;

/**
 * Writes the metrics of a run as a CSV table, with a row per epoch and, {@linkplain
 * #withPointsEvery optionally}, rows within epochs.
 *
 * <p>Columns: {@code epoch}, from 0; {@code steps} done; {@code seconds} since the epoch began;
 * {@code validation/accuracy} and {@code validation/nll}, empty in rows without validation; {@code
 * loss} and each of a step's values by name, for example {@code cross_entropy}; {@code
 * averaged_steps}, the number of steps over which loss and values are averaged: all steps of the
 * epoch in the row of an epoch, those since the previous row within one.
 *
 * <p>A resumed run keeps its rows in the file up to the step it resumes from, and adds the epochs
 * of its history that are missing. A rollback removes the rows of later steps. Rows are appended;
 * at no time does the file lack rows it had before. For one run at a time; not thread-safe.
 */
public final class ProgressCsv implements TrainingListener {

  private static final List<String> BEFORE_VALUES =
      List.of("epoch", "steps", "seconds", "validation/accuracy", "validation/nll", "loss");
  private static final String AFTER_VALUES = "averaged_steps";
  private static final int STEPS_COLUMN = 1;

  private final Path file;
  private final Optional<Integer> every;
  private final StepMeans means = new StepMeans();
  private Optional<TrainingSession> run = Optional.empty();
  private int stepsPerEpoch;
  private long epochStart;
  private long lastEpochSteps;

  /** The names of the columns of values, once they are known. */
  private Optional<List<String>> names = Optional.empty();

  private ProgressCsv(Path file, Optional<Integer> every) {
    this.file = file;
    this.every = every;
  }

  /**
   * Returns a listener that writes a row per epoch.
   *
   * @param file the table; appended to if it is one of the same run
   * @return the listener
   */
  public static ProgressCsv of(Path file) {
    return new ProgressCsv(file, Optional.empty());
  }

  /**
   * Returns a copy that also writes rows within epochs.
   *
   * @param steps the number of steps between rows, at least 1; default: no such rows
   * @return the copy, which has not observed anything yet
   */
  public ProgressCsv withPointsEvery(int steps) {
    checkArgument(steps >= 1, "steps between points must be at least 1, was %s", steps);
    return new ProgressCsv(file, Optional.of(steps));
  }

  @Override
  public void onStart(TrainingSession session, long epochs, int steps) {
    run = Optional.of(session);
    stepsPerEpoch = steps;
    epochStart = System.nanoTime();
    means.clear();
    try {
      start(session.history(), session.steps());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void start(List<EpochReport> history, long steps) throws IOException {
    List<String> lines = Files.exists(file) ? wholeLines() : List.of();
    Optional<List<String>> known = lines.isEmpty() ? Optional.empty() : valueNames(lines.get(0));
    names = known.or(() -> history.stream().findFirst().map(ProgressCsv::valueNames));
    List<String> rows = known.isEmpty() ? List.of() : upTo(steps, lines.subList(1, lines.size()));
    long last = rows.isEmpty() ? 0 : steps(rows.get(rows.size() - 1));
    List<String> all = new ArrayList<>(rows);
    history.stream()
        .filter(report -> report.steps() > last)
        .forEach(report -> all.add(row(report)));
    lastEpochSteps = history.isEmpty() ? 0 : history.get(history.size() - 1).steps();
    if (names.isPresent()) {
      write(all);
    }
  }

  private static List<String> valueNames(EpochReport report) {
    return List.copyOf(report.values().keySet());
  }

  /** Returns the complete lines: a process killed while appending leaves a partial one. */
  private List<String> wholeLines() throws IOException {
    String text = Files.readString(file);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  /** Returns the names of values in a header; empty if the file is not such a table. */
  private static Optional<List<String>> valueNames(String header) {
    List<String> columns = List.of(header.split(",", -1));
    int before = BEFORE_VALUES.size();
    return columns.size() > before
            && columns.subList(0, before).equals(BEFORE_VALUES)
            && columns.get(columns.size() - 1).equals(AFTER_VALUES)
        ? Optional.of(columns.subList(before, columns.size() - 1))
        : Optional.empty();
  }

  private static List<String> upTo(long steps, List<String> rows) {
    return rows.stream().filter(row -> steps(row) <= steps).toList();
  }

  private static long steps(String row) {
    try {
      return Long.parseLong(row.split(",", -1)[STEPS_COLUMN]);
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      return Long.MAX_VALUE; // Not a row of ours.
    }
  }

  @Override
  public void onStep(StepReport report, TrainingControl control) {
    means.add(report);
    boolean within = report.step() % stepsPerEpoch != 0;
    if (within && every.filter(steps -> report.step() % steps == 0).isPresent()) {
      begin(means.values());
      append(
          row(
              report.epoch(),
              report.step(),
              (System.nanoTime() - epochStart) / 1e9,
              Optional.empty(),
              means.loss(),
              means.values(),
              means.count()));
      means.clear();
    }
  }

  @Override
  public void onEpoch(TrainingSession session, EpochReport report, TrainingControl control) {
    begin(report.values());
    if (report.steps() == lastEpochSteps) {
      // Written again, with what is known only at the end of the run.
      rewriteUpTo(report.steps() - 1);
    }
    append(row(report));
    lastEpochSteps = report.steps();
    means.clear();
    epochStart = System.nanoTime();
  }

  @Override
  public void onRollBack(DivergenceEvent event) {
    means.clear();
    if (names.isEmpty()) {
      return;
    }
    rewriteUpTo(run.orElseThrow().steps());
  }

  private void rewriteUpTo(long steps) {
    try {
      List<String> lines = wholeLines();
      write(upTo(steps, lines.subList(1, lines.size())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Defines the columns according to the first values. */
  private void begin(Map<String, Double> values) {
    if (names.isPresent()) {
      return;
    }
    names = Optional.of(List.copyOf(values.keySet()));
    try {
      write(List.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(List<String> rows) throws IOException {
    List<String> columns = new ArrayList<>(BEFORE_VALUES);
    columns.addAll(names.orElseThrow());
    columns.add(AFTER_VALUES);
    List<String> lines = new ArrayList<>();
    lines.add(String.join(",", columns));
    lines.addAll(rows);
    AtomicFiles.write(file, temporary -> Files.write(temporary, lines));
  }

  private void append(String row) {
    try {
      AtomicFiles.append(file, (row + "\n").getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String row(EpochReport report) {
    return row(
        report.epoch(),
        report.steps(),
        report.seconds(),
        report.validation(),
        report.loss(),
        report.values(),
        report.steps() - report.epoch() * stepsPerEpoch);
  }

  private String row(
      long epoch,
      long steps,
      double seconds,
      Optional<EpochReport.Validation> validation,
      double loss,
      Map<String, Double> values,
      long averaged) {
    List<Object> cells = new ArrayList<>();
    cells.add(epoch);
    cells.add(steps);
    cells.add(seconds);
    cells.add(validation.<Object>map(EpochReport.Validation::accuracy).orElse(""));
    cells.add(validation.<Object>map(EpochReport.Validation::nll).orElse(""));
    cells.add(loss);
    names.orElseThrow().forEach(name -> cells.add(values.getOrDefault(name, Double.NaN)));
    cells.add(averaged);
    return cells.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
