package org.udge.examples.study;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.udge.evaluation.Summary;
import org.udge.examples.cli.Cli;
import org.udge.examples.cli.DebugOption;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.plots.StudyPlot;
import org.udge.examples.study.StudyPlan.Column;
import org.udge.examples.study.StudyPlan.Row;
import org.udge.state.AtomicFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Compares settings over seeds: trains them one after the other, and evaluates them at the end. */
@Command(
    name = "study",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    header = "Compares settings over seeds: trains all, evaluates all once, and prints a table.",
    description = {
      "",
      "A file lists rows: flags of train, and of the eval and attack that evaluate them. Each row"
          + " is trained with each seed, in a folder of its own, LOG_DIR/ROW/seed-N; when all are"
          + " trained, all are evaluated. You can stop it at any time and start it again with the"
          + " same flags: completed work is kept, and training resumes from its last state.",
      "",
      "LOG_DIR/study.md contains the table (mean +- deviation over seeds, and which differences"
          + " exceed it), study.json its numbers, study.png pictures, ROW/seed-N/result.json the"
          + " results of a cell, and *.log the output of the commands."
    })
public final class Study extends DebugOption implements Callable<Integer> {

  private static final String BUILT_IN = "cifar10.study";

  @Spec private CommandSpec spec;

  @Option(
      names = "--rows",
      description =
          "The file of rows. Default: the built-in comparison on CIFAR-10, which takes 12 to 15"
              + " hours on"
              + " two cores; --print_rows shows it.")
  private Path file;

  @Option(names = "--print_rows", description = "Print the file of rows, and exit.")
  private boolean print;

  @Option(
      names = "--log_dir",
      defaultValue = "runs/study",
      description = "Folder of the study. Default: ${DEFAULT-VALUE}.")
  private Path folder;

  @Option(
      names = "--data_root",
      description =
          "Folder of the data sets' files, for {data} in the file. Default: flags with {data} are"
              + " left"
              + " out.")
  private Path root;

  @Option(
      names = "--precision",
      defaultValue = "float32",
      description =
          "For {precision} in the file: float32, or bfloat16 on CPUs with AVX512_BF16. Default:"
              + " ${DEFAULT-VALUE}.")
  private String precision;

  @Option(
      names = "--seeds",
      split = ",",
      arity = "1..*",
      defaultValue = "1,2,3",
      description = "Seeds of each row. Default: ${DEFAULT-VALUE}.")
  private List<Long> seeds;

  @Option(
      names = "--only",
      split = ",",
      arity = "1..*",
      description = "Rows to run. Default: all, in the order of the file.")
  private List<String> only;

  @Option(
      names = "--quick",
      description =
          "Apply the file's section [quick] to every row: small subsets, minutes instead of"
              + " hours, to check that everything runs. Its numbers are meaningless.")
  private boolean quick;

  /** The command, for the runnable jar. */
  public Study() {}

  /**
   * Runs the command and exits the process.
   *
   * @param args its flags
   */
  public static void main(String... args) {
    Cli.runAndExit(new Study(), args);
  }

