package org.udge.engine.nodes;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.dropout.AlphaDropout;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.dropout.SpatialDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.ShiftVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
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
import org.deeplearning4j.nn.params.DepthwiseConvolutionParamInitializer;
import org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationMish;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSELU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.data.ImageShape;
import org.udge.engine.LogitsConfiguration;
import org.udge.engine.UnsupportedNetworkException;
import org.udge.network.ActNormalization;
import org.udge.network.ChannelNormalization;
import org.udge.network.InstanceNormalization;
import org.udge.network.LayerNormalization;
import org.udge.network.SampleNormalization;

/**
 * Converts Deeplearning4j graphs to networks of typed nodes. Nodes operate on images with channels
 * first; graphs of NHWC layers are converted to the same nodes, because Deeplearning4j stores their
 * weights in the same order, except for dense layers that read flattened images: those are
 * converted to convolutions whose kernel has the size of the image. Stateless and thread-safe.
 */
public final class NetworkReader {

  private final String engine;
  private final ComputationGraph graph;
  private final ComputationGraphConfiguration configuration;
  private final long base;
  private final Map<String, String> outputs = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Extent> extents = new HashMap<>();
  private final boolean channelsLast;

  /**
   * The dense layers that read images flattened with channels last, and the shapes of those images.
   */
  private final Map<String, ImageShape> flattened = new HashMap<>();

  private NetworkReader(String engine, ComputationGraph graph) {
    this.engine = engine;
    this.graph = graph;
    this.configuration = LogitsConfiguration.of(graph.getConfiguration());
    this.base = address(graph.params());
    this.channelsLast = LogitsConfiguration.imageFormat(configuration) == CNN2DFormat.NHWC;
  }

  /**
   * Reads a classifier up to its logits.
   *
   * @param engine the {@linkplain org.udge.engine.Engine#name() name} of the engine that will run
   *     the network, for messages
   * @param graph an initialized graph of float32 with one softmax or identity output layer
   * @return the nodes, with offsets into the graph's flat parameters
   * @throws UnsupportedNetworkException if a layer is not supported; the message names the first
   *     one
   * @throws IllegalArgumentException if the output of the graph is not a layer of logits
   */
  public static Network read(String engine, ComputationGraph graph) {
    return new NetworkReader(engine, graph).network();
  }

  /**
   * Reads a classifier up to its logits and checks that it supports images of the given size.
   *
   * @param engine the {@linkplain org.udge.engine.Engine#name() name} of the engine that will run
   *     the network, for messages
   * @param graph an initialized graph of float32 with one softmax or identity output layer
   * @param images the shape of the images that the network will receive
   * @return the nodes, with offsets into the graph's flat parameters
   * @throws UnsupportedNetworkException if a layer is not supported, or a vertex combines inputs of
   *     different shapes element-wise; the message names the first such layer or the vertex
   * @throws IllegalArgumentException if the output of the graph is not a layer of logits, or the
   *     network does not support images of this size; the message names the layer
   */
  public static Network read(String engine, ComputationGraph graph, ImageShape images) {
    NetworkReader reader = new NetworkReader(engine, graph);
    Network network = reader.network();
    reader.checkShapes(network, images);
    return network;
  }

  private void checkShapes(Network network, ImageShape images) {
    Map<String, ImageShape> shapes = new HashMap<>();
    for (Node node : network.nodes()) {
      List<ImageShape> inputs =
          node instanceof Node.Images
              ? List.of(images)
              : node.inputs().stream().map(name -> requireNonNull(shapes.get(name), name)).toList();
      boolean elementWise = node instanceof Node.Add || node instanceof Node.Binary;
      if (elementWise && inputs.stream().distinct().count() > 1) {
        throw differing(node.name(), inputs.toString());
      }
      shapes.put(node.name(), node.output(inputs));
    }
  }

  private UnsupportedNetworkException differing(String vertex, String shapes) {
    return unsupported(
        vertex,
        "vertex ElementWiseVertex of inputs of different shapes, " + shapes,
        "give all its inputs the same channels, height and width");
  }

  private Network network() {
    if (graph.params().dataType() != DataType.FLOAT) {
      throw unsupported(
          configuration.getNetworkOutputs().get(0),
          "parameters must be FLOAT, are " + graph.params().dataType(),
          "convert them with convertDataType");
    }
    for (int index : graph.topologicalSortOrder()) {
      read(graph.getVertices()[index].getVertexName());
    }
    checkAllRead();
    return new Network(nodes);
  }

