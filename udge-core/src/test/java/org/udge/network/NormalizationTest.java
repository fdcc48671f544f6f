package org.udge.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.Sgd;
import org.udge.data.ImageShape;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.engine.graph.GraphEngine;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

class NormalizationTest {

  private static final ImageShape SHAPE = new ImageShape(4, 4, 8);
  private static final int CLASSES = 3;
  private static final int IMAGES = 3;

  private final RandomStream random = RandomStreams.of(3).stream("test");

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void gradients_agree_with_finite_differences(Norm norm) {
    ComputationGraph graph = network(norm);
    INDArray images = gaussian(SHAPE.batch(IMAGES));
    ActNormalization.initialize(graph, images);
    // Away from the constants that norms start with.
    INDArray parameters = graph.params();
    parameters.addi(gaussian(parameters.shape()).muli(0.1).muli(trained(graph)));
    INDArray weights = gaussian(IMAGES, CLASSES);

    try (GraphEngine engine = GraphEngine.of(graph)) {
      graph.getGradientsViewArray().assign(0);
      INDArray inputGradient;
      try (Pass pass = engine.forward(images, Mode.TRAINING)) {
        inputGradient = pass.inputGradient(weights).dup();
        pass.parameterGradient(weights);
      }
      assertGradient(inputGradient, images, () -> value(engine, images, weights));
      INDArray gradient = graph.getGradientsViewArray().mul(trained(graph));
      assertGradient(gradient, parameters, () -> value(engine, images, weights));
    }
  }

  private static double value(GraphEngine engine, INDArray images, INDArray weights) {
    try (Pass pass = engine.forward(images, Mode.TRAINING)) {
      return pass.logits().mul(weights).sumNumber().doubleValue();
    }
  }

  private void assertGradient(INDArray gradient, INDArray at, DoubleSupplier function) {
    double step = 1e-5;
    for (int k = 0; k < 15; k++) {
      int i = random.nextInt((int) at.length());
      double old = at.getDouble(i);
      at.putScalar(i, old + step);
      double above = function.getAsDouble();
      at.putScalar(i, old - step);
      double below = function.getAsDouble();
      at.putScalar(i, old);
      assertThat((above - below) / (2 * step))
          .as("entry %s", i)
          .isCloseTo(gradient.getDouble(i), within(1e-7 + 1e-6 * Math.abs(gradient.getDouble(i))));
    }
  }

  /** 1 for parameters with a gradient, 0 for running statistics and flags. */
  private static INDArray trained(ComputationGraph graph) {
    INDArray mask = Nd4j.ones(DataType.DOUBLE, graph.params().shape());
    ComputationGraph masks = new ComputationGraph(graph.getConfiguration().clone());
    masks.init(mask, false);
    masks
        .paramTable()
        .forEach(
            (name, values) -> {
              if (name.endsWith("_mean")
                  || name.endsWith("_var")
                  || name.endsWith("_initialized")) {
                values.assign(0);
              }
            });
    return mask;
  }

  @Test
  void instance_normalization_gives_every_channel_of_every_image_mean_0_and_variance_1() {
    INDArray y = activations(Norm.INSTANCE);
    assertThat(y.mean(2, 3).amaxNumber().doubleValue()).isLessThan(1e-12);
    assertThat(y.var(false, 2, 3).subi(1).amaxNumber().doubleValue()).isLessThan(1e-3);
  }

  @Test
  void layer_normalization_gives_every_image_mean_0_and_variance_1() {
    INDArray y = activations(Norm.LAYER);
    assertThat(y.mean(1, 2, 3).amaxNumber().doubleValue()).isLessThan(1e-12);
    assertThat(y.var(false, 1, 2, 3).subi(1).amaxNumber().doubleValue()).isLessThan(1e-3);
    assertThat(y.mean(2, 3).amaxNumber().doubleValue()).isGreaterThan(1e-2);
  }

  @Test
  void activation_normalization_gives_every_channel_of_the_first_batch_mean_0_and_variance_1() {
    INDArray y = activations(Norm.ACT);
    assertThat(y.mean(0, 2, 3).amaxNumber().doubleValue()).isLessThan(1e-12);
    assertThat(y.var(true, 0, 2, 3).subi(1).amaxNumber().doubleValue()).isLessThan(1e-4);
  }

