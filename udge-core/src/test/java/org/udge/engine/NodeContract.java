package org.udge.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.distribution.UniformDistribution;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.udge.data.ImageShape;
import org.udge.engine.graph.GraphEngine;
import org.udge.engine.nodes.ActivationFunction;
import org.udge.engine.nodes.Network;
import org.udge.engine.nodes.NetworkReader;
import org.udge.engine.nodes.Node;
import org.udge.network.ActNormalization;
import org.udge.network.InstanceNormalization;
import org.udge.network.LayerNormalization;
import org.udge.random.RandomStreams;

/**
 * What every engine must do with every kind of node and every setting of it: the numbers that
 * {@link GraphEngine} computes with Deeplearning4j's own layers, and gradients that agree with
 * differences of its own logits. Subclasses say how an engine is made.
 *
 * <p>A new kind of node needs a case here: {@link #there_is_a_case_for_every_kind_of_node} fails
 * without.
 */
public abstract class NodeContract {

  /** Makes the engine under test. */
  protected abstract Engine engineOf(ComputationGraph graph);

  private static final Set<ActivationFunction.Kind> KINKED =
      Set.of(
          ActivationFunction.Kind.RELU, ActivationFunction.Kind.CLIP, ActivationFunction.Kind.ELU);

  private static final int CLASSES = 4;
  private static final ImageShape IMAGES = new ImageShape(2, 9, 10);

  /** A network around what is tested; subclasses hand them on. */
  public record Case(String name, Consumer<GraphBuilder> middle, String last, InputType images) {

    Case(String name, Consumer<GraphBuilder> middle, String last) {
      this(name, middle, last, InputType.convolutional(9, 10, 2));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static ConvolutionLayer.Builder convolution(int channels, int kernel) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .nOut(channels)
        .activation(Activation.IDENTITY);
  }

  private static Case convolution(String name, ConvolutionLayer layer) {
    return new Case(name, b -> b.addLayer("a", layer, "in"), "a");
  }

  private static Case after(String name, org.deeplearning4j.nn.conf.layers.Layer layer) {
    return new Case(
        name,
        b -> b.addLayer("first", convolution(6, 3).build(), "in").addLayer("a", layer, "first"),
        "a");
  }

  private static ActivationLayer activation(Activation function) {
    return new ActivationLayer.Builder().activation(function).build();
  }

