package org.udge.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.udge.EnergyModel;
import org.udge.engine.EngineSettings;
import org.udge.engine.Precision;
import org.udge.examples.CommandRun;
import org.udge.network.WideResNet;

class BenchTest {

  private static final List<String> COMMON =
      List.of(
          "engine",
          "precision",
          "mode",
          "net",
          "norm",
          "batch",
          "k",
          "sgld_steps",
          "in_steps",
          "threads",
          "step_ms");

  /** A short run. */
  private static CommandRun bench(String mode, Object... flags) {
    List<Object> args = new ArrayList<>(List.of("bench", "--mode", mode, "--batch", 4, "--k", 64));
    args.addAll(List.of("--sgld_steps", 2, "--warmup_s", 0));
    args.addAll(Arrays.asList(flags));
    if (!args.contains("--steps")) {
      args.addAll(List.of("--steps", 1));
    }
    return CommandRun.of(args.toArray());
  }

  private static JsonNode json(String line, String... more) throws IOException {
    JsonNode json = new ObjectMapper().readTree(line);
    List<String> names = new ArrayList<>(COMMON);
    names.addAll(List.of(more));
    assertThat(ImmutableList.copyOf(json.fieldNames())).containsExactlyElementsOf(names);
    assertThat(json.get("net").asText()).isEqualTo("WRN-10-1");
    assertThat(json.get("step_ms").asDouble()).isPositive();
    return json;
  }

  @Test
  void moves_chains_several_times_for_each_langevin_step() throws IOException {
    CommandRun run = bench("jem", "--in_steps", 5);
    assertThat(run.err()).isEmpty();
    JsonNode json = json(run.out(), "data", "outside_passes", "noise_share");
    assertThat(json.get("sgld_steps").asInt()).isEqualTo(2);
    assertThat(json.get("in_steps").asInt()).isEqualTo(5);
  }

  @Test
  void tells_the_share_of_logging() throws IOException {
    CommandRun run = bench("logging", "--steps", 3);
    assertThat(run.err()).isEmpty();
    JsonNode json = json(run.out(), "logging_share");
    assertThat(json.get("logging_share").asDouble()).isBetween(0.0, 1.0).isNotZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ce", "hdge", "jem", "hdge+jem", "gradx"})
  void prints_one_line_of_json(String mode) throws IOException {
    CommandRun run = bench(mode);
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).hasLineCount(1);
    boolean samples = mode.endsWith("jem");
    JsonNode json =
        samples
            ? json(run.out(), "data", "outside_passes", "noise_share")
            : json(run.out(), "data", "outside_passes");
    if (samples) {
      assertThat(json.get("noise_share").asDouble()).isBetween(0.0, 1.0);
    }
    assertThat(json.get("mode").asText()).isEqualTo(mode);
    assertThat(json.get("precision").asText()).isEqualTo("float32");
    assertThat(json.get("data").asText()).isEqualTo("fixed");
    assertThat(json.get("outside_passes").asDouble()).isBetween(0.0, 1.0);
  }

  @Test
  void reads_augmented_batches_made_ahead() throws IOException {
    CommandRun run = bench("ce", "--data", "augmented", "--workers", 2);
    assertThat(run.err()).isEmpty();
    assertThat(json(run.out(), "data", "outside_passes").get("data").asText())
        .isEqualTo("augmented");
  }

  @Test
  void takes_gradients_apart() throws IOException {
    CommandRun run = bench("layers");
    assertThat(run.err()).isEmpty();
    List<String> lines = run.out().lines().toList();
    assertThat(lines)
        .contains("forward and gradient of the images", "forward and gradient of the parameters")
        .anyMatch(line -> line.matches("convolution forward +[\\d.]+ +[\\d.]+ % +\\d+ +\\d+"))
        .anyMatch(line -> line.matches("  conv1: convolution 3x3 +[\\d.]+ +[\\d.]+ % +\\d+ +\\d+"))
        .anyMatch(line -> line.matches("reorder +[\\d.]+ +[\\d.]+ % *"))
        .anyMatch(
            line -> line.matches("oneDNN alone reaches [\\d.]+ GFLOP/s on the convolutions.*"));
    int second = lines.indexOf("forward and gradient of the parameters");
    assertThat(lines.subList(0, second)).noneMatch(line -> line.contains("weights gradient"));
    assertThat(lines.subList(second, lines.size()))
        .noneMatch(line -> line.startsWith("  conv1: convolution 3x3 input gradient"))
        .anyMatch(line -> line.startsWith("  conv1: convolution 3x3 weights gradient"));
    JsonNode json =
        json(
            lines.get(lines.size() - 1),
            "ceiling_gflops",
            "conv_gflops",
            "step_gflops",
            "parameter_step_ms",
            "parameter_ceiling_gflops",
            "parameter_conv_gflops",
            "parameter_step_gflops");
    // WRN-10-1: 19,578,880 multiplications and additions an image, forward and back.
    double expected = 4 * 2 * 2 * 19_578_880.0;
    double operations = json.get("step_gflops").asDouble() * json.get("step_ms").asDouble() * 1e6;
    assertThat(operations).isCloseTo(expected, within(0.1 * expected));
    for (String name : List.of("ceiling_gflops", "conv_gflops", "parameter_ceiling_gflops")) {
      assertThat(json.get(name).asDouble()).as(name).isPositive();
    }
  }

  @Test
  void layers_are_those_of_the_fast_engine() {
    CommandRun run = bench("layers", "--engine", "graph");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .startsWith(
            "udge bench: --mode layers shows plans of the onednn engine, but the network runs on"
                + " graph");
  }

  @Test
  void prints_errors_of_bfloat16() throws IOException {
    assumeThat(bfloat16()).isTrue();
    CommandRun run = bench("precision", "--precision", "bfloat16");
    assertThat(run.err()).isEmpty();
    JsonNode json = json(run.out(), "logits_error", "input_gradient_error");
    assertThat(json.get("precision").asText()).isEqualTo("bfloat16");
    assertThat(json.get("logits_error").asDouble()).isBetween(1e-5, 0.05);
    assertThat(json.get("input_gradient_error").asDouble()).isBetween(1e-5, 0.2);
  }

  private static boolean bfloat16() {
    try (EnergyModel model =
        EnergyModel.builder(WideResNet.of(10, 1))
            .classes(2)
            .engine(EngineSettings.ofDefaults().withPrecision(Precision.BFLOAT16))
            .build()) {
      return model.engine().precision() == Precision.BFLOAT16;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Test
  void wants_a_precision_to_compare_with_float32() {
    CommandRun run = bench("precision");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("udge bench: --mode precision compares with float32: give another --precision");
  }
}
