package org.udge;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.Function;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.zoo.model.AlexNet;
import org.deeplearning4j.zoo.model.Darknet19;
import org.deeplearning4j.zoo.model.InceptionResNetV1;
import org.deeplearning4j.zoo.model.LeNet;
import org.deeplearning4j.zoo.model.ResNet50;
import org.deeplearning4j.zoo.model.SqueezeNet;
import org.deeplearning4j.zoo.model.VGG16;
import org.deeplearning4j.zoo.model.Xception;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.ImageShape;
import org.udge.engine.Engine;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineContract;
import org.udge.engine.EngineSettings;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.engine.graph.GraphEngine;
import org.udge.random.RandomStreams;

/**
 * Networks that people have run whole on the fast engine: those of deeplearning4j-zoo, a DenseNet
 * and a MobileNet. Small images, so that the graph engine beside it is quick; the system property
 * {@code zoo.size} says another size (224 is theirs), for which logits alone are compared.
 */
class ZooTest {

  private static final int CLASSES = 4;
  private static final int SIZE = Integer.getInteger("zoo.size", 0);

  private record Zoo(String name, ImageShape images, Function<int[], Model> network) {

    static Zoo of(String name, int channels, int size, Function<int[], Model> network) {
      int side = SIZE == 0 ? size : SIZE;
      return new Zoo(name, new ImageShape(channels, side, side), network);
    }

    static Zoo ofFixed(String name, int size, Function<int[], Model> network) {
      return new Zoo(name, new ImageShape(3, size, size), network);
    }

    ComputationGraph graph() {
      Model model = network.apply(new int[] {images.channels(), images.height(), images.width()});
      return GraphInspection.classifier(
          model instanceof MultiLayerNetwork layers
              ? layers.toComputationGraph()
              : (ComputationGraph) model);
    }

    @Override
    public String toString() {
      return name + " " + images;
    }
  }

  static Stream<Zoo> networks() {
    return Stream.of(
        Zoo.of(
            "LeNet", 1, 28, s -> LeNet.builder().numClasses(CLASSES).inputShape(s).build().init()),
        Zoo.of(
            "AlexNet",
            3,
            64,
            s -> AlexNet.builder().numClasses(CLASSES).inputShape(s).build().init()),
        Zoo.of(
            "VGG16", 3, 32, s -> VGG16.builder().numClasses(CLASSES).inputShape(s).build().init()),
        Zoo.of(
            "SqueezeNet",
            3,
            32,
            s -> SqueezeNet.builder().numClasses(CLASSES).inputShape(s).build().init()),
        Zoo.of(
            "Darknet19",
            3,
            32,
            s -> Darknet19.builder().numClasses(CLASSES).inputShape(s).build().init()),
        Zoo.of(
            "Xception",
            3,
            32,
            s -> Xception.builder().numClasses(CLASSES).inputShape(s).build().init()),
        // The smallest images that Deeplearning4j takes: its last pooling of 3x3 has 2x2 pixels
        // then.
        Zoo.of(
            "ResNet50",
            3,
            69,
            s -> even(ResNet50.builder().numClasses(CLASSES).inputShape(s).build().init())),
        // Its embedding takes images of this size alone.
        Zoo.ofFixed(
            "InceptionResNetV1",
            160,
            s ->
                even(InceptionResNetV1.builder().numClasses(CLASSES).inputShape(s).build().init())),
        Zoo.of("DenseNet", 3, 32, ZooTest::denseNet),
        Zoo.of("MobileNet", 3, 32, ZooTest::mobileNet));
  }

  /**
   * The zoo starts these with weights of deviation 0.5, under which activations grow from layer to
   * layer until nothing but infinities or rounding is left.
   */
  private static ComputationGraph even(ComputationGraph graph) {
    for (Layer layer : graph.getLayers()) {
      INDArray weights = layer.paramTable().get("W");
      if (weights != null) {
        long inputs = weights.length() / weights.size(weights.rank() == 2 ? 1 : 0);
        String name = layer.conf().getLayer().getLayerName();
        weights.assign(normal(name, weights.shape()).div(Math.sqrt(inputs)));
      }
    }
    return graph;
  }

  @ParameterizedTest
  @MethodSource("networks")
  void runs_whole_on_the_fast_engine_as_on_the_graph_engine(Zoo example) {
    ComputationGraph graph = example.graph();
    INDArray images = normal("images", example.images.batch(1));
    INDArray direction = normal("direction", 1, CLASSES);
    try (Engine engine = Engines.create(graph, EngineSettings.of(EngineChoice.ONEDNN))) {
      if (SIZE == 0) {
        EngineContract.checkAgreement(
            graph, engine, images, direction, Mode.EVALUATION, 1e-4, 2e-3);
        return;
      }
      try (Engine reference = GraphEngine.of(graph);
          Pass expected = reference.forward(images, Mode.EVALUATION);
          Pass actual = engine.forward(images, Mode.EVALUATION)) {
        EngineContract.assertClose("logits", actual.logits(), expected.logits(), 1e-4);
      }
    }
  }

