package org.udge.examples.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.udge.examples.CommandRun;
import org.udge.network.Norm;

class DoctorTest {

  @Test
  void shows_what_computes_here_and_that_it_computes_right() {
    CommandRun run = CommandRun.of("doctor");
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(run.out().lines())
        .anyMatch(line -> line.startsWith("java: " + System.getProperty("java.version")))
        .anyMatch(line -> line.matches("nd4j: .*backend CpuBackend.*"))
        .anyMatch(line -> line.equals("gpus: none used"))
        .anyMatch(line -> line.startsWith("engine chosen: "))
        .anyMatch(line -> line.startsWith("native libraries: ") && line.contains("nd4jcpu"))
        .anyMatch(line -> line.startsWith("ok      graph float32, WRN-10-1 norm none, finite"))
        .endsWith("all checks passed");
    assertThat(run.out().lines().filter(line -> line.startsWith("ok      onednn float32")))
        .hasSize(3 * Norm.values().length);
    assertThat(run.out()).doesNotContain(System.getProperty("user.home"), "FAILED");
  }

  @Test
  void what_is_too_far_or_not_a_number_fails() {
    assertThat(new Check("logits", 1e-6, 1e-5).line())
        .isEqualTo("ok      logits: error 1.0e-06, allowed 1e-05");
    assertThat(new Check("logits", 2e-5, 1e-5).line())
        .isEqualTo("FAILED  logits: error 2.0e-05, allowed 1e-05");
    assertThat(new Check("logits", Double.NaN, 1e-5).passed()).isFalse();
  }
}