  /**
   * Checks that every node is read. Engines assume that the last node is the logits, and compute
   * the gradient of every other node through its readers.
   */
  private void checkAllRead() {
    Set<String> read = new HashSet<>();
    read.add(outputs.get(configuration.getNetworkOutputs().get(0)));
    nodes.forEach(node -> read.addAll(node.inputs()));
    for (Node node : nodes) {
      if (!read.contains(node.name())) {
        throw unsupported(node.name(), "nobody reads its output", "leave it out");
      }
    }
  }

  private void read(String name) {
    if (configuration.getNetworkInputs().contains(name)) {
      add(name, new Node.Images(name));
      return;
    }
    List<String> inputs =
        requireNonNull(configuration.getVertexInputs().get(name)).stream()
            .map(outputs::get)
            .toList();
    GraphVertex vertex = configuration.getVertices().get(name);
    if (vertex instanceof LayerVertex layerVertex) {
      Layer layer = layerVertex.getLayerConf().getLayer();
      String source = preProcessed(name, inputs.get(0), layerVertex.getPreProcessor(), layer);
      readLayer(name, source, layer);
    } else if (vertex instanceof ElementWiseVertex elementWise) {
      elementWise(name, ofOneSize(name, inputs), elementWise.getOp());
    } else if (vertex instanceof MergeVertex merge
        && merge.getMergeAxis() == channelAxis(inputs.get(0))) {
      if (inputs.size() == 1) {
        outputs.put(name, inputs.get(0));
      } else {
        add(name, new Node.Concatenate(name, inputs));
      }
    } else if (vertex instanceof ScaleVertex scale) {
      activate(name, inputs.get(0), ActivationFunction.linear(scale.getScaleFactor(), 0));
    } else if (vertex instanceof ShiftVertex shift) {
      activate(name, inputs.get(0), ActivationFunction.linear(1, shift.getShiftFactor()));
    } else if (vertex instanceof L2NormalizeVertex norm) {
      checkWholeImages(name, inputs.get(0), norm.getDimension());
      add(name, new Node.UnitNorm(name, inputs.get(0), norm.getEps()));
    } else if (vertex instanceof PreprocessorVertex preprocessor) {
      outputs.put(name, reshaped(name, inputs.get(0), preprocessor.getPreProcessor()));
    } else {
      throw unsupported(name, "vertex " + vertex, "build it of layers and vertices that it knows");
    }
  }

  private int channelAxis(String input) {
    return channelsLast && extent(input).image() ? 3 : 1;
  }

  /**
   * Checks that the norm is over whole images: for images, over all axes but the first; for
   * features, over their single axis.
   */
  private void checkWholeImages(String name, String input, int @Nullable [] dimensions) {
    int[] all = extent(input).image() ? new int[] {1, 2, 3} : new int[] {1};
    if (dimensions != null && dimensions.length > 0 && !Arrays.equals(dimensions, all)) {
      throw unsupported(
          name,
          "L2NormalizeVertex over dimensions " + Arrays.toString(dimensions),
          "leave them out, for the length of the whole image");
    }
  }