  @Test
  void smaller_images_than_the_smallest_of_resnet50_are_refused_by_name() {
    ComputationGraph graph =
        ResNet50.builder().numClasses(CLASSES).inputShape(new int[] {3, 69, 69}).build().init();
    assertThatThrownBy(
            () ->
                Engines.create(
                        graph, EngineSettings.of(EngineChoice.ONEDNN), new ImageShape(3, 68, 68))
                    .close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("layer 'avgpool': images of 2048x1x1 are too small for its window 3x3/2");
  }

  private static INDArray normal(String name, long... shape) {
    float[] values = new float[(int) Nd4j.create(shape).length()];
    RandomStreams.of(4).stream(name).fillGaussian(values);
    return Nd4j.createFromArray(values).reshape(shape);
  }

  private static GraphBuilder builder(int[] shape) {
    return new NeuralNetConfiguration.Builder()
        .seed(5)
        .convolutionMode(ConvolutionMode.Same)
        .graphBuilder()
        .addInputs("in")
        .setInputTypes(InputType.convolutional(shape[1], shape[2], shape[0]));
  }

  private static ComputationGraph classifier(GraphBuilder builder, String last) {
    builder
        .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), last)
        .addLayer(
            "out",
            new OutputLayer.Builder().nOut(CLASSES).activation(Activation.SOFTMAX).build(),
            "pool")
        .setOutputs("out");
    ComputationGraph graph = new ComputationGraph(builder.build());
    graph.init();
    return graph;
  }

  private static ConvolutionLayer convolution(int kernel, int stride, int channels) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .stride(stride, stride)
        .nOut(channels)
        .hasBias(false)
        .activation(Activation.IDENTITY)
        .build();
  }

  private static String normalized(
      GraphBuilder builder, String name, Activation activation, String input) {
    builder
        .addLayer(name + "/norm", new BatchNormalization(), input)
        .addLayer(
            name, new ActivationLayer.Builder().activation(activation).build(), name + "/norm");
    return name;
  }

  /** Two dense blocks of three layers with bottlenecks, and a transition between them. */
  private static ComputationGraph denseNet(int[] shape) {
    GraphBuilder builder = builder(shape);
    builder.addLayer("stem", convolution(3, 1, 16), "in");
    String last = "stem";
    for (int block = 0; block < 2; block++) {
      for (int i = 0; i < 3; i++) {
        String name = "b" + block + "." + i;
        builder
            .addLayer(
                name + ".c1",
                convolution(1, 1, 32),
                normalized(builder, name + ".a1", Activation.RELU, last))
            .addLayer(
                name + ".c2",
                convolution(3, 1, 12),
                normalized(builder, name + ".a2", Activation.RELU, name + ".c1"))
            .addVertex(name, new MergeVertex(), last, name + ".c2");
        last = name;
      }
      if (block == 0) {
        builder
            .addLayer(
                "t.c", convolution(1, 1, 26), normalized(builder, "t.a", Activation.RELU, last))
            .addLayer(
                "t",
                new SubsamplingLayer.Builder(
                        SubsamplingLayer.PoolingType.AVG, new int[] {2, 2}, new int[] {2, 2})
                    .build(),
                "t.c");
        last = "t";
      }
    }
    return classifier(builder, normalized(builder, "last", Activation.RELU, last));
  }

  /** Inverted residuals of depthwise convolutions with ReLU6. */
  private static ComputationGraph mobileNet(int[] shape) {
    GraphBuilder builder = builder(shape);
    builder.addLayer("stem", convolution(3, 2, 16), "in");
    String last = normalized(builder, "stem.a", Activation.RELU6, "stem");
    int channels = 16;
    for (int i = 0; i < 4; i++) {
      String name = "m" + i;
      int stride = i == 2 ? 2 : 1;
      int out = stride == 2 ? 2 * channels : channels;
      builder
          .addLayer(name + ".expand", convolution(1, 1, 4 * channels), last)
          .addLayer(
              name + ".depthwise",
              new DepthwiseConvolution2D.Builder(3, 3)
                  .stride(stride, stride)
                  .depthMultiplier(1)
                  .hasBias(false)
                  .activation(Activation.IDENTITY)
                  .build(),
              normalized(builder, name + ".a1", Activation.RELU6, name + ".expand"))
          .addLayer(
              name + ".project",
              convolution(1, 1, out),
              normalized(builder, name + ".a2", Activation.RELU6, name + ".depthwise"))
          .addLayer(name + ".norm", new BatchNormalization(), name + ".project");
      if (stride == 1) {
        builder.addVertex(
            name, new ElementWiseVertex(ElementWiseVertex.Op.Add), last, name + ".norm");
        last = name;
      } else {
        last = name + ".norm";
      }
      channels = out;
    }
    return classifier(builder, last);
  }
}
