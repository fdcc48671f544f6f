package org.udge.engine;

import java.util.Arrays;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.layers.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;

/**
 * Static methods that identify the layers of a Deeplearning4j graph through which the images of a
 * batch depend on each other in training: batch normalizations, wrapped or not, unless they are
 * frozen. Frozen layers are always in evaluation mode. Stateless and thread-safe.
 */
public final class BatchStatistics {

  private BatchStatistics() {}

  /**
   * Returns whether any layer uses the statistics of the batch in training.
   *
   * @param graph an initialized graph
   * @return false if the logits of each image depend on that image alone
   */
  public static boolean areUsedBy(ComputationGraph graph) {
    return Arrays.stream(graph.getLayers())
        .anyMatch(layer -> !isFrozen(layer) && innermost(layer) instanceof BatchNormalization);
  }

  /**
   * Returns the innermost layer within a layer's wrappers.
   *
   * @param layer any layer
   * @return the layer within all wrappers; the layer itself if it is not a wrapper
   */
  public static Layer innermost(Layer layer) {
    Layer inner = layer;
    while (inner instanceof BaseWrapperLayer wrapper) {
      inner = wrapper.getUnderlying();
    }
    return inner;
  }

  /**
   * Returns whether the parameters of a layer, including running statistics, are frozen.
   *
   * @param layer any layer
   * @return true for Deeplearning4j's frozen layers
   */
  public static boolean isFrozen(Layer layer) {
    return layer instanceof FrozenLayer || layer instanceof FrozenLayerWithBackprop;
  }
}
