package org.udge.engine.nodes;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.engine.LogitsConfiguration;
import org.udge.engine.UnsupportedNetworkException;
import org.udge.network.ActNormalization;
import org.udge.network.ChannelNormalization;
import org.udge.network.InstanceNormalization;
import org.udge.network.LayerNormalization;
import org.udge.network.SampleNormalization;

/** Turns Deeplearning4j graphs into networks of typed nodes. No state; thread-safe. */
public final class NetworkReader {

  private final String engine;
  private final ComputationGraph graph;
  private final ComputationGraphConfiguration configuration;
  private final long base;
  private final Map<String, String> outputs = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  private NetworkReader(String engine, ComputationGraph graph) {
    this.engine = engine;
    this.graph = graph;
    this.configuration = LogitsConfiguration.of(graph.getConfiguration());
    this.base = address(graph.params());
  }

  /**
   * Reads a classifier up to its logits.
   *
   * @param engine {@linkplain org.udge.engine.Engine#name() name} of the engine that will run it,
   *     for messages
   * @param graph an initialized graph of float32 with one softmax or identity output layer
   * @return nodes, with offsets into the graph's flat parameters
   * @throws UnsupportedNetworkException naming the first layer that is not known
   * @throws IllegalArgumentException if the graph's output is not a layer of logits
   */
  public static Network read(String engine, ComputationGraph graph) {
    return new NetworkReader(engine, graph).network();
  }

  private Network network() {
    if (graph.params().dataType() != DataType.FLOAT) {
      throw unsupported(
          configuration.getNetworkOutputs().get(0),
          "parameters must be FLOAT, are " + graph.params().dataType());
    }
    for (int index : graph.topologicalSortOrder()) {
      read(graph.getVertices()[index].getVertexName());
    }
    checkAllRead();
    return new Network(nodes);
  }

  /** Engines take the last node for the logits, and go back through every other's readers. */
  private void checkAllRead() {
    Set<String> read = new HashSet<>();
    read.add(outputs.get(configuration.getNetworkOutputs().get(0)));
    nodes.forEach(node -> read.addAll(node.inputs()));
    for (Node node : nodes) {
      if (!read.contains(node.name())) {
        throw unsupported(node.name(), "nobody reads its output");
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
      checkPreProcessor(name, layerVertex.getPreProcessor());
      readLayer(name, inputs.get(0), layerVertex.getLayerConf().getLayer());
    } else if (vertex instanceof ElementWiseVertex elementWise
        && elementWise.getOp() == ElementWiseVertex.Op.Add) {
      add(name, new Node.Add(name, inputs));
    } else {
      throw unsupported(name, "vertex " + vertex);
    }
  }

  private void add(String vertex, Node node) {
    nodes.add(node);
    outputs.put(vertex, node.name());
  }

  private void checkPreProcessor(String name, InputPreProcessor preProcessor) {
    boolean flattening =
        preProcessor instanceof CnnToFeedForwardPreProcessor flatten
            && flatten.getFormat() == CNN2DFormat.NCHW;
    if (preProcessor != null && !flattening) {
      throw unsupported(name, "preprocessor " + preProcessor);
    }
  }

  private void readLayer(String name, String input, Layer layer) {
    checkNoWeightNoise(name, layer);
    if (layer.getClass() == ConvolutionLayer.class) {
      convolution(name, dropout(name, input, layer), (ConvolutionLayer) layer);
    } else if (layer.getClass() == DenseLayer.class) {
      dense(name, dropout(name, input, layer), (DenseLayer) layer);
    } else if (layer instanceof DropoutLayer) {
      outputs.put(name, dropout(name, input, layer));
    } else if (layer instanceof ActivationLayer activation) {
      activate(name, input, activation.getActivationFn());
    } else if (layer instanceof BatchNormalization norm) {
      batchNorm(name, input, norm);
    } else if (layer instanceof ChannelNormalization norm) {
      channelNorm(name, input, norm);
    } else if (layer.getClass() == SubsamplingLayer.class) {
      pool(name, input, (SubsamplingLayer) layer);
    } else if (layer instanceof GlobalPoolingLayer pooling) {
      globalPool(name, input, pooling);
    } else {
      throw unsupported(name, layer.getClass().getSimpleName());
    }
  }

  private void checkNoWeightNoise(String name, Layer layer) {
    if (layer instanceof BaseLayer base && base.getWeightNoise() != null) {
      throw unsupported(name, "weight noise " + base.getWeightNoise());
    }
  }

  /**
   * Deeplearning4j drops a layer's input; returns the node to read instead of the input. Other
   * kinds of layers than those that come here ignore the setting, which a whole network may have.
   */
  private String dropout(String name, String input, Layer layer) {
    if (layer.getIDropout() == null) {
      return input;
    }
    if (layer.getIDropout() instanceof org.deeplearning4j.nn.conf.dropout.Dropout dropout
        && dropout.getPSchedule() == null) {
      Node node = new Node.Dropout(name + "/dropout", input, dropout.getP());
      nodes.add(node);
      return node.name();
    }
    throw unsupported(name, "dropout " + layer.getIDropout());
  }

  private void convolution(String name, String input, ConvolutionLayer layer) {
    checkFormat(name, layer.getCnn2dDataFormat());
    Window window =
        window(
            name,
            layer.getKernelSize(),
            layer.getStride(),
            layer.getPadding(),
            layer.getDilation(),
            layer.getConvolutionMode());
    activated(
        name,
        layer.getActivationFn(),
        own ->
            new Node.Convolution(
                own,
                input,
                (int) layer.getNIn(),
                (int) layer.getNOut(),
                window,
                offset(name, "W"),
                bias(name, layer.hasBias()),
                true));
  }

  private void dense(String name, String input, DenseLayer layer) {
    if (layer.hasLayerNorm()) {
      throw unsupported(name, "DenseLayer with layer normalization");
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
                true));
  }