  /** Every kind of node, and every setting of it. */
  protected static Stream<Case> cases() {
    return Stream.of(
        convolution(
            "5x5, stride 2, padding 2", convolution(7, 5).stride(2, 2).padding(2, 2).build()),
        convolution(
            "3x2, stride 1x2",
            new ConvolutionLayer.Builder(3, 2)
                .nOut(16)
                .stride(1, 2)
                .padding(1, 0)
                .activation(Activation.IDENTITY)
                .build()),
        convolution("dilated", convolution(8, 3).dilation(2, 2).padding(2, 2).build()),
        convolution(
            "same mode, even kernel",
            convolution(8, 4).stride(3, 3).convolutionMode(ConvolutionMode.Same).build()),
        convolution("without bias", convolution(16, 3).hasBias(false).build()),
        convolution("relu within", convolution(16, 3).activation(Activation.RELU).build()),
        convolution("tanh within", convolution(16, 3).activation(Activation.TANH).build()),
        convolution("sigmoid within", convolution(16, 3).activation(Activation.SIGMOID).build()),
        convolution("swish within", convolution(16, 3).activation(Activation.SWISH).build()),
        convolution(
            "leaky relu by slope of relu",
            convolution(5, 3).activation(new ActivationReLU(null, null, 0.3)).build()),
        after("relu apart", activation(Activation.RELU)),
        after("swish apart", activation(Activation.SWISH)),
        after(
            "maximum pooling",
            pooling(SubsamplingLayer.PoolingType.MAX, 3, 2).padding(1, 1).build()),
        after("average pooling", pooling(SubsamplingLayer.PoolingType.AVG, 2, 2).build()),
        after(
            "average pooling, padding counts",
            pooling(SubsamplingLayer.PoolingType.AVG, 3, 2)
                .padding(1, 1)
                .avgPoolIncludePadInDivisor(true)
                .build()),
        after(
            "average pooling, padding does not count",
            pooling(SubsamplingLayer.PoolingType.AVG, 3, 2)
                .padding(1, 1)
                .avgPoolIncludePadInDivisor(false)
                .build()),
        after(
            "average pooling, same mode",
            pooling(SubsamplingLayer.PoolingType.AVG, 3, 2)
                .convolutionMode(ConvolutionMode.Same)
                .build()),
        after("global maximum", new GlobalPoolingLayer.Builder(PoolingType.MAX).build()),
        after("global average", new GlobalPoolingLayer.Builder(PoolingType.AVG).build()),
        after(
            "batch norm of log deviation",
            new BatchNormalization.Builder().useLogStd(true).decay(0.8).build()),
        after(
            "batch norm without scale and shift",
            new BatchNormalization.Builder().useLogStd(false).lockGammaBeta(true).build()),
        after("instance norm", new InstanceNormalization()),
        after("layer norm", new LayerNormalization()),
        after("activation norm", new ActNormalization()),
        after(
            "dense without bias",
            new DenseLayer.Builder().nOut(9).hasBias(false).activation(Activation.TANH).build()),
        after(
            "two dense layers",
            new DenseLayer.Builder().nOut(9).activation(Activation.TANH).build()),
        new Case(
            "batch norm of features",
            b ->
                b.addLayer(
                        "d",
                        new DenseLayer.Builder().nOut(9).activation(Activation.RELU).build(),
                        "in")
                    .addLayer("a", new BatchNormalization.Builder().useLogStd(false).build(), "d"),
            "a"),
        new Case("sum of three with a shared activation", NodeContract::sumOfThree, "sum"),
        new Case(
            "sum with the images",
            b ->
                b.addLayer("c", convolution(2, 3).padding(1, 1).build(), "in")
                    .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "c", "in"),
            "sum"),
        new Case("sum whose addend is needed later", NodeContract::neededLater, "sum2"),
        new Case("wide 3x3, by Winograd's algorithm", NodeContract::wide, "last"),
        convolution("elu within", convolution(16, 3).activation(Activation.ELU).build()),
        convolution(
            "elu of another size", convolution(6, 3).activation(new ActivationELU(0.4)).build()),
        convolution("selu within", convolution(16, 3).activation(Activation.SELU).build()),
        convolution("relu6 within", convolution(16, 3).activation(Activation.RELU6).build()),
        convolution(
            "bounded leaky relu",
            convolution(5, 3).activation(new ActivationReLU(0.5, null, 0.3)).build()),
        convolution(
            "bounded relu",
            convolution(5, 3).activation(new ActivationReLU(0.5, null, null)).build()),
        convolution(
            "hard sigmoid within", convolution(16, 3).activation(Activation.HARDSIGMOID).build()),
        convolution("hard tanh within", convolution(16, 3).activation(Activation.HARDTANH).build()),
        after("elu apart", activation(Activation.ELU)),
        after("selu apart", activation(Activation.SELU)),
        after("gelu", activation(Activation.GELU)),
        after("mish", activation(Activation.MISH)),
        after("softplus", activation(Activation.SOFTPLUS)),
        after("cube", activation(Activation.CUBE)),
        after("relu6 apart", activation(Activation.RELU6)),
        after("depthwise", depthwise(1).build()),
        after(
            "depthwise, multiplied", depthwise(2).stride(2, 2).activation(Activation.ELU).build()),
        new Case(
            "depthwise of a block",
            b ->
                b.addLayer("first", convolution(16, 3).build(), "in")
                    .addLayer(
                        "a",
                        depthwise(1)
                            .convolutionMode(ConvolutionMode.Same)
                            .activation(Activation.LEAKYRELU)
                            .build(),
                        "first"),
            "a"),
        after("depthwise without bias", depthwise(1).hasBias(false).padding(1, 1).build()),
        after("separable", separable(1).build()),
        after(
            "separable, multiplied",
            separable(2)
                .convolutionMode(ConvolutionMode.Same)
                .stride(2, 1)
                .hasBias(false)
                .activation(Activation.TANH)
                .build()),
        after("deconvolution", deconvolution().build()),
        after(
            "deconvolution, stride 2, padding", deconvolution().stride(2, 2).padding(1, 1).build()),
        after(
            "deconvolution, same mode",
            deconvolution()
                .stride(2, 3)
                .convolutionMode(ConvolutionMode.Same)
                .activation(Activation.LEAKYRELU)
                .hasBias(false)
                .build()),
        after("zero padding", new ZeroPaddingLayer.Builder(1, 2, 0, 3).build()),
        new Case(
            "zero padding of images",
            b ->
                b.addLayer("p", new ZeroPaddingLayer.Builder(3, 3).build(), "in")
                    .addLayer("a", convolution(8, 5).stride(2, 2).build(), "p"),
            "a"),
        after("cropping", new Cropping2D.Builder(1, 2, 0, 3).build()),
        after("upsampling", new Upsampling2D.Builder(2).build()),
        after("upsampling by 3x2", new Upsampling2D.Builder().size(new int[] {3, 2}).build()),
        after("local response norm", new LocalResponseNormalization.Builder().build()),
        after(
            "local response norm of other settings",
            new LocalResponseNormalization.Builder().n(4).k(1).alpha(0.3).beta(0.6).build()),
        after(
            "slopes of pixels",
            new PReLULayer.Builder()
                .inputShape(6, 7, 8)
                .weightInit(new UniformDistribution(0.1, 0.5))
                .build()),
        new Case(
            "slopes of features",
            b ->
                b.addLayer(
                        "d",
                        new DenseLayer.Builder().nOut(9).activation(Activation.IDENTITY).build(),
                        "in")
                    .addLayer(
                        "a",
                        new PReLULayer.Builder()
                            .inputShape(9)
                            .weightInit(new UniformDistribution(0.1, 0.5))
                            .build(),
                        "d"),
            "a"),
        two("concatenation", new MergeVertex(), 6, 5),
        two("concatenation of blocks", new MergeVertex(), 16, 32),
        new Case(
            "concatenation with the images, twice",
            b ->
                b.addLayer("c", convolution(8, 3).padding(1, 1).build(), "in")
                    .addVertex("m", new MergeVertex(), "c", "in", "c")
                    .addLayer("a", convolution(8, 3).build(), "m"),
            "a"),
        new Case(
            "concatenation of features",
            b ->
                b.addLayer("p", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "in")
                    .addLayer(
                        "d",
                        new DenseLayer.Builder().nOut(9).activation(Activation.TANH).build(),
                        "in")
                    .addVertex("m", new MergeVertex(), "d", "p"),
            "m"),
        two("average", new ElementWiseVertex(ElementWiseVertex.Op.Average), 6, 6),
        two("difference", new ElementWiseVertex(ElementWiseVertex.Op.Subtract), 6, 6),
        two("product", new ElementWiseVertex(ElementWiseVertex.Op.Product), 6, 6),
        two("maximum", new ElementWiseVertex(ElementWiseVertex.Op.Max), 6, 6),
        new Case(
            "product of three and maximum with the images",
            b ->
                b.addLayer("c", convolution(2, 3).padding(1, 1).build(), "in")
                    .addLayer("d", convolution(2, 1).build(), "in")
                    .addVertex(
                        "p", new ElementWiseVertex(ElementWiseVertex.Op.Product), "c", "d", "in")
                    .addVertex(
                        "m", new ElementWiseVertex(ElementWiseVertex.Op.Max), "c", "in", "p"),
            "m"),
        new Case(
            "scale and shift",
            b ->
                b.addLayer("c", convolution(6, 3).build(), "in")
                    .addVertex("s", new ScaleVertex(0.3), "c")
                    .addVertex("t", new ShiftVertex(0.2), "s")
                    .addLayer("a", activation(Activation.LEAKYRELU), "t"),
            "a"),
        new Case(
            "length 1 of features",
            b ->
                b.addLayer(
                        "d",
                        new DenseLayer.Builder().nOut(9).activation(Activation.TANH).build(),
                        "in")
                    .addVertex("a", new L2NormalizeVertex(), "d"),
            "a"),
        new Case(
            "length 1 of features, over dimension 1",
            b ->
                b.addLayer(
                        "d",
                        new DenseLayer.Builder().nOut(9).activation(Activation.TANH).build(),
                        "in")
                    .addVertex("a", new L2NormalizeVertex(new int[] {1}, 1e-10), "d"),
            "a"),
        sized("sum of one feature with nine", ElementWiseVertex.Op.Add, 1, 9),
        sized("product of nine features with one", ElementWiseVertex.Op.Product, 9, 1),
        sized("maximum of one feature with nine", ElementWiseVertex.Op.Max, 1, 9),
        after(
            "batch norm that ignores an activation",
            new BatchNormalization.Builder().useLogStd(false).activation(Activation.TANH).build()),
        new Case(
            "length 1 of images",
            b ->
                b.addLayer("c", convolution(6, 3).build(), "in")
                    .addVertex("a", new L2NormalizeVertex(), "c"),
            "a"),
        new Case(
            "frozen below trained",
            b ->
                b.addLayer("f", frozen(convolution(16, 3).activation(Activation.TANH)), "in")
                    .addLayer("n", frozen(new BatchNormalization.Builder().useLogStd(false)), "f")
                    .addLayer("a", convolution(16, 3).activation(Activation.TANH).build(), "n"),
            "a"),
        new Case(
            "trained below frozen, with a sum",
            b ->
                b.addLayer("c", convolution(6, 3).build(), "in")
                    .addLayer(
                        "f",
                        new FrozenLayerWithBackprop(
                            convolution(6, 3).padding(1, 1).dropOut(0.5).build()),
                        "c")
                    .addVertex("a", new ElementWiseVertex(ElementWiseVertex.Op.Add), "f", "c"),
            "a"),
        new Case(
            "rows that are images",
            b -> b.addLayer("a", convolution(8, 3).activation(Activation.TANH).build(), "in"),
            "a",
            InputType.convolutionalFlat(9, 10, 2)),
        new Case(
            "features that become an image",
            b ->
                b.addLayer(
                        "d",
                        new DenseLayer.Builder().nOut(24).activation(Activation.TANH).build(),
                        "in")
                    .addLayer("c", convolution(8, 2).build(), "d")
                    .inputPreProcessor("c", new FeedForwardToCnnPreProcessor(3, 4, 2)),
            "c"),
        channelsLast(
            "channels last: pooling, batch norm, dense",
            b ->
                b.addLayer("c", convolution(6, 3).build(), "in")
                    .addLayer("n", new BatchNormalization.Builder().useLogStd(false).build(), "c")
                    .addLayer("t", activation(Activation.TANH), "n")
                    .addLayer("p", pooling(SubsamplingLayer.PoolingType.AVG, 2, 2).build(), "t")
                    .addLayer("d", features(9), "p")
                    .addLayer("a", new BatchNormalization.Builder().useLogStd(false).build(), "d"),
            "a"),
        channelsLast(
            "channels last: concatenation, sum, global average",
            b ->
                b.addLayer("c", convolution(6, 3).padding(1, 1).build(), "in")
                    .addLayer("d", convolution(6, 1).activation(Activation.TANH).build(), "in")
                    .addVertex("s", new ElementWiseVertex(ElementWiseVertex.Op.Add), "c", "d")
                    .addVertex("m", new MergeVertex(), "s", "in", "d")
                    .addLayer("e", convolution(8, 3).activation(Activation.TANH).build(), "m")
                    .addLayer("p", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "e")
                    .addLayer("f", features(5), "p")
                    .addVertex("a", new MergeVertex(), "p", "f"),
            "a"),
        channelsLast(
            "channels last: depthwise, separable, deconvolution",
            b ->
                b.addLayer("c", convolution(6, 3).build(), "in")
                    .addLayer("d", depthwise(2).build(), "c")
                    .addLayer("s", separable(1).hasBias(false).build(), "d")
                    .addLayer("t", deconvolution().stride(2, 2).build(), "s")
                    .addLayer("a", convolution(8, 3).activation(Activation.TANH).build(), "t"),
            "a"),
        channelsLast(
            "channels last: borders, upsampling, local response norm, maximum",
            b ->
                b.addLayer("p", new ZeroPaddingLayer.Builder(1, 2, 0, 3).build(), "in")
                    .addLayer("c", convolution(6, 3).build(), "p")
                    .addLayer("u", new Upsampling2D.Builder(2).build(), "c")
                    .addLayer("x", new Cropping2D.Builder(1, 2, 0, 3).build(), "u")
                    .addLayer("l", new LocalResponseNormalization.Builder().build(), "x")
                    .addLayer("a", pooling(SubsamplingLayer.PoolingType.MAX, 3, 2).build(), "l"),
            "a"),
        new Case(
            "an image that becomes features",
            b ->
                b.addLayer("c", convolution(2, 3).build(), "in")
                    .addLayer("n", activation(Activation.TANH), "c")
                    .inputPreProcessor("n", new CnnToFeedForwardPreProcessor(7, 8, 2)),
            "n"));
  }

