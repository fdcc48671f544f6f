package org.udge.spark.training;

import static org.udge.internal.Preconditions.checkState;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.util.SerializableConfiguration;
import org.udge.state.State;
import org.udge.state.StateFiles;

/**
 * Checkpoints on storage that all machines can access: one folder {@code round-N} each, with a
 * state file of the driver and one per worker. Workers write theirs where they run. A folder gets
 * its name only when complete; until then it is called {@code round-N.partial}.
 */
final class RoundFolder implements Serializable {

  private static final long serialVersionUID = 1;

  private static final Pattern COMPLETE = Pattern.compile("round-(\\d{1,18})");
  private static final String PARTIAL = ".partial";
  private static final String DRIVER = "driver.state";

  /** The newest may contain parameters that have not been judged yet. */
  private static final int KEPT = 2;

  private final String folder;
  private final SerializableConfiguration configuration;

  RoundFolder(String folder, SerializableConfiguration configuration) {
    this.folder = folder;
    this.configuration = configuration;
  }

  /** Creates the folder and tests that it can be written, before training starts. */
  void prepare() {
    Path probe = new Path(folder, ".probe-" + ProcessHandle.current().pid());
    try {
      FileSystem files = probe.getFileSystem(configuration.value());
      files.mkdirs(new Path(folder));
      files.create(probe, true).close();
      files.delete(probe, false);
    } catch (IOException e) {
      throw new SparkTrainingException(
          "checkpoints cannot be written to " + folder + ": " + e.getMessage(), e);
    }
  }

  /** The newest complete round. */
  Optional<Long> newest() {
    List<Long> rounds = rounds();
    return rounds.isEmpty() ? Optional.empty() : Optional.of(rounds.get(rounds.size() - 1));
  }

  private List<Long> rounds() {
    List<Long> rounds = new ArrayList<>();
    try {
      for (FileStatus file : files().listStatus(new Path(folder))) {
        Matcher name = COMPLETE.matcher(file.getPath().getName());
        if (name.matches()) {
          rounds.add(Long.parseLong(name.group(1)));
        }
      }
    } catch (FileNotFoundException e) {
      return rounds;
    } catch (IOException e) {
      throw new SparkTrainingException("checkpoints in " + folder + " cannot be listed", e);
    }
    Collections.sort(rounds);
    return rounds;
  }

  /**
   * Removes rounds that are no longer needed.
   *
   * @param needed rounds to keep in addition to the newest two
   */
  void prune(Set<Long> needed) {
    List<Long> all = rounds();
    remove(
        all.subList(0, Math.max(0, all.size() - KEPT)).stream()
            .filter(round -> !needed.contains(round))
            .toList());
  }

  /** Removes the rounds after a given one, because they were rolled back. */
  void removeAfter(long last) {
    remove(rounds().stream().filter(round -> round > last).toList());
  }

  private void remove(List<Long> rounds) {
    try {
      for (long round : rounds) {
        files().delete(new Path(folder, name(round)), true);
      }
    } catch (IOException e) {
      throw new SparkTrainingException(
          "old checkpoints in " + folder + " cannot be removed: " + e.getMessage(), e);
    }
  }

  /** Writes a round; each task writes its worker's part. */
  void write(long round, State driver, JavaRDD<WorkerRound> workers) {
    Path partial = new Path(folder, name(round) + PARTIAL);
    try {
      FileSystem files = files();
      files.delete(partial, true);
      files.mkdirs(partial);
      String target = partial.toString();
      List<String> failures =
          workers.map(worker -> writeWorker(target, worker)).collect().stream()
              .filter(failure -> !failure.isEmpty())
              .toList();
      if (!failures.isEmpty()) {
        throw new IOException(failures.get(0));
      }
      writeFile(partial, DRIVER, driver, 0);
      Path complete = new Path(folder, name(round));
      files.delete(complete, true);
      checkState(files.rename(partial, complete), "%s could not be renamed", partial);
    } catch (IOException | RuntimeException e) {
      SparkTrainingException failure =
          new SparkTrainingException(
              "the checkpoint of round "
                  + round
                  + " could not be written to "
                  + folder
                  + ": "
                  + e.getMessage()
                  + ". Checkpoints of earlier rounds are complete",
              e);
      try {
        files().delete(partial, true);
      } catch (IOException leftover) {
        failure.addSuppressed(leftover);
      }
      throw failure;
    }
  }

  /** Empty, or the error: a retry elsewhere would not free any space. */
  private String writeWorker(String partial, WorkerRound worker) {
    try {
      writeFile(
          new Path(partial),
          workerFile(worker.worker()),
          worker
              .state()
              .orElseThrow(() -> new IllegalStateException("the worker has completed no round")),
          TaskContext.get().taskAttemptId());
      return "";
    } catch (IOException e) {
      return Place.of(worker.worker()) + ": " + e.getMessage();
    }
  }

  /** A task that runs twice writes the same content twice; the first to finish renames its file. */
  private void writeFile(Path target, String name, State state, long attempt) throws IOException {
    java.nio.file.Path local = Files.createTempFile("udge-state-", ".state");
    try {
      StateFiles.write(state, local);
      FileSystem files = files();
      Path temporary = new Path(target, name + "." + attempt);
      files.copyFromLocalFile(false, true, new Path(local.toUri()), temporary);
      Path complete = new Path(target, name);
      if (!files.rename(temporary, complete)) {
        files.delete(temporary, false);
        if (!files.exists(complete)) {
          throw new IOException(temporary + " could not be renamed");
        }
      }
    } finally {
      Files.deleteIfExists(local);
    }
  }

  State readDriver(long round) {
    return read(round, DRIVER);
  }

  State readWorker(long round, int worker) {
    return read(round, workerFile(worker));
  }

  private State read(long round, String name) {
    Path file = new Path(new Path(folder, name(round)), name);
    try {
      java.nio.file.Path local = Files.createTempFile("udge-state-", ".state");
      try {
        files().copyToLocalFile(false, file, new Path(local.toUri()), true);
        return StateFiles.read(local);
      } finally {
        Files.deleteIfExists(local);
      }
    } catch (IOException e) {
      throw new SparkTrainingException(
          "checkpoint " + file + " cannot be read: " + e.getMessage(), e);
    }
  }

  private FileSystem files() throws IOException {
    return new Path(folder).getFileSystem(configuration.value());
  }

  private static String name(long round) {
    return String.format(Locale.ROOT, "round-%08d", round);
  }

  private static String workerFile(int worker) {
    return String.format(Locale.ROOT, "worker-%05d.state", worker);
  }

  @Override
  public String toString() {
    return folder;
  }
}