  /**
   * Returns the inputs of a vertex that combines them element-wise. Deeplearning4j broadcasts an
   * input with one value to the size of the others; for features, this is expressed by upsampling
   * an image into which they are reshaped.
   */
  private List<String> ofOneSize(String name, List<String> inputs) {
    List<Extent> extents = inputs.stream().map(this::extent).toList();
    boolean images = extents.get(0).image();
    int most = extents.stream().flatMapToInt(e -> e.channels().stream()).max().orElse(0);
    if (extents.stream().anyMatch(e -> e.image() != images)) {
      throw differing(name, extents.toString());
    }
    List<String> repeated = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      int own = extents.get(i).channels().orElse(most);
      if (own != most && (images || own != 1)) {
        throw differing(name, extents.toString());
      }
      repeated.add(own == most ? inputs.get(i) : repeated(name + "/" + i, inputs.get(i), most));
    }
    return repeated;
  }

  private String repeated(String name, String feature, int times) {
    append(new Node.Reshape(name + "/pixel", feature, new ImageShape(1, 1, 1)));
    append(new Node.Upsample(name + "/pixels", name + "/pixel", times, 1));
    append(new Node.Reshape(name, name + "/pixels", ImageShape.ofFeatures(times)));
    return name;
  }

  private void elementWise(String name, List<String> inputs, ElementWiseVertex.Op operation) {
    if (inputs.size() == 1) {
      outputs.put(name, inputs.get(0));
      return;
    }
    switch (operation) {
      case Add -> add(name, new Node.Add(name, inputs));
      case Average -> {
        append(new Node.Add(name + "/sum", inputs));
        activate(name, name + "/sum", ActivationFunction.linear(1.0 / inputs.size(), 0));
      }
      case Subtract -> {
        String minus = name + "/minus";
        append(new Node.Activation(minus, inputs.get(1), ActivationFunction.linear(-1, 0)));
        add(name, new Node.Add(name, List.of(inputs.get(0), minus)));
      }
      case Product -> inPairs(name, inputs, Node.Product::new);
      case Max -> inPairs(name, inputs, Node.Maximum::new);
    }
  }

  private interface Pair {
    Node of(String name, String first, String second);
  }

  private void inPairs(String name, List<String> inputs, Pair pair) {
    String before = inputs.get(0);
    for (int i = 1; i < inputs.size(); i++) {
      String own = i == inputs.size() - 1 ? name : name + "/" + i;
      append(pair.of(own, before, inputs.get(i)));
      before = own;
    }
    outputs.put(name, before);
  }

  private void add(String vertex, Node node) {
    append(node);
    outputs.put(vertex, node.name());
  }

  private void append(Node node) {
    nodes.add(node);
    extents.put(node.name(), extentOf(node));
  }

  private Extent extent(String output) {
    return requireNonNull(extents.get(output), output);
  }

  /**
   * The properties of an output that are known before the image size is.
   *
   * @param image whether the output has height and width
   * @param channels the number of channels or features, if known
   */
  private record Extent(boolean image, OptionalInt channels) {

    static Extent of(boolean image, int channels) {
      return new Extent(image, OptionalInt.of(channels));
    }

    @Override
    public String toString() {
      String size = channels.isPresent() ? channels.getAsInt() + " " : "";
      return size + (image ? "channels" : "features");
    }
  }

  /**
   * Returns whether a dense layer reads the images directly, in which case they are rows of
   * features.
   */
  private boolean readsRows(String images) {
    return configuration.getVertices().entrySet().stream()
        .filter(
            e -> requireNonNull(configuration.getVertexInputs().get(e.getKey())).contains(images))
        .anyMatch(
            e ->
                e.getValue() instanceof LayerVertex vertex
                    && vertex.getPreProcessor() == null
                    && innermost(vertex.getLayerConf().getLayer()) instanceof DenseLayer);
  }

  private Extent extentOf(Node node) {
    if (node instanceof Node.Images) {
      return new Extent(!readsRows(node.name()), OptionalInt.empty());
    }
    if (node instanceof Node.Convolution convolution) {
      return Extent.of(true, convolution.channelsOut());
    }
    if (node instanceof Node.Deconvolution deconvolution) {
      return Extent.of(true, deconvolution.channelsOut());
    }
    if (node instanceof Node.Dense dense) {
      return Extent.of(false, dense.featuresOut());
    }
    if (node instanceof Node.Reshape reshape) {
      ImageShape shape = reshape.shape();
      return Extent.of(shape.height() > 1 || shape.width() > 1, shape.channels());
    }
    List<Extent> inputs = node.inputs().stream().map(this::extent).toList();
    Extent first = inputs.get(0);
    if (node instanceof Node.GlobalPool) {
      return new Extent(false, first.channels());
    }
    if (node instanceof Node.Concatenate) {
      boolean known = inputs.stream().allMatch(e -> e.channels().isPresent());
      int sum = inputs.stream().mapToInt(e -> e.channels().orElse(0)).sum();
      return new Extent(first.image(), known ? OptionalInt.of(sum) : OptionalInt.empty());
    }
    return inputs.stream().filter(e -> e.channels().isPresent()).findFirst().orElse(first);
  }

  /** Returns the input of a layer after its preprocessor. Dense layers read images directly. */
  private String preProcessed(
      String name, String input, @Nullable InputPreProcessor preProcessor, Layer layer) {
    if (preProcessor == null) {
      return input;
    }
    if (innermost(layer) instanceof DenseLayer
        && preProcessor instanceof CnnToFeedForwardPreProcessor flatten) {
      ImageShape image = imageOf(flatten);
      if (flatten.getFormat() == CNN2DFormat.NHWC && !sameInBothOrders(image)) {
        flattened.put(name, image);
      }
      return input;
    }
    return reshaped(name, input, preProcessor);
  }

  private static ImageShape imageOf(CnnToFeedForwardPreProcessor flatten) {
    return new ImageShape(
        (int) flatten.getNumChannels(),
        (int) flatten.getInputHeight(),
        (int) flatten.getInputWidth());
  }

  private static boolean sameInBothOrders(ImageShape image) {
    return image.channels() == 1 || image.height() * image.width() == 1;
  }

  private String reshaped(String name, String input, @Nullable InputPreProcessor preProcessor) {
    if (preProcessor instanceof CnnToFeedForwardPreProcessor flatten
        && (flatten.getFormat() == CNN2DFormat.NCHW || sameInBothOrders(imageOf(flatten)))) {
      return reshaped(name, input, ImageShape.ofFeatures(imageOf(flatten).size()));
    }
    if (preProcessor instanceof FeedForwardToCnnPreProcessor unfold && !channelsLast) {
      return reshaped(
          name,
          input,
          new ImageShape(
              (int) unfold.getNumChannels(),
              (int) unfold.getInputHeight(),
              (int) unfold.getInputWidth()));
    }
    throw unsupported(
        name, "preprocessor " + preProcessor, "prepare images before the network reads them");
  }

  private String reshaped(String name, String input, ImageShape shape) {
    Node node = new Node.Reshape(name + "/reshape", input, shape);
    append(node);
    return node.name();
  }

  private static Layer innermost(Layer layer) {
    if (layer instanceof FrozenLayer frozen) {
      return innermost(frozen.getLayer());
    }
    return layer instanceof FrozenLayerWithBackprop frozen
        ? innermost(frozen.getUnderlying())
        : layer;
  }

  private void readLayer(String name, String source, Layer outer) {
    Layer layer = innermost(outer);
    boolean trained = !(outer instanceof FrozenLayer || outer instanceof FrozenLayerWithBackprop);
    checkNoWeightNoise(name, layer);
    // Frozen layers apply no dropout.
    String input = trained && dropsItsInput(layer) ? dropout(name, source, layer) : source;
    if (layer.getClass() == ConvolutionLayer.class || layer.getClass() == Convolution2D.class) {
      convolution(name, input, (ConvolutionLayer) layer, trained);
    } else if (layer instanceof DepthwiseConvolution2D depthwise) {
      depthwise(name, input, depthwise, trained);
    } else if (layer instanceof SeparableConvolution2D separable) {
      separable(name, input, separable, trained);
    } else if (layer instanceof Deconvolution2D deconvolution) {
      deconvolution(name, input, deconvolution, trained);
    } else if (layer.getClass() == DenseLayer.class) {
      dense(name, input, (DenseLayer) layer, trained);
    } else if (layer instanceof DropoutLayer) {
      outputs.put(name, input);
    } else if (layer instanceof ActivationLayer activation) {
      activate(name, input, activation.getActivationFn());
    } else if (layer instanceof PReLULayer rectifier) {
      parametricRelu(name, input, rectifier, trained);
    } else if (layer instanceof BatchNormalization norm) {
      batchNorm(name, input, norm, trained);
    } else if (layer instanceof ChannelNormalization norm) {
      channelNorm(name, input, norm, trained);
    } else if (layer instanceof LocalResponseNormalization norm) {
      checkFormat(name, norm.getDataFormat());
      int reach = (int) norm.getN() / 2;
      add(
          name,
          new Node.LocalResponseNorm(
              name, input, reach, norm.getK(), norm.getAlpha(), norm.getBeta()));
    } else if (layer instanceof SubsamplingLayer pooling) {
      pool(name, input, pooling);
    } else if (layer instanceof GlobalPoolingLayer pooling) {
      globalPool(name, input, pooling);
    } else if (layer instanceof ZeroPaddingLayer padding) {
      checkFormat(name, padding.getDataFormat());
      int[] by = padding.getPadding();
      add(name, new Node.Border(name, input, by[0], by[1], by[2], by[3]));
    } else if (layer instanceof Cropping2D cropping) {
      checkFormat(name, cropping.getDataFormat());
      int[] by = cropping.getCropping();
      add(name, new Node.Border(name, input, -by[0], -by[1], -by[2], -by[3]));
    } else if (layer instanceof Upsampling2D upsampling) {
      checkFormat(name, upsampling.getFormat());
      int[] by = upsampling.getSize();
      add(name, new Node.Upsample(name, input, by[0], by[by.length - 1]));
    } else {
      throw unsupported(
          name, layer.getClass().getSimpleName(), "put layers that it knows in its place");
    }
  }

  /**
   * Returns whether a layer applies dropout to its input. Other kinds of layers ignore the setting,
   * which may be specified for a whole network.
   */
  private static boolean dropsItsInput(Layer layer) {
    return layer instanceof ConvolutionLayer
        || layer instanceof DenseLayer
        || layer instanceof DropoutLayer
        || layer instanceof PReLULayer
        || layer instanceof Upsampling2D;
  }

  private void checkNoWeightNoise(String name, Layer layer) {
    if (layer instanceof BaseLayer base && base.getWeightNoise() != null) {
      throw unsupported(name, "weight noise " + base.getWeightNoise(), "take dropout, or none");
    }
  }

  /**
   * Adds dropout, which Deeplearning4j applies to the input of a layer; returns the node to read
   * instead of the input.
   */
  private String dropout(String name, String input, Layer layer) {
    IDropout dropout = layer.getIDropout();
    if (dropout == null) {
      return input;
    }
    Node.Dropout.Kind kind;
    double keep;
    boolean scheduled;
    if (dropout instanceof Dropout plain) {
      kind = Node.Dropout.Kind.PLAIN;
      keep = plain.getP();
      scheduled = plain.getPSchedule() != null;
    } else if (dropout instanceof SpatialDropout spatial && !channelsLast) {
      kind = Node.Dropout.Kind.SPATIAL;
      keep = spatial.getP();
      scheduled = spatial.getPSchedule() != null;
    } else if (dropout instanceof AlphaDropout alpha
        && alpha.getAlpha() == AlphaDropout.DEFAULT_ALPHA
        && alpha.getLambda() == AlphaDropout.DEFAULT_LAMBDA) {
      kind = Node.Dropout.Kind.ALPHA;
      keep = alpha.getP();
      scheduled = alpha.getPSchedule() != null;
    } else if (dropout instanceof GaussianDropout gaussian) {
      kind = Node.Dropout.Kind.GAUSSIAN;
      keep = 1 - gaussian.getRate();
      scheduled = gaussian.getRateSchedule() != null;
    } else {
      throw unsupported(
          name,
          "dropout " + dropout,
          "take Dropout, SpatialDropout, AlphaDropout or GaussianDropout");
    }
    if (scheduled) {
      throw unsupported(name, "dropout " + dropout, "take a fixed probability");
    }
    Node node = new Node.Dropout(name + "/dropout", input, kind, keep);
    append(node);
    return node.name();
  }

  private Window window(String name, ConvolutionLayer layer) {
    checkFormat(name, layer.getCnn2dDataFormat());
    return window(
        name,
        layer.getKernelSize(),
        layer.getStride(),
        layer.getPadding(),
        layer.getDilation(),
        layer.getConvolutionMode());
  }

  private void depthwise(String name, String input, DepthwiseConvolution2D layer, boolean trained) {
    Window window = window(name, layer);
    activated(
        name,
        layer.getActivationFn(),
        own ->
            new Node.Convolution(
                own,
                input,
                (int) layer.getNIn(),
                (int) layer.getNIn() * layer.getDepthMultiplier(),
                (int) layer.getNIn(),
                window,
                Node.WeightOrder.KERNEL_IN_MULTIPLIER,
                offset(name, DepthwiseConvolutionParamInitializer.WEIGHT_KEY),
                bias(name, layer.hasBias()),
                trained));
  }

  private void separable(String name, String input, SeparableConvolution2D layer, boolean trained) {
    int between = (int) layer.getNIn() * layer.getDepthMultiplier();
    Node depthwise =
        new Node.Convolution(
            name + "/depthwise",
            input,
            (int) layer.getNIn(),
            between,
            (int) layer.getNIn(),
            window(name, layer),
            Node.WeightOrder.MULTIPLIER_IN_KERNEL,
            offset(name, SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY),
            OptionalLong.empty(),
            trained);
    append(depthwise);
    activated(
        name,
        layer.getActivationFn(),
        own ->
            new Node.Convolution(
                own,
                depthwise.name(),
                between,
                (int) layer.getNOut(),
                1,
                Window.tiles(1, 1),
                Node.WeightOrder.OUT_IN_KERNEL,
                offset(name, SeparableConvolutionParamInitializer.POINT_WISE_WEIGHT_KEY),
                bias(name, layer.hasBias()),
                trained));
  }

  private void deconvolution(String name, String input, Deconvolution2D layer, boolean trained) {
    Window window = window(name, layer);
    activated(
        name,
        layer.getActivationFn(),
        own ->
            new Node.Deconvolution(
                own,
                input,
                (int) layer.getNIn(),
                (int) layer.getNOut(),
                window,
                offset(name, "W"),
                bias(name, layer.hasBias()),
                trained));
  }

  private void parametricRelu(String name, String input, PReLULayer layer, boolean trained) {
    long[] sizes = {1, 1, 1};
    long[] given = layer.getInputShape();
    System.arraycopy(given, 0, sizes, 0, given.length);
    if (channelsLast && extent(input).image()) {
      throw unsupported(name, "PReLULayer of images with channels last", "build it with NCHW");
    }
    if (layer.getSharedAxes() != null) {
      // Deeplearning4j has no backward pass for them, so there is no reference for comparison.
      throw unsupported(name, "PReLULayer with shared axes", "share no axes");
    }
    ImageShape shape = new ImageShape((int) sizes[0], (int) sizes[1], (int) sizes[2]);
    add(name, new Node.ParametricRelu(name, input, offset(name, "W"), shape, trained));
  }

  private void convolution(String name, String input, ConvolutionLayer layer, boolean trained) {
    Window window = window(name, layer);
    activated(
        name,
        layer.getActivationFn(),
        own ->
            new Node.Convolution(
                own,
                input,
                (int) layer.getNIn(),
                (int) layer.getNOut(),
                1,
                window,
                Node.WeightOrder.OUT_IN_KERNEL,
                offset(name, "W"),
                bias(name, layer.hasBias()),
                trained));
  }

  private void dense(String name, String input, DenseLayer layer, boolean trained) {
    if (layer.hasLayerNorm()) {
      throw unsupported(
          name, "DenseLayer with layer normalization", "put LayerNormalization behind it");
    }
    ImageShape image = flattened.get(name);
    if (image != null) {
      denseOfChannelsLast(name, input, layer, image, trained);
      return;
    }
    activated(
        name,
        layer.getActivationFn(),
        own ->
            new Node.Dense(
                own,
                input,
                (int) layer.getNIn(),
                (int) layer.getNOut(),
                offset(name, "W"),
                bias(name, layer.hasBias()),
                trained));
  }

  /**
   * Adds a dense layer whose weights, for each output, are in the order of the image: rows,
   * columns, channels.
   */
  private void denseOfChannelsLast(
      String name, String input, DenseLayer layer, ImageShape image, boolean trained) {
    activated(
        name,
        layer.getActivationFn(),
        own -> {
          append(
              new Node.Convolution(
                  own + "/image",
                  input,
                  image.channels(),
                  (int) layer.getNOut(),
                  1,
                  Window.tiles(image.height(), image.width()),
                  Node.WeightOrder.OUT_KERNEL_IN,
                  offset(name, "W"),
                  bias(name, layer.hasBias()),
                  trained));
          ImageShape features = ImageShape.ofFeatures((int) layer.getNOut());
          return new Node.Reshape(own, own + "/image", features);
        });
  }

  private OptionalLong bias(String name, boolean present) {
    return present ? OptionalLong.of(offset(name, "b")) : OptionalLong.empty();
  }

  /** Adds a node and the activation function that Deeplearning4j stores in the same layer. */
  private void activated(String name, IActivation function, Function<String, Node> linear) {
    if (function instanceof ActivationIdentity) {
      add(name, linear.apply(name));
      return;
    }
    Node node = linear.apply(name + "/linear");
    append(node);
    activate(name, node.name(), function);
  }

  private void activate(String name, String input, IActivation function) {
    activate(name, input, functions(name, function).toArray(ActivationFunction[]::new));
  }

  /** Adds the functions in sequence; the last has the name of the layer. */
  private void activate(String name, String input, ActivationFunction... functions) {
    String before = input;
    for (int i = 0; i < functions.length; i++) {
      String own = i == functions.length - 1 ? name : name + "/" + (i + 1);
      append(new Node.Activation(own, before, functions[i]));
      before = own;
    }
    outputs.put(name, before);
  }

  /** Returns the functions whose composition is the given function. */
  private List<ActivationFunction> functions(String name, IActivation function) {
    if (function instanceof ActivationIdentity) {
      return List.of();
    }
    if (function instanceof ActivationLReLU leaky) {
      return List.of(ActivationFunction.relu(leaky.getAlpha()));
    }
    if (function instanceof ActivationReLU relu
        && (relu.getThreshold() == null || relu.getThreshold() == 0)) {
      return rectifiers(relu);
    }
    if (function instanceof ActivationReLU6) {
      return List.of(ActivationFunction.clip(0, 6));
    }
    if (function instanceof ActivationELU elu) {
      return List.of(ActivationFunction.elu(elu.getAlpha()));
    }
    if (function instanceof ActivationSELU) {
      return List.of(
          ActivationFunction.elu(AlphaDropout.DEFAULT_ALPHA),
          ActivationFunction.linear(AlphaDropout.DEFAULT_LAMBDA, 0));
    }
    if (function instanceof ActivationSwish) {
      return List.of(ActivationFunction.swish(1));
    }
    if (function instanceof ActivationGELU gelu && !gelu.isPrecise()) {
      // ND4J's GELU is the approximating swish; its precise variant cubes 0.044715 x.
      return List.of(ActivationFunction.swish(1.702));
    }
    if (function instanceof ActivationMish) {
      return List.of(ActivationFunction.of(ActivationFunction.Kind.MISH));
    }
    if (function instanceof ActivationSoftPlus) {
      return List.of(ActivationFunction.of(ActivationFunction.Kind.SOFTPLUS));
    }
    if (function instanceof ActivationTanH) {
      return List.of(ActivationFunction.of(ActivationFunction.Kind.TANH));
    }
    if (function instanceof ActivationHardTanH) {
      return List.of(ActivationFunction.clip(-1, 1));
    }
    if (function instanceof ActivationSigmoid) {
      return List.of(ActivationFunction.of(ActivationFunction.Kind.SIGMOID));
    }
    if (function instanceof ActivationHardSigmoid) {
      return List.of(ActivationFunction.linear(0.2, 0.5), ActivationFunction.clip(0, 1));
    }
    if (function instanceof ActivationCube) {
      return List.of(ActivationFunction.of(ActivationFunction.Kind.CUBE));
    }
    throw unsupported(
        name, "activation function " + function, "take one that it knows, LEAKYRELU for example");
  }

  private static List<ActivationFunction> rectifiers(ActivationReLU relu) {
    double slope = relu.getNegativeSlope() == null ? 0 : relu.getNegativeSlope();
    if (relu.getMax() == null) {
      return List.of(ActivationFunction.relu(slope));
    }
    return slope == 0
        ? List.of(ActivationFunction.clip(0, relu.getMax()))
        : List.of(
            ActivationFunction.relu(slope),
            ActivationFunction.clip(-Float.MAX_VALUE, relu.getMax()));
  }

  private void batchNorm(String name, String input, BatchNormalization layer, boolean trained) {
    if (extent(input).image()) {
      checkFormat(name, layer.getCnn2DFormat());
    }
    // Deeplearning4j's layer ignores the activation function, which may be set for a whole network.
    boolean locked = layer.isLockGammaBeta();
    if (locked && (layer.getGamma() != 1 || layer.getBeta() != 0)) {
      throw unsupported(
          name,
          "BatchNormalization with gamma and beta locked at other than 1 and 0",
          "lock them at 1 and 0");
    }
    OptionalLong affine =
        locked
            ? OptionalLong.empty()
            : OptionalLong.of(scalesAndShifts(name, "gamma", "beta", (int) layer.getNOut()));
    add(
        name,
        new Node.BatchNorm(
            name,
            input,
            (int) layer.getNOut(),
            layer.getEps(),
            layer.getDecay(),
            affine,
            offset(name, "mean"),
            offset(name, layer.isUseLogStd() ? "log10stdev" : "var"),
            layer.isUseLogStd(),
            trained));
  }

  private void channelNorm(String name, String input, ChannelNormalization layer, boolean trained) {
    int channels = (int) layer.getNOut();
    if (layer instanceof InstanceNormalization norm) {
      long scaleShift = sampleNorm(name, channels);
      add(
          name,
          new Node.InstanceNorm(name, input, channels, norm.getEpsilon(), scaleShift, trained));
    } else if (layer instanceof LayerNormalization norm) {
      long scaleShift = sampleNorm(name, channels);
      add(name, new Node.LayerNorm(name, input, channels, norm.getEpsilon(), scaleShift, trained));
    } else if (layer instanceof ActNormalization) {
      long offset = offset(name, ActNormalization.LOC);
      long scale = offset(name, ActNormalization.SCALE);
      add(name, new Node.ActNorm(name, input, channels, offset, scale, trained));
    } else {
      throw unsupported(
          name, layer.getClass().getSimpleName(), "put a norm that it knows in its place");
    }
  }

  private long sampleNorm(String name, int channels) {
    return scalesAndShifts(name, SampleNormalization.GAMMA, SampleNormalization.BETA, channels);
  }

  /** Returns the offset of [2, channels] parameters, which oneDNN expects to be contiguous. */
  private long scalesAndShifts(String layer, String scale, String shift, int channels) {
    long offset = offset(layer, scale);
    if (offset(layer, shift) != offset + channels) {
      throw unsupported(layer, "scale and shift are apart in the parameters", "report it");
    }
    return offset;
  }

  private void pool(String name, String input, SubsamplingLayer layer) {
    checkFormat(name, layer.getCnn2dDataFormat());
    Window window =
        window(
            name,
            layer.getKernelSize(),
            layer.getStride(),
            layer.getPadding(),
            layer.getDilation(),
            layer.getConvolutionMode());
    Node.Pool.Kind kind =
        switch (layer.getPoolingType()) {
          case MAX -> Node.Pool.Kind.MAXIMUM;
          case AVG ->
              layer.isAvgPoolIncludePadInDivisor()
                  ? Node.Pool.Kind.AVERAGE_WITH_PADDING
                  : Node.Pool.Kind.AVERAGE_WITHOUT_PADDING;
          default ->
              throw unsupported(name, "pooling " + layer.getPoolingType(), "take MAX or AVG");
        };
    add(name, new Node.Pool(name, input, kind, window));
  }

  private void globalPool(String name, String input, GlobalPoolingLayer layer) {
    int[] dimensions = layer.getPoolingDimensions();
    int[] both = channelsLast ? new int[] {1, 2} : new int[] {2, 3};
    boolean spatial = Arrays.equals(dimensions, both) || (dimensions == null && !channelsLast);
    if (!layer.isCollapseDimensions() || !spatial) {
      throw unsupported(
          name,
          "global pooling of dimensions " + Arrays.toString(dimensions),
          "pool height and width");
    }
    PoolingType type = layer.getPoolingType();
    if (type != PoolingType.AVG && type != PoolingType.MAX) {
      throw unsupported(name, "global pooling " + type, "take MAX or AVG");
    }
    add(
        name,
        new Node.GlobalPool(
            name,
            input,
            type == PoolingType.MAX
                ? Node.Pool.Kind.MAXIMUM
                : Node.Pool.Kind.AVERAGE_WITHOUT_PADDING));
  }

  private void checkFormat(String name, CNN2DFormat format) {
    CNN2DFormat whole = channelsLast ? CNN2DFormat.NHWC : CNN2DFormat.NCHW;
    if (format != whole) {
      throw unsupported(
          name,
          "data format " + format + " in a network of " + whole,
          "configure all layers with the same format");
    }
  }

  private Window window(
      String name,
      int[] kernel,
      int[] stride,
      int[] padding,
      int[] dilation,
      ConvolutionMode mode) {
    if (mode == ConvolutionMode.Causal || kernel.length != 2) {
      throw unsupported(
          name,
          "convolution mode " + mode + ", kernel " + Arrays.toString(kernel),
          "take Truncate, Strict or Same");
    }
    return Window.of(kernel, stride, padding, dilation, mode == ConvolutionMode.Same);
  }

  private long offset(String layer, String parameter) {
    INDArray view = graph.getLayer(layer).paramTable().get(parameter);
    return (address(requireNonNull(view)) - base) / Float.BYTES;
  }

  /**
   * Returns the address of the first element of an array. Views share the address of their buffer
   * and add an offset.
   */
  private static long address(INDArray array) {
    return array.data().address() + array.offset() * Float.BYTES;
  }

  private UnsupportedNetworkException unsupported(String layer, String reason, String help) {
    return new UnsupportedNetworkException(engine, layer, reason + "; to have it faster, " + help);
  }
}
