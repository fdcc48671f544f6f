package org.udge.examples.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.udge.Provenance;
import org.udge.state.AtomicFiles;
import org.udge.training.Checkpoints;

/**
 * The folder of one run, and the files that every command writes to it. If the run produced
 * nothing, closing removes the folder.
 */
public final class RunFolder implements AutoCloseable {

  public static final String SETTINGS = "variant.json";
  public static final String RESULT = "result.json";
  public static final String MODEL = Checkpoints.MODEL;

  /** The state of training after the last epoch. */
  public static final String LAST_STATE = Checkpoints.LAST;

  private static final String EVENTS = "events.out.tfevents.";

  private final Path path;
  private final boolean isFirst;

  private RunFolder(Path path, boolean isFirst) {
    this.path = path;
    this.isFirst = isFirst;
  }

  /**
   * Creates {@code logs/id-<time>-<random>}. Temporary files that killed runs left in the
   * neighboring folders are removed.
   */
  public static RunFolder create(Path logs, String id) throws IOException {
    Path all = logs.normalize();
    removeAbandoned(all);
    String time =
        DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")
            .format(ZonedDateTime.now(ZoneId.systemDefault()));
    String random = UUID.randomUUID().toString().substring(0, 4);
    boolean isFirst = !Files.exists(all);
    Path path = all.resolve(id + "-" + time + "-" + random);
    try {
      Files.createDirectories(path); // Returns another path if the parent folder is missing too.
      return new RunFolder(path, isFirst);
    } catch (FileAlreadyExistsException e) {
      throw new IOException(e.getFile() + " is a file: --log_dir must be a folder", e);
    } catch (AccessDeniedException e) {
      throw new IOException(
          "no permission to create " + path + ": choose another folder with --log_dir", e);
    } catch (IOException e) {
      throw new IOException("cannot make " + path + " (--log_dir): " + e.getMessage(), e);
    }
  }

  private static void removeAbandoned(Path logs) throws IOException {
    if (Files.isDirectory(logs)) {
      try (DirectoryStream<Path> runs = Files.newDirectoryStream(logs, Files::isDirectory)) {
        for (Path run : runs) {
          AtomicFiles.removeAbandoned(run);
        }
      }
    }
  }

  public Path path() {
    return path;
  }

  /** A subfolder for one of several models. */
  public RunFolder within(String name) throws IOException {
    return new RunFolder(Files.createDirectories(file(name)), false);
  }

  public Path file(String name) {
    return path.resolve(name);
  }

  public void writeSettings(ObjectNode settings) throws IOException {
    JsonFiles.write(file(SETTINGS), settings);
  }

  /** Starts {@code result.json}: the command and its environment. */
  public static ObjectNode result(
      String command,
      ObjectNode settings,
      long seed,
      Provenance provenance,
      Map<String, String> data) {
    ObjectNode result = JsonFiles.object();
    result.put("command", command).set("config", settings);
    result.put("seed", seed);
    ObjectNode origin = result.putObject("provenance");
    provenance.entries().forEach(origin::put);
    origin.put("git", GitCommit.ofThisProgram());
    ObjectNode hashes = origin.putObject("data");
    data.forEach(hashes::put);
    return result;
  }

  public void writeResult(ObjectNode result) throws IOException {
    JsonFiles.write(file(RESULT), result);
  }

  /** Removes the folder if it contains no more than how the command was called. */
  @Override
  public void close() throws IOException {
    List<Path> files = files(path);
    for (Path file : files) {
      if (!tellsNothing(file)) {
        return;
      }
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.deleteIfExists(path);
    Path logs = path.getParent();
    if (isFirst && logs != null && files(logs).isEmpty()) {
      Files.deleteIfExists(logs);
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static boolean tellsNothing(Path file) throws IOException {
    String name = file.getFileName().toString();
    return Files.isDirectory(file)
        ? files(file).isEmpty()
        : name.equals(SETTINGS) || name.startsWith(EVENTS);
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
