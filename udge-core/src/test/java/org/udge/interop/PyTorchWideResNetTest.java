package org.udge.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.ImageShape;
import org.udge.engine.Engine;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.engine.graph.GraphEngine;
import org.udge.network.Norm;

class PyTorchWideResNetTest {

  private static final PyTorchWideResNet IMPORTER = PyTorchWideResNet.importer();

  private static Path checkpoint(Norm norm) {
    return Resources.golden("wrn_" + norm.name().toLowerCase(Locale.ROOT) + ".pt");
  }

  private static ImportedWideResNet read(Norm norm) throws IOException {
    return (norm == Norm.INSTANCE || norm == Norm.LAYER ? IMPORTER.norm(norm) : IMPORTER)
        .read(checkpoint(norm));
  }

  /** The tensors of wrn_none.pt, for changing. */
  private static Map<String, Tensor> tensors() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    PyTorchCheckpoint.read(checkpoint(Norm.NONE))
        .tensors()
        .forEach((name, tensor) -> tensors.put(name.replace("model_state_dict.", ""), tensor));
    return tensors;
  }

  private static ImportedWideResNet convert(Map<String, Tensor> tensors) {
    return IMPORTER.convert(new PyTorchCheckpoint(Path.of("changed.pt"), tensors, Map.of()));
  }

  private static Tensor zeros(long... shape) {
    int bytes = 4;
    for (long size : shape) {
      bytes *= (int) size;
    }
    return Tensor.contiguous(ElementType.FLOAT32, ByteBuffer.allocate(bytes), shape, false);
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void gives_the_published_logits(Norm norm) throws Exception {
    ImportedWideResNet imported = read(norm);
    assertThat(imported.architecture().norm()).isEqualTo(norm);
    assertThat(imported.architecture().depth()).isEqualTo(10);
    assertThat(imported.architecture().width()).isEqualTo(1);
    assertThat(imported.classes()).isEqualTo(10);
    assertThat(imported.shape()).isEqualTo(ImageShape.CIFAR);
    String name = norm.name().toLowerCase(Locale.ROOT) + "_logits.npy";
    INDArray expected = NpyFile.read(Resources.golden(name)).toINDArray();
    INDArray images = NpyFile.read(Resources.golden("x.npy")).toINDArray();
    INDArray logits = logits(imported.graph(), images);
    assertThat(logits.distance2(expected) / expected.norm2Number().doubleValue()).isLessThan(1e-5);
  }

  private static INDArray logits(ComputationGraph graph, INDArray images) throws Exception {
    try (Engine engine = GraphEngine.of(graph);
        Pass pass = engine.forward(images, Mode.EVALUATION, 0)) {
      return pass.logits().dup();
    }
  }

  @Test
  void brings_replay_buffer_and_queue() throws IOException {
    ImportedWideResNet imported = read(Norm.NONE);
    Tensor buffer = imported.replayBuffer().orElseThrow();
    assertThat(buffer.shape()).containsExactly(20, 3, 32, 32);
    assertThat(buffer.getDouble(19, 2, 31, 31)).isBetween(-1.0, 1.0).isNotZero();
    ContrastiveQueue queue = imported.queue().orElseThrow();
    assertThat(queue.position()).isZero();
    assertThat(queue.logits().toFloats())
        .containsExactly(NpyFile.read(Resources.golden("queue.npy")).toFloats());
  }

  @Test
  void replay_buffer_and_queue_may_be_absent() throws IOException {
    Map<String, Tensor> tensors = tensors();
    tensors.remove("replay_buffer");
    tensors.remove("queue_logit");
    tensors.remove("queue_ptr");
    tensors.remove("f.linear.weight");
    ImportedWideResNet imported = convert(tensors);
    assertThat(imported.replayBuffer()).isEmpty();
    assertThat(imported.queue()).isEmpty();
  }

  @Test
  void finds_depth_width_channels_and_classes() throws IOException {
    ImportedWideResNet imported =
        IMPORTER.imageSize(8, 12).read(Resources.pytorch("wide_resnet_16_2.pt"));
    assertThat(imported.architecture().depth()).isEqualTo(16);
    assertThat(imported.architecture().width()).isEqualTo(2);
    assertThat(imported.architecture().norm()).isEqualTo(Norm.NONE);
    assertThat(imported.shape()).isEqualTo(new ImageShape(1, 8, 12));
    assertThat(imported.classes()).isEqualTo(3);
  }

  @Test
  void leaves_the_global_generator_alone() throws IOException {
    Nd4j.getRandom().setSeed(7);
    double expected = Nd4j.rand(1).getDouble(0);
    Nd4j.getRandom().setSeed(7);
    read(Norm.NONE);
    assertThat(Nd4j.rand(1).getDouble(0)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "f.conv1.weight,              is missing",
    "class_output.weight,         is missing",
    "class_output.bias,           of shape [10] is missing",
    "f.layer2.0.conv2.weight,     'of shape [32, 32, 3, 3] is missing'",
    "f.layer3.0.shortcut.0.bias,  of shape [64] is missing",
    "queue_ptr,                   is missing"
  })
  void names_a_missing_tensor(String name, String reason) throws IOException {
    Map<String, Tensor> tensors = tensors();
    tensors.remove(name);
    assertThatThrownBy(() -> convert(tensors))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("changed.pt", "'" + name + "'", reason);
  }

  @Test
  void names_a_tensor_of_another_shape() throws IOException {
    Map<String, Tensor> tensors = tensors();
    tensors.put("f.layer2.0.conv2.weight", zeros(32, 32, 1, 1));
    assertThatThrownBy(() -> convert(tensors))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "changed.pt as WideResNet-10-1 with norm NONE: tensor 'f.layer2.0.conv2.weight' is of"
                + " shape [32, 32, 1, 1], expected [32, 32, 3, 3]");
  }

  @Test
  void names_a_tensor_of_another_rank() throws IOException {
    Map<String, Tensor> tensors = tensors();
    tensors.put("f.conv1.weight", zeros(16));
    assertThatThrownBy(() -> convert(tensors))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'f.conv1.weight' is of shape [16], expected 4 sizes above 0");
  }

  @Test
  void names_a_tensor_too_many() throws IOException {
    Map<String, Tensor> tensors = tensors();
    tensors.put("f.layer2.1.conv1.weight", zeros(32, 32, 3, 3));
    assertThatThrownBy(() -> convert(tensors))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            "changed.pt",
            "'f.layer2.1.conv1.weight' of shape [32, 32, 3, 3] is none of WideResNet-10-1");
  }

  @Test
  void refuses_a_width_that_is_not_whole() throws IOException {
    Map<String, Tensor> tensors = tensors();
    tensors.put("f.layer1.0.conv1.weight", zeros(24, 16, 3, 3));
    assertThatThrownBy(() -> convert(tensors))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has 24 output channels, expected a multiple of 16");
  }

  @Test
  void refuses_a_replay_buffer_of_other_images() throws IOException {
    Map<String, Tensor> tensors = tensors();
    tensors.put("replay_buffer", zeros(2, 3, 16, 16));
    assertThatThrownBy(() -> convert(tensors))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is of shape [2, 3, 16, 16], expected [n, 3, 32, 32]");
  }

  @Test
  void refuses_a_queue_of_other_classes() throws IOException {
    Map<String, Tensor> tensors = tensors();
    tensors.put("queue_logit", zeros(9, 256));
    assertThatThrownBy(() -> convert(tensors))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'queue_logit' is of shape [9, 256], expected [10, slots]");
  }

  @Test
  void refuses_a_queue_position_outside_of_the_queue() throws IOException {
    Map<String, Tensor> tensors = tensors();
    ByteBuffer position = ByteBuffer.allocate(8).putLong(0, 256);
    tensors.put("queue_ptr", Tensor.contiguous(ElementType.INT64, position, new long[] {1}, false));
    assertThatThrownBy(() -> convert(tensors))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'queue_ptr' must be one number from 0 to 255, was [256.0]");
  }

  @Test
  void asks_which_norm_it_is_where_the_file_does_not_tell() {
    assertThatThrownBy(() -> IMPORTER.read(checkpoint(Norm.LAYER)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("wrn_layer.pt", "set the norm to INSTANCE or LAYER");
  }

  @Test
  void refuses_a_norm_that_the_file_does_not_have() {
    assertThatThrownBy(() -> IMPORTER.norm(Norm.BATCH).read(checkpoint(Norm.LAYER)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'f.layer1.0.bn1.running_mean' of shape [16] is missing");
    assertThatThrownBy(() -> IMPORTER.norm(Norm.NONE).read(checkpoint(Norm.ACT)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("'f.layer1.0.bn1.loc' of shape [1, 16, 1, 1] is none of");
  }

  @Test
  void refuses_another_network() {
    assertThatThrownBy(() -> IMPORTER.read(Resources.pytorch("flat.pt")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            "flat.pt", "'f.conv1.weight'", "is missing; it has 0.weight, 0.bias");
  }

  @Test
  void refuses_image_sizes_that_are_not_multiples_of_4() {
    assertThatThrownBy(() -> IMPORTER.imageSize(32, 30))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("image size must be positive multiples of 4, was 32 x 30");
  }

  @Test
  void refuses_a_queue_that_is_no_matrix() {
    assertThatThrownBy(() -> new ContrastiveQueue(zeros(3), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("queue logits must be [classes, slots], were FLOAT32[3]");
    assertThatThrownBy(() -> new ContrastiveQueue(zeros(3, 4), 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("queue position must be 0 to 3, was 4");
  }
}