  /** Pooling of square windows. */
  protected static SubsamplingLayer.Builder pooling(
      SubsamplingLayer.PoolingType type, int window, int stride) {
    return new SubsamplingLayer.Builder(
        type, new int[] {window, window}, new int[] {stride, stride});
  }

  private static DepthwiseConvolution2D.Builder depthwise(int multiplier) {
    return new DepthwiseConvolution2D.Builder(3, 3)
        .depthMultiplier(multiplier)
        .activation(Activation.IDENTITY);
  }

  private static SeparableConvolution2D.Builder separable(int multiplier) {
    return new SeparableConvolution2D.Builder(3, 3)
        .nOut(8)
        .depthMultiplier(multiplier)
        .activation(Activation.IDENTITY);
  }

  private static Deconvolution2D.Builder deconvolution() {
    return new Deconvolution2D.Builder(3, 3).nOut(5).activation(Activation.IDENTITY);
  }

  private static org.deeplearning4j.nn.conf.layers.Layer frozen(
      org.deeplearning4j.nn.conf.layers.Layer.Builder<?> layer) {
    return new FrozenLayer.Builder().layer(layer.build()).build();
  }

  private static Case two(String name, GraphVertex vertex, int first, int second) {
    return new Case(
        name,
        b ->
            b.addLayer("c", convolution(first, 3).build(), "in")
                .addLayer("d", convolution(second, 3).build(), "in")
                .addVertex("m", vertex, "c", "d")
                .addLayer("a", convolution(8, 3).activation(Activation.TANH).build(), "m"),
        "a");
  }

