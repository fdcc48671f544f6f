package org.udge.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Consumer;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.udge.data.ImageShape;
import org.udge.engine.Mode;
import org.udge.engine.Precision;
import org.udge.engine.nodes.NetworkReader;
import org.udge.engine.nodes.Node;
import org.udge.engine.onednn.Step.Phase;
import org.udge.network.Architecture;
import org.udge.network.ConvNet;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;

/** The program of each phase: what it does, and above all what it does not. */
class PlanTest {

  private static final ImageShape SHAPE = new ImageShape(3, 8, 8);

  /** Never read: plans know places, not memory. */
  private final FloatPointer parameters = new FloatPointer(1);

  private final PackedWeights weights = new PackedWeights(parameters.address());

  @AfterEach
  void free() {
    weights.close();
    parameters.close();
  }

  private Plan plan(Architecture network, Mode mode, int... size) {
    List<Node> nodes =
        NetworkReader.read("test", network.initialize(SHAPE, 10, RandomStreams.of(1))).nodes();
    int height = size.length == 0 ? SHAPE.height() : size[0];
    return PlanBuilder.build(
        Fusion.fuse(nodes), new long[] {2, 3, height, 8}, mode, Precision.FLOAT32, weights);
  }

  private void onPlan(Architecture network, Mode mode, Consumer<Plan> check) {
    try (Plan plan = plan(network, mode)) {
      check.accept(plan);
    }
  }

  private static List<String> labels(Plan plan, Phase phase) {
    return plan.steps(phase).stream().map(Step::label).toList();
  }

  private static boolean uses(Plan plan, Phase phase, Buffer.Place place) {
    return plan.steps(phase).stream()
        .flatMap(step -> step.buffers().stream())
        .anyMatch(buffer -> buffer.place() == place);
  }

  @Test
  void a_forward_pass_computes_no_gradient() {
    onPlan(
        WideResNet.of(10, 1),
        Mode.EVALUATION,
        plan -> {
          assertThat(labels(plan, Phase.FORWARD)).noneMatch(label -> label.contains("gradient"));
          assertThat(uses(plan, Phase.FORWARD, Buffer.Place.LOGITS)).isTrue();
          assertThat(uses(plan, Phase.FORWARD, Buffer.Place.GRADIENTS)).isFalse();
          assertThat(uses(plan, Phase.FORWARD, Buffer.Place.INPUT_GRADIENT)).isFalse();
          assertThat(plan.logitShape()).containsExactly(2, 10);
        });
  }

  @Test
  void an_input_gradient_computes_no_weight_gradient() {
    onPlan(
        WideResNet.of(10, 1),
        Mode.EVALUATION,
        plan -> {
          assertThat(labels(plan, Phase.INPUT_GRADIENT))
              .contains("conv1: convolution 3x3 input gradient")
              .contains("layer3.0.shortcut.0: convolution 1x1/2 input gradient")
              .contains("class_output: dense input gradient")
              .noneMatch(label -> label.contains("weights"))
              .noneMatch(label -> label.contains("add to gradients"));
          assertThat(uses(plan, Phase.INPUT_GRADIENT, Buffer.Place.GRADIENTS)).isFalse();
          assertThat(uses(plan, Phase.INPUT_GRADIENT, Buffer.Place.INPUT_GRADIENT)).isTrue();
        });
  }

  @Test
  void a_parameter_gradient_does_not_go_back_to_the_images() {
    onPlan(
        WideResNet.of(10, 1),
        Mode.EVALUATION,
        plan -> {
          assertThat(labels(plan, Phase.PARAMETER_GRADIENT))
              .contains("conv1: convolution 3x3 weights gradient")
              .contains("layer1.0.conv1: convolution 3x3 input gradient")
              .contains("conv1 weights: add to gradients")
              .contains("conv1 bias: add to gradients")
              .noneMatch(label -> label.startsWith("conv1: convolution 3x3 input gradient"))
              .noneMatch(label -> label.startsWith("images"));
          assertThat(uses(plan, Phase.PARAMETER_GRADIENT, Buffer.Place.INPUT_GRADIENT)).isFalse();
        });
  }

  @Test
  void after_a_parameter_gradient_the_first_convolution_finishes_the_input_gradient() {
    onPlan(
        WideResNet.of(10, 1),
        Mode.EVALUATION,
        plan -> {
          assertThat(plan.canFinishInputGradient()).isTrue();
          assertThat(labels(plan, Phase.INPUT_GRADIENT_REST))
              .contains("conv1: convolution 3x3 input gradient")
              .endsWith("images: reorder")
              .allMatch(label -> label.startsWith("conv1") || label.startsWith("images"));
          assertThat(plan.steps(Phase.INPUT_GRADIENT))
              .containsAll(plan.steps(Phase.INPUT_GRADIENT_REST));
        });
  }

