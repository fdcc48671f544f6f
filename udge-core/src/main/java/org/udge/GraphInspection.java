package org.udge;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.ImageShape;
import org.udge.engine.LogitsConfiguration;

/** Reads properties of a classifier off a graph's configuration. */
final class GraphInspection {

  private GraphInspection() {}

  /**
   * Refuses other types: passes and states are float32, and numbers of other types would be misread
   * as such.
   */
  static void requireFloat32(ComputationGraph graph) {
    checkArgument(
        graph.params().dataType() == DataType.FLOAT,
        "energy models compute in float32, this network has parameters of %s: convert it with"
            + " graph.convertDataType(DataType.FLOAT)",
        graph.params().dataType());
  }

  /** Returns the number of input channels, as stated by the first layer that knows it. */
  static int channels(ComputationGraph graph) {
    ComputationGraphConfiguration configuration = graph.getConfiguration();
    String input = configuration.getNetworkInputs().get(0);
    for (String name : configuration.getTopologicalOrderStr()) {
      List<String> sources = configuration.getVertexInputs().get(name);
      if (sources == null
          || !sources.contains(input)
          || !(configuration.getVertices().get(name) instanceof LayerVertex vertex)) {
        continue;
      }
      if (vertex.getPreProcessor() instanceof CnnToFeedForwardPreProcessor flatten) {
        return (int) flatten.getNumChannels();
      }
      if (vertex.getLayerConf().getLayer() instanceof FeedForwardLayer layer) {
        return (int) layer.getNIn();
      }
    }
    throw new IllegalArgumentException(
        "cannot tell the channels of the images from the graph's first layer: build the model with"
            + " EnergyModel.builder(graph).shape(...)");
  }

  /** Returns the number of logits: the units of the last layer with parameters. */
  static int classes(ComputationGraph graph) {
    ComputationGraphConfiguration configuration = graph.getConfiguration();
    String name = configuration.getNetworkOutputs().get(0);
    while (configuration.getVertices().containsKey(name)) {
      GraphVertex vertex = configuration.getVertices().get(name);
      if (vertex instanceof LayerVertex layerVertex) {
        if (layerVertex.getLayerConf().getLayer() instanceof FeedForwardLayer feedForward
            && feedForward.getNOut() > 0) {
          return (int) feedForward.getNOut();
        }
      }
      name = requireNonNull(configuration.getVertexInputs().get(name)).get(0);
    }
    throw new IllegalArgumentException("cannot tell the number of classes from the graph");
  }

  /**
   * Returns the shape of the images, if the first layer states it: rows for a dense layer, or what
   * its preprocessor flattens or unfolds.
   */
  static Optional<ImageShape> shape(ComputationGraph graph) {
    ComputationGraphConfiguration configuration = graph.getConfiguration();
    String input = configuration.getNetworkInputs().get(0);
    for (String name : configuration.getTopologicalOrderStr()) {
      List<String> sources = configuration.getVertexInputs().get(name);
      if (sources == null || !sources.contains(input)) {
        continue;
      }
      return configuration.getVertices().get(name) instanceof LayerVertex vertex
          ? shape(vertex)
          : Optional.empty();
    }
    return Optional.empty();
  }

  private static Optional<ImageShape> shape(LayerVertex first) {
    if (first.getPreProcessor() instanceof CnnToFeedForwardPreProcessor flatten) {
      return shape(flatten.getNumChannels(), flatten.getInputHeight(), flatten.getInputWidth());
    }
    if (first.getPreProcessor() instanceof FeedForwardToCnnPreProcessor unfold) {
      return shape(unfold.getNumChannels(), unfold.getInputHeight(), unfold.getInputWidth());
    }
    return first.getPreProcessor() == null
            && first.getLayerConf().getLayer() instanceof DenseLayer dense
        ? shape(dense.getNIn(), 1, 1)
        : Optional.empty();
  }

  private static Optional<ImageShape> shape(long channels, long height, long width) {
    return channels > 0 && height > 0 && width > 0
        ? Optional.of(new ImageShape((int) channels, (int) height, (int) width))
        : Optional.empty();
  }

  /**
   * Returns the graph itself, or, if it ends in a center loss layer, a copy that ends in a plain
   * output layer with the same weights: centers do not contribute to logits.
   */
  static ComputationGraph classifier(ComputationGraph graph) {
    ComputationGraphConfiguration configuration = graph.getConfiguration();
    String output = configuration.getNetworkOutputs().get(0);
    if (!(configuration.getVertices().get(output) instanceof LayerVertex vertex)
        || !(vertex.getLayerConf().getLayer() instanceof CenterLossOutputLayer)) {
      return graph;
    }
    ComputationGraphConfiguration plain = LogitsConfiguration.copyOf(configuration);
    NeuralNetConfiguration last =
        ((LayerVertex) requireNonNull(plain.getVertices().get(output))).getLayerConf();
    last.setLayer(withoutCenters((CenterLossOutputLayer) last.getLayer()));
    long parameters = plain.getVertices().values().stream().mapToLong(v -> v.numParams(true)).sum();
    ComputationGraph copy = new ComputationGraph(plain);
    // With parameters given, Deeplearning4j draws none from the caller's generator.
    copy.init(Nd4j.zeros(graph.params().dataType(), 1, parameters), false);
    for (Layer layer : copy.getLayers()) {
      Layer original = graph.getLayer(layer.conf().getLayer().getLayerName());
      layer
          .paramTable()
          .forEach(
              (name, values) -> values.assign(original.getParam(name).reshape(values.shape())));
    }
    return copy;
  }

  private static OutputLayer withoutCenters(CenterLossOutputLayer layer) {
    OutputLayer plain =
        new OutputLayer.Builder(layer.getLossFn())
            .name(layer.getLayerName())
            .nIn(layer.getNIn())
            .nOut(layer.getNOut())
            .activation(layer.getActivationFn())
            .build();
    plain.setWeightInitFn(layer.getWeightInitFn());
    plain.setIDropout(layer.getIDropout());
    plain.setIUpdater(layer.getIUpdater());
    plain.setBiasUpdater(layer.getBiasUpdater());
    plain.setRegularization(layer.getRegularization());
    plain.setRegularizationBias(layer.getRegularizationBias());
    plain.setGradientNormalization(layer.getGradientNormalization());
    plain.setGradientNormalizationThreshold(layer.getGradientNormalizationThreshold());
    return plain;
  }
}
