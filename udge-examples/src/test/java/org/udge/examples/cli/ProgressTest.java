package org.udge.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  @Test
  void tells_rate_and_remaining_time_in_lines() {
    try (Progress progress = new Progress("samples", "round", 0, 10, out, false)) {
      progress.at(1);
      assertThat(bytes.size()).isZero();
      progress.tell(10, "mean energy -1.5");
    }
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .matches("samples: round 10 of 10, [0-9.]+ rounds/s, 0:00 left: mean energy -1.5\\R");
  }
}
