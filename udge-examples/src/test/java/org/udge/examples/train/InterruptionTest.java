package org.udge.examples.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.udge.examples.CommandRun;
import org.udge.examples.Main;
import org.udge.state.State;
import org.udge.state.StateFiles;

/** Real processes, told to end while they train. */
@DisabledOnOs(OS.WINDOWS) // There is no way to send these signals.
class InterruptionTest {

  private static final int STEPS = 100;

  /** An epoch long enough to be interrupted. */
  private static final Object[] RUN = {
    "--pyxce", 1, "--pxsgld", 1, "--n_train", 8 * STEPS, "--n_epochs", 1, "--threads", 1
  };

  @TempDir private Path logs;

  private Process start(Path own) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    TrainTest.tiny(RUN).forEach(each -> command.add(each.toString()));
    command.addAll(List.of("--log_dir", own.toString()));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** Ends a run by a signal once it trains; what it printed. */
  private String interrupt(String signal, int status, Path own) throws Exception {
    Process child = start(own);
    try (BufferedReader output = child.inputReader()) {
      StringBuilder printed = new StringBuilder();
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        printed.append(line).append('\n');
        if (line.startsWith("train: step 1 of ")) {
          new ProcessBuilder("kill", "-" + signal, Long.toString(child.pid())).start().waitFor();
        }
      }
      assertThat(child.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(child.exitValue()).as(printed.toString()).isEqualTo(status);
      return printed.toString();
    } finally {
      child.destroyForcibly();
    }
  }

  private static JsonNode result(Path folder) throws IOException {
    return new ObjectMapper().readTree(folder.resolve("result.json").toFile());
  }

  @Test
  void sigterm_ends_after_a_step_and_the_run_goes_on_with_the_same_bits() throws Exception {
    Path own = logs.resolve("first");
    String printed = interrupt("TERM", 143, own);
    Path first = CommandRun.onlyFolder(own);
    long done = StateFiles.read(first.resolve("last.state")).getLong("steps");
    assertThat(done).isBetween(1L, STEPS - 1L);
    assertThat(printed)
        .contains("train: ending after this step")
        .contains("ended after step " + done + ": resume with train --load_path " + first);
    assertThat(result(first).get("stop_reason").asText()).isEqualTo("interrupted");
    assertThat(result(first).get("steps").asLong()).isEqualTo(done);
    double before = result(first).at("/timing/train_s").asDouble();

    CommandRun rest =
        CommandRun.of("train", "--load_path", first, "--log_dir", logs.resolve("rest"));
    assertThat(rest.err()).isEmpty();
    TrainTest.train(logs.resolve("whole"), RUN);
    Path resumed = CommandRun.onlyFolder(logs.resolve("rest"));
    State expected =
        StateFiles.read(CommandRun.onlyFolder(logs.resolve("whole")).resolve("last.state"));
    State actual = StateFiles.read(resumed.resolve("last.state"));
    assertThat(actual.getLong("steps")).isEqualTo(STEPS);
    assertThat(actual.getFloats("parameters")).isEqualTo(expected.getFloats("parameters"));
    assertThat(result(resumed).at("/timing/train_s").asDouble()).isGreaterThan(before);
    assertThat(result(resumed).at("/config/continues").asText())
        .isEqualTo("../../first/" + first.getFileName());
  }

  @Test
  void sigint_ends_after_a_step() throws Exception {
    assumeFalse(isIgnored(2), "interrupts are ignored in processes started in the background");
    Path own = logs.resolve("first");
    String printed = interrupt("INT", 130, own);
    assertThat(printed).contains("resume with train --load_path");
    assertThat(CommandRun.onlyFolder(own).resolve("last.state")).isNotEmptyFile();
  }

  /** Whether this process, and so its children, ignore a signal, where the system tells. */
  private static boolean isIgnored(int signal) throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .map(line -> Arrays.asList(line.split("\\s+")).get(1))
        .anyMatch(mask -> (Long.parseUnsignedLong(mask, 16) >> (signal - 1) & 1) == 1);
  }
}
