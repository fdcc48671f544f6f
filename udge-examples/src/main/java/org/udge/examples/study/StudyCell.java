package org.udge.examples.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.cli.RunFolder;
import org.udge.examples.study.StudyPlan.Row;
import org.udge.examples.study.StudyPlan.Step;

/**
 * A row with a seed. Its commands run as separate processes: their resources are released when they
 * end, and a failure that kills one kills no other cell.
 *
 * @param root the data folder; if empty, flags that name it are omitted
 */
record StudyCell(Path study, Row row, long seed, Optional<Path> root) {

  private static final String MAIN = "org.udge.examples.Main";
  private static final String RESULT = "result.json";

  /** A command that did not end successfully. */
  static final class Failed extends IOException {
    private static final long serialVersionUID = 1;

    Failed(String message) {
      super(message);
    }
  }

  Path folder() {
    return study.resolve(row.name()).resolve("seed-" + seed);
  }

  /** The results of this cell. */
  Path result() {
    return folder().resolve(RESULT);
  }

  private Path training() {
    return folder().resolve("train");
  }

  /** Whether a phase is complete. */
  boolean isDone(String phase) {
    return Files.exists(result()) && read(result()).path("done").path(phase).isNumber();
  }

  /** The duration of a phase. */
  double seconds(String phase) {
    return read(result()).path("done").path(phase).asDouble();
  }