  @Test
  void every_convolution_runs_once_in_each_direction() {
    onPlan(
        WideResNet.of(10, 1),
        Mode.EVALUATION,
        plan -> {
          for (Phase phase : List.of(Phase.INPUT_GRADIENT, Phase.PARAMETER_GRADIENT)) {
            int inputGradients = phase == Phase.INPUT_GRADIENT ? 9 : 8;
            assertThat(labels(plan, phase))
                .filteredOn(label -> label.matches(".*: convolution \\S+ input gradient"))
                .hasSize(inputGradients)
                .doesNotHaveDuplicates();
          }
          assertThat(labels(plan, Phase.FORWARD))
              .filteredOn(label -> label.contains(": convolution"))
              .hasSize(9)
              .contains("layer3.0.conv2: convolution 3x3/2 + sum + leaky relu 0.2");
        });
  }

  @Test
  void wide_convolutions_by_winograds_algorithm_have_their_activation_in_a_step_of_its_own() {
    onPlan(
        WideResNet.of(10, 1),
        Mode.EVALUATION,
        plan -> {
          for (Step step : plan.steps(Phase.FORWARD)) {
            if (step.label().startsWith("layer3.0.conv1: convolution")) {
              boolean winograd = ((Step.Native) step).implementation().contains("wino");
              boolean fused = step.label().contains("leaky relu");
              assertThat(winograd).isNotEqualTo(fused);
              assertThat(labels(plan, Phase.FORWARD).contains("layer3.0.conv1: leaky relu 0.2"))
                  .isEqualTo(winograd);
            }
          }
        });
  }

  @Test
  void narrow_and_strided_convolutions_never_run_by_winograds_algorithm() {
    onPlan(
        WideResNet.of(10, 2),
        Mode.EVALUATION,
        plan ->
            assertThat(plan.steps())
                .filteredOn(step -> step.label().matches("(conv1|layer1.*|.*3x3/2.*|.*1x1.*)"))
                .filteredOn(Step.Native.class::isInstance)
                .extracting(step -> ((Step.Native) step).implementation())
                .isNotEmpty()
                .noneMatch(implementation -> implementation.contains("wino")));
  }

  @Test
  void only_training_with_batch_statistics_updates_running_ones_and_only_for_parameters() {
    WideResNet network = WideResNet.of(10, 1).withNorm(Norm.BATCH);
    String update = "bn1: running statistics";
    onPlan(
        network,
        Mode.TRAINING,
        plan -> {
          assertThat(labels(plan, Phase.PARAMETER_GRADIENT)).contains(update);
          assertThat(labels(plan, Phase.INPUT_GRADIENT)).doesNotContain(update);
          assertThat(labels(plan, Phase.FORWARD)).doesNotContain(update);
        });
    onPlan(
        network,
        Mode.EVALUATION,
        plan -> assertThat(labels(plan, Phase.PARAMETER_GRADIENT)).doesNotContain(update));
  }

  @Test
  void each_phase_knows_the_packed_weights_it_reads() {
    onPlan(
        WideResNet.of(10, 1),
        Mode.EVALUATION,
        plan -> {
          for (Phase phase : Phase.values()) {
            List<Buffer> read =
                plan.steps(phase).stream()
                    .flatMap(step -> step.buffers().stream())
                    .filter(buffer -> buffer.place() == Buffer.Place.PACKED)
                    .distinct()
                    .toList();
            assertThat(plan.packed(phase)).containsExactlyElementsOf(read);
          }
          assertThat(plan.packed(Phase.FORWARD)).isNotEmpty();
        });
  }

  @Test
  void two_plans_of_one_network_share_packed_weights() {
    WideResNet network = WideResNet.of(10, 1);
    try (Plan small = plan(network, Mode.EVALUATION);
        Plan large = plan(network, Mode.EVALUATION, 16)) {
      assertThat(large.packed(Phase.FORWARD)).containsAnyElementsOf(small.packed(Phase.FORWARD));
    }
  }

  @Test
  void a_plan_needs_less_memory_than_its_tensors() {
    onPlan(
        WideResNet.of(16, 2),
        Mode.EVALUATION,
        plan -> {
          long tensors =
              plan.steps().stream()
                  .flatMap(step -> step.buffers().stream())
                  .filter(buffer -> buffer.place() == Buffer.Place.ARENA)
                  .map(Buffer::memory)
                  .distinct()
                  .mapToLong(Buffer::bytes)
                  .sum();
          assertThat(plan.arenaBytes()).isBetween(1L, tensors * 3 / 4);
          assertThat(plan.bytes()).isGreaterThanOrEqualTo(plan.arenaBytes() + plan.scratchBytes());
        });
  }

  @Test
  void refuses_images_of_a_size_that_the_dense_layer_cannot_take() {
    assertThatThrownBy(() -> plan(ConvNet.of(4), Mode.EVALUATION, 16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("layer 'dense' wants 64 features, images of this size give it 128 (4x8x4)");
  }
}
