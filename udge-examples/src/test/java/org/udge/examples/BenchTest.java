package org.udge.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchTest {

  @ParameterizedTest
  @ValueSource(strings = {"ce", "hdge", "hdge+jem", "gradx"})
  void prints_one_line_of_json(String mode) throws IOException {
    CommandRun run =
        CommandRun.of(
            "bench",
            "--mode",
            mode,
            "--batch",
            4,
            "--k",
            64,
            "--sgld_steps",
            2,
            "--steps",
            1,
            "--warmup_s",
            0);
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).hasLineCount(1);
    JsonNode json = new ObjectMapper().readTree(run.out());
    assertThat(ImmutableList.copyOf(json.fieldNames()))
        .containsExactly(
            "engine", "precision", "mode", "net", "batch", "k", "sgld_steps", "threads", "step_ms");
    assertThat(json.get("mode").asText()).isEqualTo(mode);
    assertThat(json.get("net").asText()).isEqualTo("WRN-10-1");
    assertThat(json.get("precision").asText()).isEqualTo("float32");
    assertThat(json.get("step_ms").asDouble()).isPositive();
  }
}
