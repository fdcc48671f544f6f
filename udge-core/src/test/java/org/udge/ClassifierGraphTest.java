package org.udge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.TrainingData;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.loss.CrossEntropy;
import org.udge.random.RandomStreams;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.Trainer;

/** Deeplearning4j classifiers of all kinds: either their logits are right, or they are refused. */
class ClassifierGraphTest {

  private static final int CLASSES = 4;

  private static ComputationGraph graph(Consumer<GraphBuilder> ending) {
    return graph(DataType.FLOAT, CNN2DFormat.NCHW, ending);
  }

  private static ComputationGraph graph(
      DataType type, CNN2DFormat format, Consumer<GraphBuilder> ending) {
    GraphBuilder builder =
        new NeuralNetConfiguration.Builder()
            .seed(3)
            .dataType(type)
            .updater(new Sgd(0.1))
            .graphBuilder()
            .addInputs("image")
            .setInputTypes(InputType.convolutional(6, 5, 2, format))
            .addLayer(
                "convolution",
                new ConvolutionLayer.Builder(3, 3)
                    .nOut(CLASSES)
                    .dataFormat(format)
                    .activation(Activation.TANH)
                    .build(),
                "image");
    ending.accept(builder);
    ComputationGraph graph = new ComputationGraph(builder.build());
    graph.init();
    graph.params().muli(4);
    return graph;
  }

  private static INDArray images(long... shape) {
    float[] pixels = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    RandomStreams.of(5).stream("images").fillUniform(pixels, -1, 1);
    return Nd4j.createFromArray(pixels).reshape(shape);
  }

  private static void assertSaysWhatDeeplearning4jSays(ComputationGraph graph) {
    INDArray images = images(3, 2, 6, 5);
    INDArray expected = graph.outputSingle(images);
    for (EngineChoice choice : List.of(EngineChoice.GRAPH, EngineChoice.AUTO)) {
      try (EnergyModel model =
          EnergyModel.builder(graph).engine(EngineSettings.of(choice)).build()) {
        Predictions predictions = model.predict(images);
        for (int i = 0; i < 3; i++) {
          double[] probabilities = predictions.probabilities(i);
          for (int c = 0; c < CLASSES; c++) {
            assertThat(probabilities[c]).isCloseTo(expected.getDouble(i, c), within(1e-5));
          }
        }
      }
    }
  }

  private static LossLayer plainLoss() {
    return new LossLayer.Builder(LossFunction.NEGATIVELOGLIKELIHOOD)
        .activation(Activation.IDENTITY)
        .build();
  }

  private static ActivationLayer softmax() {
    return new ActivationLayer(Activation.SOFTMAX);
  }

  @Test
  void walks_back_past_a_softmax_layer_before_a_loss_without_activation() {
    ComputationGraph graph =
        graph(
            builder ->
                builder
                    .addLayer("pool", new GlobalPoolingLayer(), "convolution")
                    .addLayer("softmax", softmax(), "pool")
                    .addLayer("loss", plainLoss(), "softmax")
                    .setOutputs("loss"));
    assertSaysWhatDeeplearning4jSays(graph);
  }

  @Test
  void walks_back_past_the_softmax_of_a_dense_layer_and_over_dropout() {
    ComputationGraph graph =
        graph(
            builder ->
                builder
                    .addLayer(
                        "dense",
                        new DenseLayer.Builder()
                            .nOut(CLASSES)
                            .activation(Activation.SOFTMAX)
                            .build(),
                        "convolution")
                    .addLayer("dropout", new DropoutLayer(0.5), "dense")
                    .addLayer("loss", plainLoss(), "dropout")
                    .setOutputs("loss"));
    assertSaysWhatDeeplearning4jSays(graph);
  }

