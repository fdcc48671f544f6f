package org.udge.engine.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.schedule.FixedSchedule;
import org.udge.data.ImageShape;
import org.udge.engine.UnsupportedNetworkException;
import org.udge.network.Architecture;
import org.udge.network.ConvNet;
import org.udge.network.Mlp;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;

/** Graphs become typed nodes: what is read, where its parameters are, and what is refused. */
class NetworkReaderTest {

  private static List<Node> read(ComputationGraph graph) {
    return NetworkReader.read("onednn", graph).nodes();
  }

  /** A graph whose every parameter is its own offset. */
  private static ComputationGraph graph(Architecture network, ImageShape shape, int classes) {
    ComputationGraph graph = network.initialize(shape, classes, RandomStreams.of(1));
    return numbered(graph);
  }

  private static ComputationGraph numbered(ComputationGraph graph, boolean fresh) {
    if (fresh) {
      graph.init();
    }
    return numbered(graph);
  }

  private static ComputationGraph numbered(ComputationGraph graph) {
    INDArray parameters = graph.params();
    parameters.assign(
        Nd4j.arange(parameters.length()).castTo(DataType.FLOAT).reshape(parameters.shape()));
    return graph;
  }

  private static <N extends Node> N node(List<Node> nodes, Class<N> kind, String name) {
    return kind.cast(nodes.stream().filter(n -> n.name().equals(name)).findFirst().orElseThrow());
  }

  private static long first(ComputationGraph graph, String layer, String parameter) {
    return graph.getLayer(layer).getParam(parameter).getLong(0);
  }

  private static List<String> summary(List<Node> nodes) {
    return nodes.stream()
        .map(n -> n.getClass().getSimpleName() + " " + n.name() + " " + n.inputs())
        .toList();
  }

