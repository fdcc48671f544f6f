package org.udge.engine.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.udge.data.ImageShape;
import org.udge.engine.Engine;
import org.udge.engine.EngineContract;
import org.udge.engine.Logits;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;

class GraphEngineTest extends EngineContract {

  private static final ImageShape SHAPE = new ImageShape(3, 8, 8);

  @Override
  protected Engine engineOf(ComputationGraph graph) {
    return GraphEngine.of(graph);
  }

  @Test
  void agrees_with_deeplearning4js_own_output_and_gradient() {
    ComputationGraph graph = WideResNet.of(10, 1).initialize(SHAPE, 3, RandomStreams.of(1));
    INDArray images = images(4, DataType.FLOAT);
    INDArray labels = Nd4j.eye(3).castTo(DataType.FLOAT).getRows(0, 1, 2, 0);
    graph.setInputs(images);
    graph.setLabels(labels);
    graph.computeGradientAndScore();
    INDArray expected = graph.gradient().gradient().dup();
    INDArray probabilities = graph.outputSingle(images);
    try (Engine engine = GraphEngine.of(graph);
        Pass pass = engine.forward(images, Mode.TRAINING)) {
      double[] softmax = Logits.of(pass.logits()).probabilities(1);
      assertThat(softmax).containsExactly(probabilities.getRow(1).toDoubleVector(), within(1e-6));
      graph.getGradientsViewArray().assign(0);
      pass.parameterGradient(probabilities.sub(labels));
      assertClose("gradient", graph.getGradientsViewArray(), expected, 1e-5);
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void gradients_agree_with_finite_differences_in_double_precision(Mode mode) {
    ComputationGraph graph = doubleGraph(WideResNet.of(10, 1).withNorm(Norm.BATCH));
    INDArray images = images(3, DataType.DOUBLE);
    try (Engine engine = GraphEngine.of(graph)) {
      INDArray inputGradient;
      INDArray parameterGradient;
      try (Pass pass = engine.forward(images, mode, 1)) {
        INDArray softmax = softmax(Logits.of(pass.logits()));
        inputGradient = pass.inputGradient(softmax).dup();
        graph.getGradientsViewArray().assign(0);
        pass.parameterGradient(softmax);
        parameterGradient = graph.getGradientsViewArray().dup();
      }
      checkSomeEntries(engine, images, images, inputGradient, mode);
      // The first entries are weights of the first convolution, the last ones of the output layer;
      // running statistics are in between and have no derivative.
      checkSomeEntries(engine, images, graph.params(), parameterGradient, mode);
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void frozen_layers_are_always_in_evaluation_and_let_gradients_through(Mode mode) {
    ComputationGraph plain =
        WideResNet.of(10, 1)
            .withNorm(Norm.BATCH)
            .withDropout(0.3)
            .initialize(SHAPE, 3, RandomStreams.of(1));
    ComputationGraph frozen =
        new TransferLearning.GraphBuilder(plain)
            .setFeatureExtractor(lastBeforeOutput(plain))
            .build();
    INDArray images = images(3, DataType.FLOAT);
    try (Engine engine = GraphEngine.of(frozen);
        Pass pass = engine.forward(images, mode, 1);
        Engine oracle = GraphEngine.of(plain);
        Pass expected = oracle.forward(images, Mode.EVALUATION)) {
      assertThat(pass.logits()).isEqualTo(expected.logits());
      INDArray softmax = softmax(Logits.of(pass.logits())).castTo(DataType.FLOAT);
      assertThat(pass.inputGradient(softmax)).isEqualTo(expected.inputGradient(softmax));
      frozen.getGradientsViewArray().assign(0);
      pass.parameterGradient(softmax);
      INDArray gradient = frozen.getGradientsViewArray().dup();
      INDArray trained = frozen.getOutputLayer(0).getGradientsViewArray();
      assertThat(trained.norm2Number().doubleValue())
          .isPositive()
          .isEqualTo(gradient.norm2Number().doubleValue());
    }
  }

  private static String lastBeforeOutput(ComputationGraph graph) {
    var configuration = graph.getConfiguration();
    String output = configuration.getNetworkOutputs().get(0);
    return configuration.getVertexInputs().get(output).get(0);
  }

  private static void checkSomeEntries(
      Engine engine, INDArray images, INDArray varied, INDArray gradient, Mode mode) {
    long length = varied.length();
    INDArray flat = varied.reshape(length);
    INDArray flatGradient = gradient.reshape(length);
    for (long i : new long[] {0, 1, 17, 30, length - 30, length - 2, length - 1}) {
      double original = flat.getDouble(i);
      double step = 1e-6;
      flat.putScalar(i, original + step);
      double above = sumOfLogDensities(engine, images, mode);
      flat.putScalar(i, original - step);
      double below = sumOfLogDensities(engine, images, mode);
      flat.putScalar(i, original);
      double expected = (above - below) / (2 * step);
      assertThat(flatGradient.getDouble(i))
          .as("entry %s in mode %s", i, mode)
          .isCloseTo(expected, within(1e-6 + 1e-5 * Math.abs(expected)));
    }
  }

  private static double sumOfLogDensities(Engine engine, INDArray images, Mode mode) {
    try (Pass pass = engine.forward(images, mode, 1)) {
      Logits logits = Logits.of(pass.logits());
      double sum = 0;
      for (int i = 0; i < logits.rows(); i++) {
        sum += logits.logSumExp(i);
      }
      return sum;
    }
  }

  private static INDArray softmax(Logits logits) {
    double[][] rows = new double[logits.rows()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = logits.probabilities(i);
    }
    return Nd4j.create(rows);
  }

  private static ComputationGraph doubleGraph(WideResNet network) {
    ComputationGraph single = network.initialize(SHAPE, 3, RandomStreams.of(1));
    return single.convertDataType(DataType.DOUBLE);
  }

  @Test
  void reads_rows_where_the_first_layer_is_dense() {
    ComputationGraph graph =
        new ComputationGraph(
            tabular(
                new OutputLayer.Builder()
                    .nIn(5)
                    .nOut(3)
                    .activation(Activation.SOFTMAX)
                    .lossFunction(LossFunction.MCXENT)
                    .build()));
    graph.init(Nd4j.rand(DataType.FLOAT, 1, 4 * 5 + 5 + 5 * 3 + 3), false);
    INDArray rows = Nd4j.rand(DataType.FLOAT, 6, 4);
    try (Engine engine = GraphEngine.of(graph);
        Pass pass = engine.forward(rows.reshape(6, 4, 1, 1), Mode.EVALUATION)) {
      assertThat(pass.logits().shape()).containsExactly(6, 3);
      assertThat(pass.inputGradient(pass.logits()).shape()).containsExactly(6, 4, 1, 1);
      assertThat(Logits.of(pass.logits()).probabilities(2))
          .containsExactly(graph.outputSingle(rows).getRow(2).toDoubleVector(), within(1e-6));
    }
  }

  @Test
  void refuses_outputs_that_are_not_logits() {
    ComputationGraph graph =
        new ComputationGraph(
            tabular(
                new OutputLayer.Builder()
                    .nIn(5)
                    .nOut(3)
                    .activation(Activation.SIGMOID)
                    .lossFunction(LossFunction.XENT)
                    .build()));
    graph.init(Nd4j.rand(DataType.FLOAT, 1, 4 * 5 + 5 + 5 * 3 + 3), false);
    assertThatThrownBy(() -> GraphEngine.of(graph))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("output 'out'")
        .hasMessageContaining("softmax or identity")
        .hasMessageContaining("sigmoid");
  }

  private static ComputationGraphConfiguration tabular(OutputLayer output) {
    return new NeuralNetConfiguration.Builder()
        .graphBuilder()
        .addInputs("in")
        .addLayer(
            "hidden",
            new DenseLayer.Builder().nIn(4).nOut(5).activation(Activation.TANH).build(),
            "in")
        .addLayer("out", output, "hidden")
        .setOutputs("out")
        .build();
  }

  private static INDArray images(int count, DataType type) {
    float[] pixels = new float[count * SHAPE.size()];
    RandomStreams.of(3).stream("images").fillUniform(pixels, -1, 1);
    return Nd4j.createFromArray(pixels).reshape(SHAPE.batch(count)).castTo(type);
  }
}