  @Override
  public Integer call() throws IOException {
    List<String> lines =
        lines().stream().map(line -> line.replace("{precision}", precision)).toList();
    if (print) {
      lines.forEach(spec.commandLine().getOut()::println);
      return 0;
    }
    StudyPlan plan = StudyPlan.parse(file == null ? BUILT_IN : file.toString(), lines, quick);
    List<Row> rows = chosen(plan);
    Files.createDirectories(folder);
    Path lockFile = folder.resolve("study.lock");
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = lock(channel)) {
      if (!lock.isValid()) {
        throw new IOException("the lock of " + folder + " was lost");
      }
      AtomicFiles.write(folder.resolve("rows.study"), path -> Files.write(path, lines));
      return run(plan, rows);
    }
  }

  private FileLock lock(FileChannel channel) throws IOException {
    String refusal = "another process runs the study in " + folder;
    try {
      return Optional.ofNullable(channel.tryLock()).orElseThrow(() -> new IOException(refusal));
    } catch (OverlappingFileLockException e) {
      throw new IOException(refusal, e);
    }
  }

  private List<String> lines() throws IOException {
    if (file != null) {
      if (!Files.isRegularFile(file)) {
        throw new IOException("--rows " + file + " is no file");
      }
      return Files.readAllLines(file);
    }
    try (InputStream in = Study.class.getResourceAsStream(BUILT_IN)) {
      if (in == null) {
        throw new IllegalStateException("the jar has no " + BUILT_IN);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private List<Row> chosen(StudyPlan plan) {
    if (only == null) {
      return plan.rows();
    }
    List<String> names = plan.rows().stream().map(Row::name).toList();
    for (String name : only) {
      if (!names.contains(name)) {
        throw new ParameterException(
            spec.commandLine(), "--only " + name + " is no row, rows are " + names);
      }
    }
    return plan.rows().stream().filter(row -> only.contains(row.name())).toList();
  }

  private int run(StudyPlan plan, List<Row> rows) throws IOException {
    List<StudyCell> cells = cells(rows);
    for (StudyCell cell : cells(plan.rows())) {
      cell.checkUnchanged();
    }
    List<String> failures = new ArrayList<>();
    for (String phase : List.of("train", "judge")) {
      int number = 0;
      for (StudyCell cell : cells) {
        number++;
        if (cell.isDone(phase) || (phase.equals("judge") && !cell.isDone("train"))) {
          continue;
        }
        say(
            String.format(
                Locale.ROOT,
                "%s %d of %d: row %s, seed %d%s",
                phase,
                number,
                cells.size(),
                cell.row().name(),
                cell.seed(),
                remaining(cells, phase)));
        try {
          cell.run(phase);
        } catch (StudyCell.Failed e) {
          failures.add(e.getMessage());
          say("  " + e.getMessage());
        }
        tell(plan);
      }
    }
    StudyTable table = tell(plan);
    say(table.markdown());
    say("table, numbers and pictures: " + folder);
    if (!failures.isEmpty()) {
      throw new IOException(
          failures.size()
              + " of the study's steps failed; start it again to retry them: "
              + String.join("; ", failures));
    }
    return 0;
  }

  private List<StudyCell> cells(List<Row> rows) {
    List<StudyCell> cells = new ArrayList<>();
    for (Row row : rows) {
      for (long seed : seeds) {
        cells.add(new StudyCell(folder, row, seed, Optional.ofNullable(root)));
      }
    }
    return cells;
  }

  private void say(String line) {
    spec.commandLine().getOut().println(line);
    spec.commandLine().getOut().flush();
  }

  /** Estimated from the same row, otherwise from any row. */
  private static String remaining(List<StudyCell> cells, String phase) {
    Map<String, Summary> byRow = new LinkedHashMap<>();
    cells.stream()
        .filter(cell -> cell.isDone(phase))
        .collect(Collectors.groupingBy(cell -> cell.row().name()))
        .forEach(
            (row, done) ->
                byRow.put(
                    row,
                    Summary.of(done.stream().mapToDouble(cell -> cell.seconds(phase)).toArray())));
    if (byRow.isEmpty()) {
      return "";
    }
    double mean = byRow.values().stream().mapToDouble(Summary::mean).average().orElseThrow();
    double seconds =
        cells.stream()
            .filter(cell -> !cell.isDone(phase))
            .mapToDouble(
                cell ->
                    byRow.containsKey(cell.row().name())
                        ? byRow.get(cell.row().name()).mean()
                        : mean)
            .sum();
    Duration left = Duration.ofSeconds(Math.round(seconds));
    return String.format(
        Locale.ROOT,
        ", about %d:%02d h left for all that is to %s",
        left.toHours(),
        left.toMinutesPart(),
        phase);
  }

  /** Writes the current table: of all rows, including those that {@code --only} leaves out. */
  private StudyTable tell(StudyPlan plan) throws IOException {
    Map<String, List<Map<String, Double>>> metrics = new LinkedHashMap<>();
    for (StudyCell cell : cells(plan.rows())) {
      if (Files.exists(cell.result())) {
        metrics.computeIfAbsent(cell.row().name(), row -> new ArrayList<>()).add(cell.metrics());
      }
    }
    StudyTable table = StudyTable.of(plan, metrics);
    ObjectNode json = table.json();
    json.put("quick", quick);
    JsonFiles.write(folder.resolve("study.json"), json);
    String heading = quick ? "Of --quick: these numbers mean nothing.\n\n" : "";
    AtomicFiles.write(
        folder.resolve("study.md"), path -> Files.writeString(path, heading + table.markdown()));
    Map<String, Map<String, Summary>> pictures = new LinkedHashMap<>();
    for (Column column : plan.columns()) {
      Map<String, Summary> values = table.column(column);
      if (!values.isEmpty()) {
        pictures.put(
            column.name() + (column.higher() ? ", higher is better" : ", lower is better"), values);
      }
    }
    if (!pictures.isEmpty()) {
      StudyPlot.of(pictures, plan.baseline()).write(folder, "study");
    }
    return table;
  }
}
