package org.udge.examples.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.UUID;
import org.udge.Provenance;

/** The folder of one run, and the files every command leaves there. */
public record RunFolder(Path path) {

  public static final String SETTINGS = "variant.json";
  public static final String MODEL = "model.zip";

  /** The state of training after its last epoch. */
  public static final String LAST_STATE = "last.state";

  /** Makes {@code logs/id-<time>-<random>}. */
  public static RunFolder create(Path logs, String id) throws IOException {
    String time =
        DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")
            .format(ZonedDateTime.now(ZoneId.systemDefault()));
    String random = UUID.randomUUID().toString().substring(0, 4);
    return new RunFolder(Files.createDirectories(logs.resolve(id + "-" + time + "-" + random)));
  }

  /** A folder within, for one of several models. */
  public RunFolder within(String name) throws IOException {
    return new RunFolder(Files.createDirectories(file(name)));
  }

  public Path file(String name) {
    return path.resolve(name);
  }

  public void writeSettings(ObjectNode settings) throws IOException {
    JsonFiles.write(file(SETTINGS), settings);
  }

  /** Starts {@code result.json}: what was run, and where. */
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
    JsonFiles.write(file("result.json"), result);
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
