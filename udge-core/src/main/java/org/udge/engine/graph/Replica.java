package org.udge.engine.graph;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.IdentityHashMap;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.deeplearning4j.nn.layers.ActivationLayer;
import org.deeplearning4j.nn.layers.feedforward.PReLU;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.layers.normalization.LocalResponseNormalization;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.rng.Random;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.engine.BatchStatistics;
import org.udge.engine.LogitsConfiguration;
import org.udge.engine.Mode;

/**
 * A graph that shares the parameters of another graph and has its own activations and gradients.
 *
 * <p>It runs the vertices itself: Deeplearning4j's own backward pass does not retain the input
 * gradient, and the backward pass of its batch normalization always uses batch statistics.
 */
final class Replica {

  private static final LayerWorkspaceMgr NO_WORKSPACES = LayerWorkspaceMgr.noWorkspaces();

  /** Replaces seed 0, which ND4J interprets as a request to seed from the clock. */
  private static final long ANOTHER_SEED = 0x9e3779b97f4a7c15L;

  private final ComputationGraph graph;
  private final GraphVertex[] vertices;
  private final int[] order;
  private final boolean rowsWanted;
  private final boolean channelsLast;

  /**
   * The dropouts removed for evaluation: the backward pass of layers applies masks even if the
   * forward pass did not.
   */
  private final IdentityHashMap<org.deeplearning4j.nn.conf.layers.Layer, IDropout> dropouts =
      new IdentityHashMap<>();

  private Mode mode = Mode.EVALUATION;

  Replica(ComputationGraphConfiguration configuration, INDArray parameters) {
    graph = new ComputationGraph(frozenWithGradients(LogitsConfiguration.copyOf(configuration)));
    graph.init(parameters, false);
    graph.initGradientsView();
    vertices = graph.getVertices();
    order = graph.topologicalSortOrder();
    rowsWanted = readsRows(configuration);
    channelsLast = LogitsConfiguration.imageFormat(configuration) == CNN2DFormat.NHWC;
    for (Layer layer : graph.getLayers()) {
      org.deeplearning4j.nn.conf.layers.Layer settings = layer.conf().getLayer();
      mendElu(BatchStatistics.innermost(layer).conf().getLayer());
      if (settings.getIDropout() != null) {
        dropouts.put(settings, settings.getIDropout());
      }
      if (BatchStatistics.isFrozen(layer)) {
        dropouts.remove(settings);
        settings.setIDropout(null);
      }
    }
  }

  private static void mendElu(org.deeplearning4j.nn.conf.layers.Layer layer) {
    if (layer instanceof org.deeplearning4j.nn.conf.layers.ActivationLayer alone
        && alone.getActivationFn() instanceof ActivationELU elu) {
      alone.setActivationFn(new ExactElu(elu.getAlpha()));
    } else if (layer instanceof BaseLayer base
        && base.getActivationFn() instanceof ActivationELU elu) {
      base.setActivationFn(new ExactElu(elu.getAlpha()));
    }
  }

  /**
   * Replaces frozen layers. Deeplearning4j's frozen layers stop the backward pass, but input
   * gradients must pass through them. The replacements propagate gradients and have their
   * parameters in the same places. None applies dropout.
   */
  private static ComputationGraphConfiguration frozenWithGradients(
      ComputationGraphConfiguration copy) {
    copy.getVertices()
        .values()
        .forEach(
            vertex -> {
              if (vertex instanceof LayerVertex layerVertex
                  && layerVertex.getLayerConf().getLayer() instanceof FrozenLayer frozen) {
                FrozenLayerWithBackprop open = new FrozenLayerWithBackprop(frozen.getLayer());
                open.setLayerName(frozen.getLayerName());
                layerVertex.getLayerConf().setLayer(open);
              }
            });
    return copy;
  }

  /**
   * Returns whether the first layer is a dense layer without a preprocessor that flattens images.
   */
  private static boolean readsRows(ComputationGraphConfiguration configuration) {
    String input = configuration.getNetworkInputs().get(0);
    return configuration.getVertexInputs().entrySet().stream()
        .filter(entry -> entry.getValue().contains(input))
        .map(entry -> configuration.getVertices().get(entry.getKey()))
        .anyMatch(
            vertex ->
                vertex instanceof LayerVertex layerVertex
                    && layerVertex.getPreProcessor() == null
                    && layerVertex.getLayerConf().getLayer() instanceof DenseLayer);
  }

  /** Returns the gradient of the last {@link #backward}, in the layout of the shared parameters. */
  INDArray parameterGradient() {
    return graph.getGradientsViewArray();
  }

  @CanIgnoreReturnValue
  INDArray forward(INDArray images, Mode newMode, long dropoutSeed) {
    mode = newMode;
    dropouts.forEach((layer, dropout) -> layer.setIDropout(mode.dropout() ? dropout : null));
    return mode.dropout() ? withSeed(dropoutSeed, () -> runVertices(images)) : runVertices(images);
  }

