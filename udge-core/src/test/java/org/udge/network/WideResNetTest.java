package org.udge.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.ImageShape;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

class WideResNetTest {

  private static final ImageShape SMALL = new ImageShape(2, 4, 8);
  private static final RandomStreams STREAMS = RandomStreams.of(1);

  @Test
  void has_the_published_number_of_parameters() {
    // 36.5 million is what the literature says of the 28-10 with batch norm and 10 classes.
    ComputationGraph graph =
        new ComputationGraph(WideResNet.of(28, 10).configuration(ImageShape.CIFAR, 10));
    long parameters =
        graph.getConfiguration().getVertices().values().stream()
            .mapToLong(v -> v.numParams(true))
            .sum();
    assertThat(parameters).isBetween(36_400_000L, 36_500_000L);
  }

  @Test
  void names_layers_as_published() {
    ComputationGraph graph = WideResNet.of(16, 1).initialize(ImageShape.CIFAR, 10, STREAMS);
    assertThat(graph.paramTable().keySet())
        .filteredOn(name -> name.endsWith("_W"))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    Stream.of(
                        "conv1", "layer2.0.shortcut.0", "layer3.0.shortcut.0", "class_output"),
                    Stream.of(1, 2, 3)
                        .flatMap(g -> Stream.of("layer" + g + ".0.", "layer" + g + ".1."))
                        .flatMap(b -> Stream.of(b + "conv1", b + "conv2")))
                .map(name -> name + "_W")
                .toList());
    assertThat(graph.getParam("layer2.0.conv2_W").shape()).containsExactly(32, 32, 3, 3);
  }

  @Test
  void takes_any_channels_and_sizes_divisible_by_4() {
    ComputationGraph graph = WideResNet.of(10, 2).initialize(SMALL, 3, STREAMS);
    INDArray probabilities = graph.outputSingle(images(5));
    assertThat(probabilities.shape()).containsExactly(5, 3);
    assertThat(probabilities.sum(1).toDoubleVector())
        .containsExactly(new double[] {1, 1, 1, 1, 1}, within(1e-5));
  }

  @Test
  void draws_pytorch_s_default_parameters() {
    ComputationGraph graph = WideResNet.of(10, 4).initialize(SMALL, 10, STREAMS);
    assertUniform(graph.getParam("layer3.0.conv2_W"), 1 / Math.sqrt(256 * 9));
    assertUniform(graph.getParam("layer3.0.conv2_b"), 1 / Math.sqrt(256 * 9));
    assertUniform(graph.getParam("class_output_W"), 1 / Math.sqrt(256));
    assertThat(graph.getParam("class_output_b").amaxNumber().doubleValue())
        .isBetween(1e-4, 1 / Math.sqrt(256));
  }

  private static void assertUniform(INDArray values, double bound) {
    assertThat(values.amaxNumber().doubleValue()).isBetween(0.9 * bound, bound);
    assertThat(values.stdNumber().doubleValue() / (bound / Math.sqrt(3))).isBetween(0.9, 1.1);
    assertThat(values.meanNumber().doubleValue() / bound).isBetween(-0.1, 0.1);
  }

  @Test
  void draws_he_parameters() {
    ComputationGraph graph =
        WideResNet.of(10, 4).withInitialization(Initialization.HE).initialize(SMALL, 10, STREAMS);
    double deviation = Math.sqrt(2.0 / (256 * 9));
    INDArray weights = graph.getParam("layer3.0.conv2_W");
    assertThat(weights.stdNumber().doubleValue() / deviation).isBetween(0.99, 1.01);
    assertThat(weights.amaxNumber().doubleValue() / deviation).isGreaterThan(4);
    assertThat(graph.getParam("layer3.0.conv2_b").amaxNumber().doubleValue()).isZero();
  }

  @Test
  void adding_norms_does_not_change_what_other_layers_draw() {
    ComputationGraph plain = WideResNet.of(10, 1).initialize(SMALL, 3, STREAMS);
    ComputationGraph normed =
        WideResNet.of(10, 1).withNorm(Norm.BATCH).initialize(SMALL, 3, STREAMS);
    plain
        .paramTable()
        .forEach((name, values) -> assertThat(normed.getParam(name)).as(name).isEqualTo(values));
  }

  @ParameterizedTest
  @EnumSource
  void leaves_the_generator_of_nd4j_as_it_was(Norm norm) {
    Nd4j.getRandom().setSeed(5);
    INDArray expected = Nd4j.rand(4);
    Nd4j.getRandom().setSeed(5);
    WideResNet.of(10, 1).withNorm(norm).withDropout(0.3).initialize(SMALL, 3, STREAMS);
    assertThat(Nd4j.rand(4)).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource
  void the_same_settings_give_the_same_configuration(Norm norm) {
    WideResNet architecture = WideResNet.of(10, 1).withNorm(norm).withDropout(0.3);
    ComputationGraphConfiguration configuration = architecture.configuration(SMALL, 3);
    assertThat(configuration.toJson()).isEqualTo(architecture.configuration(SMALL, 3).toJson());
    assertThat(ComputationGraphConfiguration.fromJson(configuration.toJson()))
        .isEqualTo(configuration);
  }

  @ParameterizedTest
  @EnumSource
  void plain_deeplearning4j_trains_saves_and_loads_it(Norm norm, @TempDir Path folder)
      throws Exception {
    ComputationGraph graph = WideResNet.of(10, 1).withNorm(norm).initialize(SMALL, 3, STREAMS);
    INDArray images = images(3);
    INDArray labels = Nd4j.eye(3);
    DataSet batch = new DataSet(images, labels);
    double before = graph.score(batch, true);
    for (int i = 0; i < 2; i++) {
      graph.fit(batch);
    }
    assertThat(graph.score(batch, true)).isLessThan(before);
    ModelSerializer.writeModel(graph, folder.resolve("model.zip").toFile(), true);
    ComputationGraph loaded =
        ModelSerializer.restoreComputationGraph(folder.resolve("model.zip").toFile());
    assertThat(loaded.outputSingle(images)).isEqualTo(graph.outputSingle(images));
  }

  @Test
  void drops_activations_between_a_block_s_convolutions() {
    ComputationGraphConfiguration configuration =
        WideResNet.of(10, 1).withDropout(0.3).configuration(SMALL, 3);
    assertThat(configuration.getVertexInputs().get("layer1.0.dropout"))
        .containsExactly("layer1.0.conv1");
    assertThat(configuration.getVertexInputs().get("layer1.0.lrelu2"))
        .containsExactly("layer1.0.dropout");
  }

  @Test
  void options_change_a_copy() {
    WideResNet plain = WideResNet.of(16, 2);
    WideResNet changed = plain.withDropout(0.3).withNorm(Norm.BATCH).withBatchNormDecay(0.1);
    WideResNet inOtherOrder = plain.withBatchNormDecay(0.1).withNorm(Norm.BATCH).withDropout(0.3);
    assertThat(changed).isEqualTo(inOtherOrder).hasSameHashCodeAs(inOtherOrder);
    assertThat(changed)
        .hasToString(
            "WideResNet[depth=16, width=2, dropout=0.3, norm=BATCH,"
                + " initialization=PYTORCH_DEFAULT, batchNormDecay=0.1]");
    assertThat(changed).isNotEqualTo(changed.withInitialization(Initialization.HE));
    assertThat(plain).isEqualTo(WideResNet.of(16, 2));
    assertThat(plain.name()).isEqualTo("WideResNet-16-2");
  }

  @Test
  void refuses_depth_other_than_6n_plus_4() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WideResNet.of(12, 1))
        .withMessage("depth must be 6n + 4 with n at least 1 (10, 16, 22, 28, ...), was 12");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WideResNet.of(4, 1))
        .withMessageContaining("was 4");
  }

  @Test
  void refuses_width_below_1() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WideResNet.of(10, 0))
        .withMessage("width must be at least 1, was 0");
  }

  @Test
  void refuses_dropout_outside_0_to_1() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WideResNet.of(10, 1).withDropout(1))
        .withMessage("dropout must be in [0, 1), was 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WideResNet.of(10, 1).withDropout(Double.NaN));
  }

  @Test
  void refuses_batch_norm_decay_outside_0_to_1() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WideResNet.of(10, 1).withBatchNormDecay(1.5))
        .withMessage("batchNormDecay must be in [0, 1), was 1.5");
  }

  @Test
  void refuses_sizes_not_divisible_by_4() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WideResNet.of(10, 1).configuration(new ImageShape(3, 32, 30), 10))
        .withMessage(
            "height and width of images must be divisible by 4 for a WideResNet, were 32 x 30");
  }

  @Test
  void refuses_fewer_than_2_classes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WideResNet.of(10, 1).configuration(SMALL, 1))
        .withMessage("classes must be at least 2, was 1");
  }

  private static INDArray images(int count) {
    float[] pixels = new float[count * SMALL.size()];
    RandomStream random = STREAMS.stream("images");
    random.fillUniform(pixels, -1, 1);
    return Nd4j.createFromArray(pixels).reshape(SMALL.batch(count));
  }
}
