package org.udge.training;

import static java.util.stream.Collectors.toCollection;
import static org.udge.internal.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Layers excluded from updates: neither gradients nor weight decay nor constraints change them.
 * Changes other than updates still apply: running statistics of batch normalization move, act norm
 * is initialized, states are restored.
 */
final class FrozenLayers {

  private record Range(INDArray parameters, INDArray gradient, INDArray kept) {}

  private final List<Range> ranges = new ArrayList<>();

  private FrozenLayers() {}

  /**
   * Freezes all layers except some.
   *
   * @param trained the names of the layers to train
   */
  @CanIgnoreReturnValue
  static FrozenLayers allBut(Set<String> trained, ComputationGraph graph) {
    Set<String> known =
        layers(graph).map(GraphVertex::getVertexName).collect(toCollection(LinkedHashSet::new));
    checkArgument(
        known.containsAll(trained),
        "layers to train are %s, but the network's layers with parameters are %s",
        trained,
        known);
    if (graph.getGradientsViewArray() == null) {
      graph.initGradientsView();
    }
    FrozenLayers frozen = new FrozenLayers();
    INDArray parameters = graph.params().reshape(graph.params().length());
    INDArray gradient = graph.getGradientsViewArray().reshape(parameters.length());
    long position = 0;
    for (GraphVertex vertex : layers(graph).toList()) {
      long end = position + vertex.getLayer().numParams();
      if (!trained.contains(vertex.getVertexName())) {
        INDArray own = parameters.get(NDArrayIndex.interval(position, end));
        frozen.ranges.add(
            new Range(own, gradient.get(NDArrayIndex.interval(position, end)), own.dup()));
      }
      position = end;
    }
    return frozen;
  }

  /** Returns the layers with parameters, in the order of the flat parameters. */
  private static Stream<GraphVertex> layers(ComputationGraph graph) {
    return Arrays.stream(graph.topologicalSortOrder())
        .mapToObj(index -> graph.getVertices()[index])
        .filter(vertex -> vertex.hasLayer() && vertex.getLayer().numParams() > 0);
  }

  /**
   * Clears their gradients after a backward pass, so that these do not contribute to any norm of
   * the gradient.
   */
  void clearGradients() {
    ranges.forEach(range -> range.gradient.assign(0));
  }

  /** Runs an update without changing these layers. */
  void during(Runnable update) {
    ranges.forEach(range -> range.kept.assign(range.parameters));
    update.run();
    ranges.forEach(range -> range.parameters.assign(range.kept));
  }
}