  @Test
  void refuses_a_softmax_whose_result_is_changed_before_the_loss() {
    ComputationGraph graph =
        graph(
            builder ->
                builder
                    .addLayer("softmax", softmax(), "convolution")
                    .addLayer("pool", new GlobalPoolingLayer(), "softmax")
                    .addLayer("loss", plainLoss(), "pool")
                    .setOutputs("loss"));
    assertThatThrownBy(() -> EnergyModel.of(graph))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "layer 'softmax' computes a softmax, and output 'loss' gets something made of it: what"
                + " goes into 'loss' cannot be told from its result. Let the network end in a layer"
                + " of logits and an output with softmax activation");
  }

  @Test
  void weights_after_a_softmax_give_logits() {
    ComputationGraph graph =
        graph(
            builder ->
                builder
                    .addLayer("pool", new GlobalPoolingLayer(), "convolution")
                    .addLayer("softmax", softmax(), "pool")
                    .addLayer(
                        "output",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                            .nOut(CLASSES)
                            .activation(Activation.SOFTMAX)
                            .build(),
                        "softmax")
                    .setOutputs("output"));
    INDArray images = images(2, 2, 6, 5);
    try (EnergyModel model = EnergyModel.of(graph)) {
      assertThat(model.predict(images).probabilities(1)[2])
          .isCloseTo(graph.outputSingle(images).getDouble(1, 2), within(1e-5));
    }
  }

  @Test
  void takes_the_weights_of_a_layer_with_center_loss() {
    ComputationGraph graph =
        graph(
            builder ->
                builder
                    .addLayer("pool", new GlobalPoolingLayer(), "convolution")
                    .addLayer(
                        "centers",
                        new CenterLossOutputLayer.Builder(LossFunction.MCXENT)
                            .nOut(CLASSES)
                            .activation(Activation.SOFTMAX)
                            .build(),
                        "pool")
                    .setOutputs("centers"));
    assertSaysWhatDeeplearning4jSays(graph);
  }

  @Test
  void refuses_networks_of_other_precision_and_says_how_to_convert_them() {
    for (DataType type : List.of(DataType.DOUBLE, DataType.FLOAT16)) {
      ComputationGraph graph =
          new ComputationGraph(
              new NeuralNetConfiguration.Builder()
                  .dataType(type)
                  .graphBuilder()
                  .addInputs("row")
                  .setInputTypes(InputType.feedForward(3))
                  .addLayer(
                      "output",
                      new OutputLayer.Builder(LossFunction.MCXENT)
                          .nOut(2)
                          .activation(Activation.SOFTMAX)
                          .build(),
                      "row")
                  .setOutputs("output")
                  .build());
      graph.init();
      assertThatThrownBy(() -> EnergyModel.of(graph))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "energy models compute in float32, this network has parameters of %s: convert it with"
                  + " graph.convertDataType(DataType.FLOAT)",
              type);
      try (EnergyModel model = EnergyModel.of(graph.convertDataType(DataType.FLOAT))) {
        assertThat(model.logits(images(2, 3)).isFinite()).isTrue();
      }
    }
  }

  /** Deeplearning4j itself reads [N, H, W, C] here. */
  @Test
  void gives_images_with_channels_first_to_networks_that_take_them_last() {
    ComputationGraph graph =
        graph(
            DataType.FLOAT,
            CNN2DFormat.NHWC,
            builder ->
                builder
                    .addLayer(
                        "output",
                        new OutputLayer.Builder(LossFunction.MCXENT)
                            .nOut(CLASSES)
                            .activation(Activation.SOFTMAX)
                            .build(),
                        "convolution")
                    .setOutputs("output"));
    INDArray images = images(2, 2, 6, 5);
    INDArray expected = graph.outputSingle(images.permute(0, 2, 3, 1).dup('c'));
    for (EngineChoice choice : List.of(EngineChoice.ONEDNN, EngineChoice.GRAPH)) {
      try (EnergyModel model =
          EnergyModel.builder(graph).engine(EngineSettings.of(choice)).build()) {
        for (int i = 0; i < 2; i++) {
          assertThat(model.logits(images).probabilities(i))
              .as("%s", choice)
              .containsExactly(expected.getRow(i).toDoubleVector(), within(1e-5));
        }
        assertThat(model.energyGradient(images).shape()).isEqualTo(images.shape());
      }
    }
  }

  private record OneBatch(ImageShape shape, INDArray images, int[] labels) implements TrainingData {
    @Override
    public int batchesPerEpoch() {
      return 1;
    }

    @Override
    public List<String> classNames() {
      return List.of("0", "1");
    }

    @Override
    public Batch batch(long epoch, int index) {
      return Batch.of(images, labels);
    }
  }

  private static MultiLayerNetwork network(InputType input) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .list()
                .layer(new ConvolutionLayer.Builder(3, 3).nOut(3).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(input)
                .build());
    network.init();
    return network;
  }

  @Test
  void a_network_of_layers_can_be_trained_once_its_shape_is_given() {
    ImageShape shape = new ImageShape(2, 6, 5);
    MultiLayerNetwork network = network(InputType.convolutional(6, 5, 2));
    try (EnergyModel model = EnergyModel.builder(network).shape(shape).build()) {
      assertThat(model.logits(images(2, 2, 6, 5)).rows()).isEqualTo(2);
      Trainer.builder(model, Objective.of(CrossEntropy.ofDefaults()))
          .learningRate(LearningRate.constant(1e-2))
          .epochs(1)
          .build()
          .fit(new OneBatch(shape, images(4, 2, 6, 5), new int[] {0, 1, 0, 1}));
      assertThat(model.graph().params()).isNotEqualTo(network.params());
    }
  }

  @Test
  void shapes_are_taken_from_the_first_layer_where_it_says_them() {
    try (EnergyModel rows = EnergyModel.of(network(InputType.convolutionalFlat(6, 5, 2)))) {
      assertThat(rows.shape()).isEqualTo(new ImageShape(2, 6, 5));
      assertThat(rows.logits(images(2, 2, 6, 5)).rows()).isEqualTo(2);
    }
  }
}
