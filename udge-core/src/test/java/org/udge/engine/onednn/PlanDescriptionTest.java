package org.udge.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.bytedeco.dnnl.memory;
import org.junit.jupiter.api.Test;
import org.udge.data.ImageShape;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;

class PlanDescriptionTest {

  private static String layout(memory.data_type type, memory.format_tag tag, long... sizes) {
    memory.desc descriptor = new memory.desc(sizes, type, tag);
    return PlanDescription.layout(new Buffer("b", descriptor, Buffer.Place.ARENA, 0));
  }

  @Test
  void layouts_say_sizes_type_order_of_axes_and_blocks() {
    memory.data_type f32 = memory.data_type.f32;
    assertThat(layout(f32, memory.format_tag.nchw, 2, 3, 4, 5)).isEqualTo("2x3x4x5 f32");
    assertThat(layout(f32, memory.format_tag.nhwc, 2, 3, 4, 5)).isEqualTo("2x3x4x5 f32 order acdb");
    assertThat(layout(memory.data_type.bf16, memory.format_tag.nChw16c, 2, 32, 4, 5))
        .isEqualTo("2x32x4x5 bf16 blocks 16b");
    assertThat(layout(f32, memory.format_tag.OIhw16i16o, 32, 16, 3, 3))
        .isEqualTo("32x16x3x3 f32 blocks 16b16a");
    assertThat(layout(f32, memory.format_tag.x, 7)).isEqualTo("7 f32");
  }

  @Test
  void a_step_is_a_line_with_its_tensors() {
    Buffer in = new Buffer("in", PlanContext.plain(2, 3), Buffer.Place.ARENA, 0);
    Buffer out = new Buffer("out", PlanContext.vector(32768), Buffer.Place.ARENA, 0);
    Step step =
        new Step.Host("node: work", Set.of(Step.Phase.FORWARD), List.of(in, out), arena -> {});
    try (Plan plan = new Plan(new NativeScope(), new long[] {2}, new long[] {2}, List.of(step))) {
      // 24 bytes, rounded up to 64, beside 128 KiB.
      assertThat(PlanDescription.of(plan))
          .isEqualTo(
              """
                memory of a pass: 0.1 MiB and 0.0 MiB of scratch
                node: work (in 2x3 f32; out 32768 f32)
              """);
    }
  }

  @Test
  void an_engine_describes_fusions_and_the_plans_made_so_far() {
    ImageShape shape = new ImageShape(3, 8, 8);
    try (OneDnnEngine engine =
        OneDnnEngine.compile(
            WideResNet.of(10, 1).initialize(shape, 10, RandomStreams.of(1)),
            OneDnnOptions.ofDefaults().withThreads(1))) {
      assertThat(engine.describe())
          .startsWith("engine onednn: FLOAT32, threads 1\nfused network\n")
          .contains("  Convolution layer1.0.conv2 [layer1.0.lrelu2] + conv1 in place -> ")
          .doesNotContain("plan for images");
      Pass pass = engine.forward(org.nd4j.linalg.factory.Nd4j.zeros(4, 3, 8, 8), Mode.EVALUATION);
      pass.close();
      assertThat(engine.describe().lines())
          .contains("plan for images [4, 3, 8, 8] EVALUATION")
          .anyMatch(line -> line.matches("  memory of a pass: \\d+\\.\\d MiB and .*"))
          .anyMatch(
              line ->
                  line.matches(
                      "  layer1\\.0\\.conv2: convolution 3x3 \\+ sum \\[\\S+] \\(.*"
                          + "layer1\\.0\\.lrelu2 4x16x8x8 f32 .*"
                          + "layer1\\.0\\.conv2 weights 16x16x3x3 f32 .*"
                          + "conv1 4x16x8x8 f32 .*\\)"))
          .anyMatch(line -> line.startsWith("  conv1 bias: add to gradients ["));
    }
  }
}