  private INDArray activations(Norm norm) {
    return network(norm)
        .feedForward(new INDArray[] {gaussian(SHAPE.batch(IMAGES))}, true, true)
        .get("norm");
  }

  @Test
  void activation_normalization_learns_its_start_from_the_first_training_batch_only() {
    ComputationGraph graph = network(Norm.ACT);
    INDArray fresh = graph.params().dup();
    graph.output(gaussian(SHAPE.batch(IMAGES)));
    assertThat(graph.params()).isEqualTo(fresh);
    assertThat(ActNormalization.isInitialized(graph)).isFalse();

    ActNormalization.initialize(graph, gaussian(SHAPE.batch(IMAGES)));
    assertThat(ActNormalization.isInitialized(graph)).isTrue();
    INDArray started = graph.params().dup();
    assertThat(started).isNotEqualTo(fresh);

    ActNormalization.initialize(graph, gaussian(SHAPE.batch(IMAGES)));
    graph.feedForward(new INDArray[] {gaussian(SHAPE.batch(IMAGES))}, true, true);
    assertThat(graph.params()).isEqualTo(started);
  }

  @Test
  void a_channel_that_is_constant_in_the_first_batch_stays_finite() {
    ComputationGraph graph = network(Norm.ACT);
    ActNormalization.initialize(graph, Nd4j.zeros(DataType.DOUBLE, SHAPE.batch(IMAGES)));
    assertThat(Double.isFinite(graph.params().sumNumber().doubleValue())).isTrue();
  }

  @Test
  void no_updater_touches_the_flag() {
    ActNormalization layer = new ActNormalization();
    layer.setIUpdater(new Sgd(0.1));
    assertThat(layer.getUpdaterByParam(ActNormalization.INITIALIZED)).isInstanceOf(NoOp.class);
    assertThat(layer.getUpdaterByParam(ActNormalization.SCALE)).isSameAs(layer.getIUpdater());
  }

  @Test
  void epsilon_survives_a_detour_over_json() {
    ComputationGraphConfiguration configuration =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("input")
            .setInputTypes(InputType.convolutional(4, 6, 2))
            .addLayer("norm", new LayerNormalization(0.25), "input")
            .setOutputs("norm")
            .build();
    ComputationGraphConfiguration read =
        ComputationGraphConfiguration.fromJson(configuration.toJson());
    assertThat(read).isEqualTo(configuration);
    assertThat(read.toJson()).contains("\"epsilon\" : 0.25");
  }

  @Test
  void layers_are_equal_where_kind_and_epsilon_are() {
    assertThat(new LayerNormalization(0.1))
        .isEqualTo(new LayerNormalization(0.1))
        .hasSameHashCodeAs(new LayerNormalization(0.1))
        .isNotEqualTo(new LayerNormalization(0.2))
        .isNotEqualTo(new InstanceNormalization(0.1));
  }

  @Test
  void refuses_epsilon_not_above_0() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new InstanceNormalization(0))
        .withMessage("epsilon must be above 0, was 0.0");
    assertThatIllegalArgumentException().isThrownBy(() -> new LayerNormalization(Double.NaN));
  }

  @Test
  void refuses_inputs_that_are_not_images() {
    LayerNormalization layer = new LayerNormalization();
    layer.setLayerName("norm");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layer.getOutputType(0, InputType.feedForward(5)))
        .withMessageContaining("layer 'norm' normalizes images [N, C, H, W], its input is")
        .withMessageContaining("5");
  }

  /** A norm and a head, in double precision. */
  private static ComputationGraph network(Norm norm) {
    GraphDraft draft = new GraphDraft(SHAPE, CLASSES);
    String last = norm.addTo(draft, "norm", GraphDraft.INPUT, 0.9);
    ComputationGraphConfiguration configuration = draft.classify("class_output", last, CLASSES);
    configuration.setDataType(DataType.DOUBLE);
    return Initialization.PYTORCH_DEFAULT.initialize(configuration, RandomStreams.of(1));
  }

  private INDArray gaussian(long... shape) {
    double[] values = new double[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return Nd4j.createFromArray(values).reshape(shape);
  }
}