  private INDArray runVertices(INDArray images) {
    INDArray input = asRead(images);
    graph.setInput(0, input);
    INDArray out = input;
    for (int index : order) {
      GraphVertex vertex = vertices[index];
      out = vertex.isInputVertex() ? input : activate(vertex);
      if (vertex.getOutputVertices() != null) {
        for (VertexIndices target : vertex.getOutputVertices()) {
          vertices[target.getVertexIndex()].setInput(
              target.getVertexEdgeNumber(), out, NO_WORKSPACES);
        }
      }
    }
    return out;
  }

  private INDArray asRead(INDArray images) {
    if (rowsWanted) {
      return images.reshape(images.size(0), -1);
    }
    return channelsLast ? images.permute(0, 2, 3, 1).dup('c') : images;
  }

  private INDArray activate(GraphVertex vertex) {
    if (usesRunningStatistics(vertex)) {
      return RunningStatistics.of(vertex.getLayer()).forward(vertex.getInputs()[0]);
    }
    if (overwritesItsInput(vertex)) {
      return activateOnCopy(vertex);
    }
    return vertex.doForward(mode.dropout(), NO_WORKSPACES);
  }

  /**
   * Returns whether a vertex overwrites its input. Outside training, these layers work in place,
   * although other vertices may read the same array and the backward pass needs it.
   */
  private boolean overwritesItsInput(GraphVertex vertex) {
    if (!vertex.hasLayer()
        || (mode != Mode.EVALUATION && !BatchStatistics.isFrozen(vertex.getLayer()))) {
      return false;
    }
    Layer layer = BatchStatistics.innermost(vertex.getLayer());
    return layer instanceof ActivationLayer || layer instanceof PReLU;
  }

  private static INDArray activateOnCopy(GraphVertex vertex) {
    Layer layer = vertex.getLayer();
    INDArray input = layer.input();
    layer.setInput(input.dup(), NO_WORKSPACES);
    INDArray output = vertex.doForward(false, NO_WORKSPACES);
    layer.setInput(input, NO_WORKSPACES);
    return output;
  }

  /** Returns the gradient with respect to the images: a matrix if the graph reads rows. */
  INDArray backward(INDArray logitGradient) {
    parameterGradient().assign(0);
    INDArray[] gradients = new INDArray[vertices.length];
    gradients[order[order.length - 1]] = logitGradient;
    for (int i = order.length - 1; i >= 0; i--) {
      GraphVertex vertex = vertices[order[i]];
      if (vertex.isInputVertex()) {
        continue;
      }
      INDArray[] inputGradients = goBack(vertex, gradients[order[i]]);
      gradients[order[i]] = null;
      VertexIndices[] inputs = vertex.getInputVertices();
      for (int j = 0; j < inputs.length; j++) {
        int source = inputs[j].getVertexIndex();
        gradients[source] =
            gradients[source] == null
                ? inputGradients[j]
                : gradients[source].add(inputGradients[j]);
      }
    }
    INDArray ofImages = gradients[order[0]];
    return channelsLast && !rowsWanted ? ofImages.permute(0, 3, 1, 2).dup('c') : ofImages;
  }

  private INDArray[] goBack(GraphVertex vertex, INDArray gradient) {
    if (usesRunningStatistics(vertex)) {
      return new INDArray[] {
        RunningStatistics.of(vertex.getLayer()).backward(vertex.getInputs()[0], gradient)
      };
    }
    if (vertex.hasLayer()
        && BatchStatistics.innermost(vertex.getLayer()) instanceof LocalResponseNormalization) {
      return new INDArray[] {
        LocalResponse.backward(
            (org.deeplearning4j.nn.conf.layers.LocalResponseNormalization)
                BatchStatistics.innermost(vertex.getLayer()).conf().getLayer(),
            vertex.getInputs()[0],
            gradient)
      };
    }
    vertex.setEpsilon(gradient);
    Pair<?, INDArray[]> result = vertex.doBackward(false, NO_WORKSPACES);
    return result.getSecond();
  }

  private boolean usesRunningStatistics(GraphVertex vertex) {
    return vertex.hasLayer()
        && BatchStatistics.innermost(vertex.getLayer()) instanceof BatchNormalization
        && (mode != Mode.TRAINING || BatchStatistics.isFrozen(vertex.getLayer()));
  }

  /** Releases the activations. */
  void clear() {
    graph.clear();
    for (GraphVertex vertex : vertices) {
      vertex.clear();
    }
  }

  /**
   * Runs an action with ND4J's generator seeded (Deeplearning4j's dropout draws from it), then
   * restores the generator.
   */
  private static <T> T withSeed(long seed, Supplier<T> action) {
    Random random = Nd4j.getRandom();
    long rootState = random.rootState();
    long nodeState = random.nodeState();
    random.setSeed(seed == 0 ? ANOTHER_SEED : seed);
    try {
      return action.get();
    } finally {
      random.setStates(rootState, nodeState);
    }
  }
}