  private static Case channelsLast(String name, Consumer<GraphBuilder> middle, String last) {
    return new Case(name, middle, last, InputType.convolutional(9, 10, 2, CNN2DFormat.NHWC));
  }

  private static Case sized(String name, ElementWiseVertex.Op operation, int first, int second) {
    return new Case(
        name,
        b ->
            b.addLayer("c", features(first), "in")
                .addLayer("d", features(second), "in")
                .addVertex("a", new ElementWiseVertex(operation), "c", "d"),
        "a");
  }

  private static DenseLayer features(int count) {
    return new DenseLayer.Builder().nOut(count).activation(Activation.TANH).build();
  }

  private static void sumOfThree(GraphBuilder builder) {
    builder
        .addLayer("c", convolution(16, 3).padding(1, 1).build(), "in")
        .addLayer("act", activation(Activation.TANH), "c")
        .addLayer("d", convolution(16, 1).build(), "act")
        .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "c", "act", "d");
  }

  private static void neededLater(GraphBuilder builder) {
    builder
        .addLayer("c", convolution(16, 3).padding(1, 1).build(), "in")
        .addLayer("d", convolution(16, 3).padding(1, 1).build(), "c")
        .addVertex("sum1", new ElementWiseVertex(ElementWiseVertex.Op.Add), "c", "d")
        .addLayer("act", activation(Activation.LEAKYRELU), "sum1")
        .addLayer("e", convolution(16, 3).padding(1, 1).build(), "act")
        .addVertex("sum2", new ElementWiseVertex(ElementWiseVertex.Op.Add), "e", "c");
  }

  private static void wide(GraphBuilder builder) {
    builder
        .addLayer("c", convolution(64, 3).padding(1, 1).build(), "in")
        .addLayer(
            "d", convolution(64, 3).padding(1, 1).activation(Activation.LEAKYRELU).build(), "c")
        .addLayer("e", convolution(64, 3).padding(1, 1).build(), "d")
        .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "e", "c")
        .addLayer(
            "last", convolution(32, 3).hasBias(false).activation(Activation.SWISH).build(), "sum");
  }

  private static GraphBuilder builder(InputType images) {
    return new NeuralNetConfiguration.Builder()
        .seed(3)
        .dataType(DataType.FLOAT)
        .graphBuilder()
        .addInputs("in")
        .setInputTypes(images);
  }

  /** The same graph whenever it is asked for. */
  protected static ComputationGraph graph(Case example) {
    GraphBuilder builder = builder(example.images);
    example.middle.accept(builder);
    builder.addLayer(
        "out",
        new OutputLayer.Builder(LossFunction.MCXENT)
            .nOut(CLASSES)
            .activation(Activation.SOFTMAX)
            .build(),
        example.last);
    ComputationGraph graph = new ComputationGraph(builder.setOutputs("out").build());
    graph.init();
    return graph;
  }

  private static INDArray normal(String name, long... shape) {
    float[] values = new float[(int) Nd4j.create(shape).length()];
    RandomStreams.of(4).stream(name).fillGaussian(values);
    return Nd4j.createFromArray(values).reshape(shape);
  }

  private static Network network(Case example) {
    return NetworkReader.read("test", graph(example));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agrees_with_the_graph_engine_in_every_mode(Case example) {
    compare(graph(example), List.of(Mode.values()));
  }

  static Stream<Case> smoothCases() {
    return cases()
        .filter(example -> network(example).nodes().stream().noneMatch(NodeContract::hasKinks));
  }

  /** Differences over a step across a kink say nothing of the gradient. */
  private static boolean hasKinks(Node node) {
    return (node instanceof Node.Activation activation
            && KINKED.contains(activation.function().kind()))
        || node instanceof Node.Maximum
        || node instanceof Node.ParametricRelu
        || (node instanceof Node.Pool pool && pool.kind() == Node.Pool.Kind.MAXIMUM)
        || (node instanceof Node.GlobalPool global && global.kind() == Node.Pool.Kind.MAXIMUM);
  }

  @ParameterizedTest
  @MethodSource("smoothCases")
  void gradients_agree_with_differences_of_logits(Case example) {
    ComputationGraph graph = graph(example);
    INDArray images = normal("images", IMAGES.batch(3));
    INDArray weights = normal("direction", 3, CLASSES);
    try (Engine engine = engineOf(graph)) {
      EngineContract.checkGradients(graph, engine, images, weights, Mode.EVALUATION);
    }
  }

  /** Network by network, what Deeplearning4j's layers put out. */
  @ParameterizedTest
  @MethodSource("cases")
  void shapes_are_inferred_as_deeplearning4j_computes_them(Case example) {
    ComputationGraph graph = graph(example);
    Map<String, ImageShape> inferred =
        NetworkReader.read("test", graph).shapes(new ImageShape(2, 9, 10));
    boolean channelsLast =
        LogitsConfiguration.imageFormat(graph.getConfiguration()) == CNN2DFormat.NHWC;
    INDArray images = normal("images", IMAGES.batch(1));
    Map<String, INDArray> activations =
        graph.feedForward(channelsLast ? images.permute(0, 2, 3, 1).dup('c') : images, false);
    assertThat(inferred).containsKeys("in", "out");
    inferred.forEach(
        (name, shape) -> {
          INDArray activation = activations.get(name);
          if (activation != null) {
            assertThat(shape.size()).as(name).isEqualTo(activation.length());
            int axis = channelsLast && activation.rank() == 4 ? 3 : 1;
            assertThat(shape.channels()).as(name).isEqualTo(activation.size(axis));
          }
        });
  }

  @Test
  void there_is_a_case_for_every_kind_of_node() {
    Set<Class<?>> kinds = new HashSet<>();
    cases()
        .forEach(example -> network(example).nodes().forEach(node -> kinds.add(node.getClass())));
    // Masks of different engines differ: dropout has tests of its own.
    kinds.add(Node.Dropout.class);
    assertThat(kinds).containsAll(leaves(Node.class).toList());
  }

  @Test
  void there_is_a_case_for_every_kind_of_function() {
    Set<ActivationFunction.Kind> kinds = EnumSet.noneOf(ActivationFunction.Kind.class);
    cases()
        .flatMap(example -> network(example).nodes().stream())
        .forEach(
            node -> {
              if (node instanceof Node.Activation activation) {
                kinds.add(activation.function().kind());
              }
            });
    assertThat(kinds).containsExactlyInAnyOrder(ActivationFunction.Kind.values());
  }

  private static Stream<Class<?>> leaves(Class<?> type) {
    return type.isSealed()
        ? Arrays.stream(type.getPermittedSubclasses()).flatMap(NodeContract::leaves)
        : Stream.of(type);
  }

  static Stream<IDropout> dropouts() {
    return Stream.of(
        new Dropout(0.7), new SpatialDropout(0.7), new AlphaDropout(0.7), new GaussianDropout(0.3));
  }

  private static ComputationGraph dropoutGraph(IDropout dropout) {
    return graph(
        new Case(
            dropout.toString(),
            b ->
                b.addLayer("c", convolution(6, 3).build(), "in")
                    .addLayer("a", convolution(6, 3).dropOut(dropout).build(), "c"),
            "a"));
  }

  @ParameterizedTest
  @MethodSource("dropouts")
  void goes_back_through_the_masks_of_the_pass(IDropout dropout) {
    ComputationGraph graph = dropoutGraph(dropout);
    try (Engine engine = engineOf(graph)) {
      EngineContract.checkGradients(
          graph,
          engine,
          normal("images", IMAGES.batch(3)),
          normal("direction", 3, CLASSES),
          Mode.TRAINING);
    }
  }

  /** Masks of different engines differ; over many images the same comes out. */
  @ParameterizedTest
  @MethodSource("dropouts")
  void logits_under_dropout_are_distributed_as_those_of_the_graph_engine(IDropout dropout) {
    ComputationGraph graph = dropoutGraph(dropout);
    INDArray images = Nd4j.tile(normal("image", IMAGES.batch(1)), 2000, 1, 1, 1);
    try (Engine engine = engineOf(graph);
        Engine reference = GraphEngine.of(graph);
        Pass actual = engine.forward(images, Mode.TRAINING, 5);
        Pass expected = reference.forward(images, Mode.TRAINING, 6)) {
      INDArray deviation = expected.logits().std(0);
      assertThat(deviation.minNumber().doubleValue()).isPositive();
      INDArray ratio = actual.logits().std(0).div(deviation);
      assertThat(ratio.minNumber().doubleValue()).isGreaterThan(0.9);
      assertThat(ratio.maxNumber().doubleValue()).isLessThan(1.1);
      INDArray shift = actual.logits().mean(0).sub(expected.logits().mean(0)).div(deviation);
      assertThat(Transforms.abs(shift).maxNumber().doubleValue()).isLessThan(0.15);
    }
  }

  @ParameterizedTest
  @MethodSource("losses")
  void strips_the_loss(org.deeplearning4j.nn.conf.layers.Layer loss) {
    ComputationGraph graph =
        new ComputationGraph(
            builder(InputType.convolutional(9, 10, 2))
                .addLayer(
                    "d",
                    new DenseLayer.Builder().nOut(CLASSES).activation(Activation.IDENTITY).build(),
                    "in")
                .addLayer("out", loss, "d")
                .setOutputs("out")
                .build());
    graph.init();
    compare(graph, List.of(Mode.EVALUATION));
  }

  static Stream<org.deeplearning4j.nn.conf.layers.Layer> losses() {
    return Stream.of(
        new LossLayer.Builder(LossFunction.MCXENT).activation(new ActivationSoftmax()).build(),
        new LossLayer.Builder(LossFunction.MSE).activation(Activation.IDENTITY).build());
  }

  private void compare(ComputationGraph graph, List<Mode> modes) {
    INDArray images = normal("images", IMAGES.batch(3));
    INDArray direction = normal("direction", 3, CLASSES);
    try (Engine engine = engineOf(graph)) {
      for (Mode mode : modes) {
        EngineContract.checkAgreement(graph, engine, images, direction, mode);
      }
    }
  }

  /**
   * Compares an engine of lower precision with the graph engine in all modes, within relative
   * tolerances.
   */
  protected static void compare(
      ComputationGraph graph, Engine engine, double ofLogits, double ofGradients) {
    INDArray images = normal("images", IMAGES.batch(3));
    INDArray direction = normal("direction", 3, CLASSES);
    for (Mode mode : Mode.values()) {
      EngineContract.checkAgreement(graph, engine, images, direction, mode, ofLogits, ofGradients);
    }
  }
}