  private static JsonNode read(Path file) {
    try {
      return JsonFiles.read(file, "result of a cell");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The results so far, by key. */
  Map<String, Double> metrics() throws IOException {
    Map<String, Double> numbers = new LinkedHashMap<>();
    JsonFiles.read(result(), "result of a cell")
        .path("metrics")
        .properties()
        .forEach(metric -> numbers.put(metric.getKey(), metric.getValue().asDouble(Double.NaN)));
    return numbers;
  }

  /** The training command of this cell. */
  private String commandLine() {
    return String.join(" ", row.training().arguments());
  }

  /**
   * Checks that the cell was trained with the same flags.
   *
   * @throws IOException if the cell was trained with other flags
   */
  void checkUnchanged() throws IOException {
    if (!Files.exists(result())) {
      return;
    }
    String before = read(result()).path("train").asText();
    String now = commandLine();
    if (!before.equals(now)) {
      throw new IOException(
          result()
              + " was trained as '"
              + before
              + "', the file of rows says '"
              + now
              + "': give the row another name, or remove the folder");
    }
  }

  /** Runs the remaining steps of a phase, and records the results. */
  void run(String phase) throws IOException {
    Files.createDirectories(folder());
    long start = System.nanoTime();
    if (phase.equals("train")) {
      train();
      for (Step step : row.of("select")) {
        judge(step);
      }
    } else {
      for (Step step : row.of("judge")) {
        judge(step);
      }
    }
    note(phase, (System.nanoTime() - start) * 1e-9);
  }

  private void train() throws IOException {
    if (finished(training()).isPresent()) {
      return;
    }
    Step step = row.training();
    Map<String, List<String>> flags = new LinkedHashMap<>(step.flags());
    Optional<Path> broken = newest(training(), RunFolder.LAST_STATE);
    if (broken.isPresent()) {
      // Resumes with all settings of the run; a new folder contains the complete run.
      flags = new LinkedHashMap<>();
      flags.put("--load_path", List.of(broken.get().toString()));
      if (root.isPresent()) {
        flags.put("--data_root", List.of(root.get().toString()));
      }
    } else {
      flags.put("--seed", List.of(Long.toString(seed)));
    }
    flags.put("--log_dir", List.of(training().toString()));
    flags.put("--id", List.of("train"));
    execute(step, flags);
    if (finished(training()).isEmpty()) {
      throw new Failed("training of " + folder() + " ended without a result, see " + log(step));
    }
  }

  private void judge(Step step) throws IOException {
    Path results = folder().resolve(step.fileName());
    if (finished(results).isPresent()) {
      return;
    }
    Map<String, List<String>> flags = new LinkedHashMap<>(step.flags());
    flags.putIfAbsent("--load_path", List.of("{run}"));
    flags.put("--seed", List.of(Long.toString(seed)));
    flags.put("--log_dir", List.of(results.toString()));
    flags.put("--id", List.of(step.command()));
    execute(step, flags);
    if (finished(results).isEmpty()) {
      throw new Failed(step.words() + " of " + folder() + " left no result, see " + log(step));
    }
  }

  private Path log(Step step) {
    return folder().resolve(step.fileName() + ".log");
  }

  private void execute(Step step, Map<String, List<String>> flags) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (option.startsWith("-X") || option.startsWith("-Dorg.bytedeco")) {
        command.add(option);
      }
    }
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(MAIN);
    for (String argument : new Step(step.words(), filled(flags)).arguments()) {
      command.add(argument);
    }
    Path pid = folder().resolve("running.pid");
    refuseIfRunning(pid);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log(step).toFile()))
            .start();
    Files.writeString(pid, Long.toString(process.pid()));
    Thread end = new Thread(process::destroy, "study-end");
    Runtime.getRuntime().addShutdownHook(end);
    int status;
    try {
      status = process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + step.words() + " of " + folder() + " ran", e);
    }
    try {
      Runtime.getRuntime().removeShutdownHook(end);
    } catch (IllegalStateException e) {
      throw new IOException("stopped; start the study again to continue", e);
    }
    Files.deleteIfExists(pid);
    if (status != 0) {
      throw new Failed(
          step.words() + " of " + folder() + " ended with status " + status + ", see " + log(step));
    }
  }

  /** A study that was killed leaves its command running, and two commands would share a folder. */
  private static void refuseIfRunning(Path pid) throws IOException {
    if (Files.exists(pid)) {
      String text = Files.readString(pid).strip();
      boolean alive =
          text.matches("\\d{1,18}")
              && ProcessHandle.of(Long.parseLong(text))
                  .filter(ProcessHandle::isAlive)
                  .flatMap(handle -> handle.info().command())
                  .filter(name -> name.contains("java"))
                  .isPresent();
      if (alive) {
        throw new Failed("process " + text + " is still working in " + pid.getParent());
      }
    }
  }

  /** Replaces placeholders, and omits data flags if no data folder was given. */
  private Map<String, List<String>> filled(Map<String, List<String>> flags) throws IOException {
    Map<String, List<String>> filled = new LinkedHashMap<>();
    for (Map.Entry<String, List<String>> flag : flags.entrySet()) {
      List<String> values = new ArrayList<>();
      for (String value : flag.getValue()) {
        if (!value.contains("{data}")) {
          values.add(placed(value));
        } else if (root.isPresent()) {
          values.add(value.replace("{data}", root.get().toString()));
        }
      }
      if (!values.isEmpty() || flag.getValue().isEmpty()) {
        filled.put(flag.getKey(), values);
      }
    }
    return filled;
  }

  private String placed(String value) throws IOException {
    if (value.equals("{run}")) {
      return model(training());
    }
    if (value.startsWith("{run:") && value.endsWith("}")) {
      String other = value.substring("{run:".length(), value.length() - 1);
      return model(study.resolve(other).resolve("seed-" + seed).resolve("train"));
    }
    return value.replace("{seed}", Long.toString(seed));
  }

  private static String model(Path training) throws IOException {
    return finished(training)
        .orElseThrow(() -> new Failed("nothing was trained in " + training))
        .toString();
  }

  /** The newest folder of a completed run. */
  private static Optional<Path> finished(Path runs) throws IOException {
    Optional<Path> found = newest(runs, RESULT);
    if (found.isPresent()) {
      String reason = outcome(found.get()).path("stop_reason").asText();
      if (reason.equals("requested")) {
        return Optional.empty();
      }
    }
    return found;
  }

  /** The newest folder that contains a file. */
  private static Optional<Path> newest(Path runs, String file) throws IOException {
    if (!Files.isDirectory(runs)) {
      return Optional.empty();
    }
    try (Stream<Path> folders = Files.list(runs)) {
      return folders
          .filter(folder -> Files.exists(folder.resolve(file)))
          .max(Comparator.comparingLong(folder -> folder.resolve(file).toFile().lastModified()));
    }
  }

  /** Collects the numbers of all steps. */
  private void note(String phase, double seconds) throws IOException {
    ObjectNode all =
        Files.exists(result())
            ? (ObjectNode) JsonFiles.read(result(), "result of a cell")
            : JsonFiles.object();
    all.put("command", "study").put("row", row.name()).put("seed", seed);
    all.put("train", commandLine());
    ObjectNode metrics = JsonFiles.object();
    JsonNode trained = outcome(finished(training()).orElseThrow());
    metrics.put("train/seconds", trained.path("timing").path("train_s").asDouble(Double.NaN));
    copy(trained, "validation/", "", metrics);
    for (String kind : List.of("select", "judge")) {
      for (Step step : row.of(kind)) {
        Optional<Path> run = finished(folder().resolve(step.fileName()));
        if (run.isPresent()) {
          copy(outcome(run.get()), "", kind.equals("select") ? "select/" : "", metrics);
        }
      }
    }
    all.set("metrics", metrics);
    all.withObject("/done").put(phase, seconds);
    all.set("provenance", trained.path("provenance"));
    JsonFiles.write(result(), all);
  }

  private static JsonNode outcome(Path run) throws IOException {
    return JsonFiles.read(run.resolve(RESULT), "result");
  }

  /**
   * Metrics of a run whose keys start with one prefix, under keys with another prefix prepended.
   */
  private static void copy(JsonNode run, String beginning, String prefix, ObjectNode to) {
    run.path("metrics")
        .properties()
        .forEach(
            metric -> {
              if (metric.getKey().startsWith(beginning)) {
                to.set(prefix + metric.getKey(), metric.getValue());
              }
            });
  }
}
