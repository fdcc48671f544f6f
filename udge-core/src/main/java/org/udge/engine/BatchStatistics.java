package org.udge.engine;

import java.util.Arrays;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.layers.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;

/**
 * Which layers of a Deeplearning4j graph let the images of a batch depend on each other in
 * training: batch normalizations, wrapped or not, unless they are frozen. Frozen layers are always
 * in evaluation mode. No state; thread-safe.
 */
public final class BatchStatistics {

  private BatchStatistics() {}

  /**
   * Whether some layer uses the batch's statistics in training.
   *
   * @param graph an initialized graph
   * @return false where each image's logits depend on that image alone
   */
  public static boolean areUsedBy(ComputationGraph graph) {
    return Arrays.stream(graph.getLayers())
        .anyMatch(layer -> !isFrozen(layer) && innermost(layer) instanceof BatchNormalization);
  }

  /**
   * What a layer wraps.
   *
   * @param layer any layer
   * @return the layer within all wrappers; the layer itself if it is none
   */
  public static Layer innermost(Layer layer) {
    Layer inner = layer;
    while (inner instanceof BaseWrapperLayer wrapper) {
      inner = wrapper.getUnderlying();
    }
    return inner;
  }

  /**
   * Whether a layer's parameters are kept as they are, running statistics included.
   *
   * @param layer any layer
   * @return true of Deeplearning4j's frozen layers
   */
  public static boolean isFrozen(Layer layer) {
    return layer instanceof FrozenLayer || layer instanceof FrozenLayerWithBackprop;
  }
}