  private OptionalLong bias(String name, boolean present) {
    return present ? OptionalLong.of(offset(name, "b")) : OptionalLong.empty();
  }

  /** A node and the activation function that Deeplearning4j keeps in the same layer. */
  private void activated(
      String name, IActivation function, java.util.function.Function<String, Node> linear) {
    if (function instanceof ActivationIdentity) {
      add(name, linear.apply(name));
      return;
    }
    Node node = linear.apply(name + "/linear");
    nodes.add(node);
    activate(name, node.name(), function);
  }

  private void activate(String name, String input, IActivation function) {
    if (function instanceof ActivationIdentity) {
      outputs.put(name, input);
    } else {
      add(name, new Node.Activation(name, input, function(name, function)));
    }
  }

  private ActivationFunction function(String name, IActivation function) {
    if (function instanceof ActivationLReLU leaky) {
      return ActivationFunction.relu(leaky.getAlpha());
    }
    if (function instanceof ActivationReLU relu
        && relu.getMax() == null
        && (relu.getThreshold() == null || relu.getThreshold() == 0)) {
      return ActivationFunction.relu(relu.getNegativeSlope() == null ? 0 : relu.getNegativeSlope());
    }
    if (function instanceof ActivationSwish) {
      return new ActivationFunction(ActivationFunction.Kind.SWISH, 0);
    }
    if (function instanceof ActivationTanH) {
      return new ActivationFunction(ActivationFunction.Kind.TANH, 0);
    }
    if (function instanceof ActivationSigmoid) {
      return new ActivationFunction(ActivationFunction.Kind.SIGMOID, 0);
    }
    throw unsupported(name, "activation function " + function);
  }

  private void batchNorm(String name, String input, BatchNormalization layer) {
    checkFormat(name, layer.getCnn2DFormat());
    if (!(layer.getActivationFn() instanceof ActivationIdentity)
        && !(layer.getActivationFn() instanceof ActivationSigmoid)) {
      // Deeplearning4j's layer ignores its activation function; sigmoid is the builder's default.
      throw unsupported(
          name, "BatchNormalization with activation function " + layer.getActivationFn());
    }
    boolean locked = layer.isLockGammaBeta();
    if (locked && (layer.getGamma() != 1 || layer.getBeta() != 0)) {
      throw unsupported(
          name, "BatchNormalization with gamma and beta locked at other than 1 and 0");
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
            true));
  }

  private void channelNorm(String name, String input, ChannelNormalization layer) {
    int channels = (int) layer.getNOut();
    if (layer instanceof InstanceNormalization norm) {
      long scaleShift = sampleNorm(name, channels);
      add(name, new Node.InstanceNorm(name, input, channels, norm.getEpsilon(), scaleShift, true));
    } else if (layer instanceof LayerNormalization norm) {
      long scaleShift = sampleNorm(name, channels);
      add(name, new Node.LayerNorm(name, input, channels, norm.getEpsilon(), scaleShift, true));
    } else if (layer instanceof ActNormalization) {
      long offset = offset(name, ActNormalization.LOC);
      long scale = offset(name, ActNormalization.SCALE);
      add(name, new Node.ActNorm(name, input, channels, offset, scale, true));
    } else {
      throw unsupported(name, layer.getClass().getSimpleName());
    }
  }

  private long sampleNorm(String name, int channels) {
    return scalesAndShifts(name, SampleNormalization.GAMMA, SampleNormalization.BETA, channels);
  }

  /** Offset of [2, channels] parameters that oneDNN wants in one piece. */
  private long scalesAndShifts(String layer, String scale, String shift, int channels) {
    long offset = offset(layer, scale);
    if (offset(layer, shift) != offset + channels) {
      throw unsupported(layer, "scale and shift are apart in the parameters");
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
          default -> throw unsupported(name, "pooling " + layer.getPoolingType());
        };
    add(name, new Node.Pool(name, input, kind, window));
  }

  private void globalPool(String name, String input, GlobalPoolingLayer layer) {
    int[] dimensions = layer.getPoolingDimensions();
    boolean spatial = dimensions == null || Arrays.equals(dimensions, new int[] {2, 3});
    if (!layer.isCollapseDimensions() || !spatial) {
      throw unsupported(name, "global pooling of dimensions " + Arrays.toString(dimensions));
    }
    PoolingType type = layer.getPoolingType();
    if (type != PoolingType.AVG && type != PoolingType.MAX) {
      throw unsupported(name, "global pooling " + type);
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
    if (format != CNN2DFormat.NCHW) {
      throw unsupported(name, "data format " + format + ", must be NCHW");
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
      throw unsupported(name, "convolution mode " + mode + ", kernel " + Arrays.toString(kernel));
    }
    return Window.of(kernel, stride, padding, dilation, mode == ConvolutionMode.Same);
  }

  private long offset(String layer, String parameter) {
    INDArray view = graph.getLayer(layer).paramTable().get(parameter);
    return (address(requireNonNull(view)) - base) / Float.BYTES;
  }

  /** Where an array's first number is. Views share their buffer's address and add an offset. */
  private static long address(INDArray array) {
    return array.data().address() + array.offset() * Float.BYTES;
  }

  private UnsupportedNetworkException unsupported(String layer, String reason) {
    return new UnsupportedNetworkException(engine, layer, reason);
  }
}