  /** A network may have dropout everywhere; Deeplearning4j heeds it in these layers only. */
  @Test
  void drops_the_inputs_of_convolutions_and_dense_layers_and_of_no_others() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .dropOut(0.8)
                .graphBuilder()
                .addInputs("in")
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "in")
                .addLayer("norm", new BatchNormalization.Builder().build(), "conv")
                .addLayer(
                    "act",
                    new ActivationLayer.Builder().activation(Activation.LEAKYRELU).build(),
                    "norm")
                .addLayer("pool", new SubsamplingLayer.Builder().build(), "act")
                .addLayer("all", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "pool")
                .addLayer("dense", new DenseLayer.Builder().nOut(5).build(), "all")
                .addLayer("out", new OutputLayer.Builder().nOut(3).build(), "dense")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(8, 8, 1))
                .build());
    graph.init();
    assertThat(read(graph))
        .filteredOn(Node.Dropout.class::isInstance)
        .extracting(Node::name)
        .containsExactly("conv/dropout", "dense/dropout", "out/dropout");
  }

  @Test
  void reads_a_convolutional_network() {
    ComputationGraph graph = graph(ConvNet.of(4).withHidden(5), new ImageShape(1, 6, 4), 3);
    List<Node> nodes = read(graph);
    assertThat(summary(nodes))
        .containsExactly(
            "Images input []",
            "Convolution conv1 [input]",
            "Activation lrelu1 [conv1]",
            "Pool pool1 [lrelu1]",
            "Dense dense [pool1]",
            "Activation lrelu [dense]",
            "Dense class_output [lrelu]");
    // 4 biases, 4x1x3x3 weights; 24x5 weights (4 channels of 3x2), 5 biases; 5x3 weights, 3 biases.
    Node.Convolution convolution = node(nodes, Node.Convolution.class, "conv1");
    assertThat(convolution.channelsIn()).isEqualTo(1);
    assertThat(convolution.channelsOut()).isEqualTo(4);
    assertThat(convolution.bias()).hasValue(0);
    assertThat(convolution.weights()).isEqualTo(4);
    assertThat(convolution.window().kernels()).containsExactly(3, 3);
    assertThat(convolution.window().strides()).containsExactly(1, 1);
    assertThat(convolution.window().paddingBefore(new ImageShape(1, 6, 4))).containsExactly(1, 1);
    Node.Dense dense = node(nodes, Node.Dense.class, "dense");
    assertThat(dense.featuresIn()).isEqualTo(24);
    assertThat(dense.featuresOut()).isEqualTo(5);
    assertThat(dense.weights()).isEqualTo(40);
    assertThat(dense.bias()).hasValue(160);
    Node.Dense head = node(nodes, Node.Dense.class, "class_output");
    assertThat(head.weights()).isEqualTo(165);
    assertThat(head.bias()).hasValue(180);
    assertThat(graph.numParams()).isEqualTo(183);
    assertThat(node(nodes, Node.Activation.class, "lrelu1").function())
        .isEqualTo(ActivationFunction.relu(0.2));
    Node.Pool pool = node(nodes, Node.Pool.class, "pool1");
    assertThat(pool.kind()).isNotEqualTo(Node.Pool.Kind.MAXIMUM);
    assertThat(pool.window().strides()).containsExactly(2, 2);
  }

  @Test
  void reads_a_perceptron() {
    List<Node> nodes = read(graph(Mlp.of(4), new ImageShape(3, 1, 1), 2));
    assertThat(summary(nodes))
        .containsExactly(
            "Images input []",
            "Dense dense1 [input]",
            "Activation lrelu1 [dense1]",
            "Dense class_output [lrelu1]");
    assertThat(node(nodes, Node.Dense.class, "dense1").bias()).hasValue(12);
    assertThat(node(nodes, Node.Dense.class, "class_output").weights()).isEqualTo(16);
  }

  @Test
  void reads_a_wide_residual_network() {
    ComputationGraph graph = graph(WideResNet.of(10, 1), new ImageShape(3, 8, 8), 10);
    List<Node> nodes = read(graph);
    assertThat(nodes.stream().filter(Node.Convolution.class::isInstance)).hasSize(9);
    assertThat(summary(nodes))
        .containsSubsequence(
            "Images input []",
            "Convolution conv1 [input]",
            "Convolution layer2.0.conv2 [layer2.0.lrelu2]",
            "Add layer2.0.add [layer2.0.conv2, layer2.0.shortcut.0]",
            "GlobalPool pool [lrelu]",
            "Dense class_output [pool]");
    Node.Convolution strided = node(nodes, Node.Convolution.class, "layer2.0.conv2");
    assertThat(strided.window().strides()).containsExactly(2, 2);
    for (Node node : nodes) {
      if (node instanceof Node.Convolution convolution) {
        assertThat(convolution.weights()).isEqualTo(first(graph, node.name(), "W"));
        assertThat(convolution.bias()).hasValue(first(graph, node.name(), "b"));
      }
    }
  }

  @Test
  void reads_every_norm_with_the_places_of_its_parameters() {
    ImageShape shape = new ImageShape(3, 8, 8);
    String name = "layer2.0.bn1";
    ComputationGraph batch = graph(WideResNet.of(10, 1).withNorm(Norm.BATCH), shape, 10);
    Node.BatchNorm batchNorm = node(read(batch), Node.BatchNorm.class, name);
    assertThat(batchNorm.channels()).isEqualTo(16);
    assertThat(batchNorm.affine()).hasValue(first(batch, name, "gamma"));
    assertThat(batchNorm.mean()).isEqualTo(first(batch, name, "mean"));
    assertThat(batchNorm.variance()).isEqualTo(first(batch, name, "var"));
    assertThat(batchNorm.logDeviation()).isFalse();
    assertThat(batchNorm.decay()).isEqualTo(0.9);
    ComputationGraph instance = graph(WideResNet.of(10, 1).withNorm(Norm.INSTANCE), shape, 10);
    assertThat(node(read(instance), Node.InstanceNorm.class, name))
        .isEqualTo(
            new Node.InstanceNorm(
                name, "layer1.0.add", 16, 1e-5, first(instance, name, "gamma"), true));
    ComputationGraph layer = graph(WideResNet.of(10, 1).withNorm(Norm.LAYER), shape, 10);
    assertThat(node(read(layer), Node.LayerNorm.class, name))
        .isEqualTo(
            new Node.LayerNorm(name, "layer1.0.add", 16, 1e-5, first(layer, name, "gamma"), true));
    ComputationGraph act = graph(WideResNet.of(10, 1).withNorm(Norm.ACT), shape, 10);
    assertThat(node(read(act), Node.ActNorm.class, name))
        .isEqualTo(
            new Node.ActNorm(
                name,
                "layer1.0.add",
                16,
                first(act, name, "loc"),
                first(act, name, "scale"),
                true));
  }

  @Test
  void reads_a_batch_norm_of_the_logarithm_of_deviations() {
    ComputationGraph graph =
        numbered(
            graphOf(b -> b.addLayer("a", new BatchNormalization.Builder().build(), "in"), "a"));
    Node.BatchNorm norm = node(read(graph), Node.BatchNorm.class, "a");
    assertThat(norm.logDeviation()).isTrue();
    assertThat(norm.variance()).isEqualTo(first(graph, "a", "log10stdev"));
  }

  @Test
  void reads_dropout_as_a_node_before_its_layer() {
    ComputationGraph graph =
        graphOf(
            b ->
                b.addLayer(
                    "a", new ConvolutionLayer.Builder(1, 1).nOut(2).dropOut(0.7).build(), "in"),
            "a");
    assertThat(read(graph).get(1))
        .isEqualTo(new Node.Dropout("a/dropout", "in", Node.Dropout.Kind.PLAIN, 0.7));
    List<Node> apart =
        read(graph(WideResNet.of(10, 1).withDropout(0.25), new ImageShape(3, 8, 8), 2));
    assertThat(apart)
        .contains(
            new Node.Dropout(
                "layer1.0.dropout/dropout", "layer1.0.conv1", Node.Dropout.Kind.PLAIN, 0.75));
    assertThat(node(apart, Node.Activation.class, "layer1.0.lrelu2").input())
        .isEqualTo("layer1.0.dropout/dropout");
  }

  @Test
  void reads_a_function_within_a_layer_as_a_node_of_its_own_and_identity_as_none() {
    ComputationGraph graph =
        graphOf(
            b ->
                b.addLayer("a", convolution().activation(Activation.TANH).build(), "in")
                    .addLayer(
                        "b",
                        new ActivationLayer.Builder().activation(Activation.IDENTITY).build(),
                        "a")
                    .addLayer("c", convolution().activation(Activation.IDENTITY).build(), "b"),
            "c");
    assertThat(summary(read(graph)))
        .containsExactly(
            "Images in []",
            "Convolution a/linear [in]",
            "Activation a [a/linear]",
            "Convolution c [a]",
            "Dense out [c]");
  }

  @Test
  void reads_convolutions_without_bias() {
    ComputationGraph graph =
        graphOf(b -> b.addLayer("a", convolution().hasBias(false).build(), "in"), "a");
    List<Node> nodes = read(graph);
    assertThat(((Node.Convolution) nodes.get(1)).bias()).isEmpty();
  }

  private static ConvolutionLayer.Builder convolution() {
    return new ConvolutionLayer.Builder(1, 1).nOut(2).activation(Activation.IDENTITY);
  }

  /** A graph on images of 2x6x6 that ends in a dense layer. */
  private static ComputationGraph graphOf(Consumer<GraphBuilder> middle, String last) {
    GraphBuilder builder =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.convolutional(6, 6, 2));
    middle.accept(builder);
    ComputationGraph graph =
        new ComputationGraph(
            builder
                .addLayer(
                    "out",
                    new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build(),
                    last)
                .setOutputs("out")
                .build());
    graph.init();
    return graph;
  }

  private record Refusal(Consumer<GraphBuilder> middle, String reason) {
    static Refusal of(Layer layer, String reason) {
      return new Refusal(b -> b.addLayer("a", layer, "in"), reason);
    }

    @Override
    public String toString() {
      return reason;
    }
  }

  @SuppressWarnings("rawtypes")
  static Stream<Refusal> refusals() {
    return Stream.of(
        Refusal.of(
            new ActivationLayer.Builder().activation(Activation.SOFTSIGN).build(),
            "activation function softsign"),
        Refusal.of(
            new ActivationLayer.Builder().activation(new ActivationReLU(null, 0.5, null)).build(),
            "activation function relu"),
        Refusal.of(
            convolution().weightNoise(new DropConnect(0.5)).build(), "weight noise DropConnect"),
        Refusal.of(convolution().dropOut(new GaussianNoise(0.5)).build(), "dropout GaussianNoise"),
        Refusal.of(
            convolution().dropOut(new Dropout(new FixedSchedule(0.5))).build(), "dropout Dropout"),
        Refusal.of(new SpaceToDepthLayer.Builder(2, CNN2DFormat.NCHW).build(), "SpaceToDepthLayer"),
        Refusal.of(
            new DenseLayer.Builder().nOut(3).hasLayerNorm(true).build(),
            "DenseLayer with layer normalization"),
        Refusal.of(
            new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.PNORM).pnorm(2).build(),
            "pooling PNORM"),
        Refusal.of(new GlobalPoolingLayer.Builder(PoolingType.SUM).build(), "global pooling SUM"),
        Refusal.of(
            new BatchNormalization.Builder().lockGammaBeta(true).gamma(2).build(),
            "BatchNormalization with gamma and beta locked at other than 1 and 0"),
        new Refusal(b -> b.addVertex("a", new SubsetVertex(0, 0), "in"), "vertex SubsetVertex"),
        new Refusal(
            b ->
                b.addLayer("c", convolution().build(), "in")
                    .addVertex("a", new L2NormalizeVertex(new int[] {1}, 1e-8), "c"),
            "L2NormalizeVertex over dimensions [1]"));
  }

  @ParameterizedTest
  @MethodSource("refusals")
  void refuses_by_name_what_it_does_not_know(Refusal refusal) {
    ComputationGraph graph = graphOf(refusal.middle, "a");
    assertThatThrownBy(() -> read(graph))
        .isInstanceOf(UnsupportedNetworkException.class)
        .hasMessageStartingWith("the onednn engine cannot run layer 'a': " + refusal.reason);
  }

  /** Without input types, Deeplearning4j does not compare sizes before it has activations. */
  private static ComputationGraph withoutInputTypes(Consumer<GraphBuilder> middle) {
    GraphBuilder builder = new NeuralNetConfiguration.Builder().graphBuilder().addInputs("in");
    middle.accept(builder);
    ComputationGraph graph =
        new ComputationGraph(
            builder
                .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "a")
                .addLayer("out", new OutputLayer.Builder().nIn(4).nOut(3).build(), "pool")
                .setOutputs("out")
                .build());
    graph.init();
    return graph;
  }

  private static ConvolutionLayer convolution(int kernel, int channels) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .nIn(2)
        .nOut(channels)
        .activation(Activation.TANH)
        .build();
  }

  private static ComputationGraph gated(int kernel, int channels) {
    return withoutInputTypes(
        b ->
            b.addLayer("c", convolution(1, 4), "in")
                .addLayer("gate", convolution(kernel, channels), "in")
                .addVertex("a", new ElementWiseVertex(ElementWiseVertex.Op.Product), "c", "gate"));
  }

  @Test
  void refuses_products_of_different_channels() {
    assertThatThrownBy(() -> read(gated(1, 1)))
        .isInstanceOf(UnsupportedNetworkException.class)
        .hasMessage(
            "the onednn engine cannot run layer 'a': vertex ElementWiseVertex of inputs of different"
                + " shapes, [4 channels, 1 channels]; to have it faster, give all its inputs the same"
                + " channels, height and width");
  }

  @Test
  void refuses_products_of_different_sizes_for_images_of_a_known_size() {
    ComputationGraph graph = gated(6, 4);
    assertThat(read(graph)).hasSizeGreaterThan(3);
    assertThatThrownBy(() -> NetworkReader.read("onednn", graph, new ImageShape(2, 6, 6)))
        .isInstanceOf(UnsupportedNetworkException.class)
        .hasMessage(
            "the onednn engine cannot run layer 'a': vertex ElementWiseVertex of inputs of different"
                + " shapes, [4x6x6, 4x1x1]; to have it faster, give all its inputs the same channels,"
                + " height and width");
  }

  @Test
  void says_which_layer_does_not_fit_images_of_a_known_size() {
    ComputationGraph graph = gated(6, 4);
    assertThatThrownBy(() -> NetworkReader.read("onednn", graph, new ImageShape(2, 5, 9)))
        .isInstanceOf(IllegalArgumentException.class)
        .isNotInstanceOf(UnsupportedNetworkException.class)
        .hasMessage("layer 'gate/linear': images of 2x5x9 are too small for its window 6x6");
  }

  @Test
  void reads_a_dense_layer_of_images_with_channels_last_as_a_convolution() {
    ComputationGraph graph =
        numbered(
            new ComputationGraph(
                new NeuralNetConfiguration.Builder()
                    .graphBuilder()
                    .addInputs("in")
                    .addLayer("a", convolution().build(), "in")
                    .addLayer("out", new OutputLayer.Builder().nOut(3).build(), "a")
                    .setOutputs("out")
                    .setInputTypes(InputType.convolutional(6, 6, 2, CNN2DFormat.NHWC))
                    .build()),
            true);
    List<Node> nodes = read(graph);
    assertThat(summary(nodes))
        .containsExactly(
            "Images in []",
            "Convolution a [in]",
            "Convolution out/image [a]",
            "Reshape out [out/image]");
    Node.Convolution dense = node(nodes, Node.Convolution.class, "out/image");
    assertThat(dense.order()).isEqualTo(Node.WeightOrder.OUT_KERNEL_IN);
    assertThat(dense.weights()).isEqualTo(first(graph, "out", "W"));
    assertThat(dense.window()).isEqualTo(Window.tiles(6, 6));
  }

  @Test
  void refuses_layers_of_different_formats() {
    ComputationGraph graph =
        graphOf(
            b ->
                b.addLayer("first", convolution().build(), "in")
                    .addLayer("a", convolution().build(), "first"),
            "a");
    ConvolutionLayer layer = (ConvolutionLayer) graph.getLayer("a").conf().getLayer();
    layer.setCnn2dDataFormat(CNN2DFormat.NHWC);
    assertThatThrownBy(() -> read(graph))
        .isInstanceOf(IllegalArgumentException.class)
        .isNotInstanceOf(UnsupportedNetworkException.class)
        .hasMessage(
            "layer 'first' takes images as NCHW and layer 'a' as NHWC: configure all layers with the"
                + " same CNN2DFormat");
  }

  @Test
  void refuses_layers_whose_output_goes_nowhere() {
    ComputationGraph graph =
        graphOf(
            b ->
                b.allowDisconnected(true)
                    .addLayer("a", convolution().build(), "in")
                    .addLayer("side", convolution().build(), "in"),
            "a");
    assertThatThrownBy(() -> read(graph))
        .isInstanceOf(UnsupportedNetworkException.class)
        .hasMessage(
            "the onednn engine cannot run layer 'side': nobody reads its output; to have it faster, leave it"
                + " out");
  }
}
