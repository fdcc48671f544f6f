package org.udge;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** What can be read off a graph's configuration. */
final class GraphInspection {

  private GraphInspection() {}

  /** Channels of the input, as the first layer that knows says. */
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

  /** Number of logits: units of the last layer with parameters. */
  static int classes(ComputationGraph graph) {
    ComputationGraphConfiguration configuration = graph.getConfiguration();
    String name = configuration.getNetworkOutputs().get(0);
    while (configuration.getVertices().containsKey(name)) {
      GraphVertex vertex = configuration.getVertices().get(name);
      if (vertex instanceof LayerVertex layerVertex) {
        Layer layer = layerVertex.getLayerConf().getLayer();
        if (layer instanceof FeedForwardLayer feedForward && feedForward.getNOut() > 0) {
          return (int) feedForward.getNOut();
        }
      }
      name = configuration.getVertexInputs().get(name).get(0);
    }
    throw new IllegalArgumentException("cannot tell the number of classes from the graph");
  }
}
