package org.udge.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.udge.engine.onednn.StepKind;
import org.udge.engine.onednn.StepTime;

/** A plan made up by hand: one convolution of 6 million operations in each direction. */
class LayersReportTest {

  private static final long OPERATIONS = 6_000_000;
  private static final List<StepTime> PROFILE =
      List.of(
          convolution("FORWARD", StepKind.CONVOLUTION_FORWARD, "c: forward", 1),
          new StepTime("FORWARD", StepKind.REORDER, "logits: reorder", "any", 0.5, 0),
          new StepTime("BOTH_GRADIENTS", StepKind.ELEMENT_WISE, "a: backward", "any", 1, 0),
          convolution("PARAMETER_GRADIENT", StepKind.CONVOLUTION_WEIGHT_GRADIENT, "c: weights", 4),
          convolution("INPUT_GRADIENT", StepKind.CONVOLUTION_INPUT_GRADIENT, "c: input", 2));
  private static final List<StepTime> BARE =
      List.of(
          convolution("FORWARD", StepKind.CONVOLUTION_FORWARD, "c: forward", 0.75),
          convolution("PARAMETER_GRADIENT", StepKind.CONVOLUTION_WEIGHT_GRADIENT, "c: weights", 3),
          convolution("INPUT_GRADIENT", StepKind.CONVOLUTION_INPUT_GRADIENT, "c: input", 1.25));

  private static StepTime convolution(
      String phase, StepKind kind, String label, double milliseconds) {
    return new StepTime(phase, kind, label, "jit", milliseconds, OPERATIONS);
  }

  @Test
  void rates_are_operations_of_convolutions_over_three_times() {
    LayersReport report = new LayersReport("images", "INPUT_GRADIENT", 6, PROFILE, BARE);
    assertThat(report.ceiling()).isCloseTo(12 / 2.0, within(1e-12));
    assertThat(report.convolutions()).isCloseTo(12 / 3.0, within(1e-12));
    assertThat(report.whole()).isCloseTo(12 / 6.0, within(1e-12));
    LayersReport other = new LayersReport("parameters", "PARAMETER_GRADIENT", 12, PROFILE, BARE);
    assertThat(other.ceiling()).isCloseTo(12 / 3.75, within(1e-12));
    assertThat(other.convolutions()).isCloseTo(12 / 5.0, within(1e-12));
    assertThat(other.whole()).isCloseTo(12 / 12.0, within(1e-12));
  }

  @Test
  void a_table_groups_the_steps_of_one_gradient_by_kind() {
    LayersReport report = new LayersReport("images", "INPUT_GRADIENT", 6, PROFILE, BARE);
    List<String> lines =
        report.text().lines().map(line -> line.strip().replaceAll(" {2,}", " | ")).toList();
    assertThat(lines)
        .containsExactly(
            "images",
            "ms | share | GFLOP/s | oneDNN alone",
            "convolution forward | 1.000 | 22.2 % | 6 | 8",
            "c: forward | 1.000 | 22.2 % | 6 | 8",
            "convolution input gradient | 2.000 | 44.4 % | 3 | 5",
            "c: input | 2.000 | 44.4 % | 3 | 5",
            "element wise | 1.000 | 22.2 %",
            "a: backward | 1.000 | 22.2 %",
            "reorder | 0.500 | 11.1 %",
            "logits: reorder | 0.500 | 11.1 %",
            "all steps individually | 4.500 | 100.0 %",
            "whole pass, median | 6.000",
            "oneDNN alone reaches 6.0 GFLOP/s on the convolutions; the plan's reach 4.0, 0.67 of"
                + " it, and"
                + " the whole pass 2.0, 0.33 of it");
  }
}
