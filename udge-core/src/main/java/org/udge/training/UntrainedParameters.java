package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.NoOp;
import org.udge.engine.BatchStatistics;

/**
 * Parameters that are not trained but carried along: running statistics of batch normalization,
 * whose "gradient" is what has to be subtracted (Deeplearning4j marks them by the updater NoOp),
 * and those of frozen layers, whose gradient is 0.
 */
final class UntrainedParameters {

  private UntrainedParameters() {}

  /** Views of their entries in a flat array in the layout of the graph's parameters. */
  static List<INDArray> views(ComputationGraph graph, INDArray flat) {
    List<INDArray> views = new ArrayList<>();
    long position = 0;
    long start = 0;
    for (int index : graph.topologicalSortOrder()) {
      if (!graph.getVertices()[index].hasLayer()) {
        continue;
      }
      Layer layer = graph.getVertices()[index].getLayer();
      for (Map.Entry<String, INDArray> entry : layer.paramTable(false).entrySet()) {
        if (isTrained(layer, entry.getKey())) {
          addView(views, flat, start, position);
          start = position + entry.getValue().length();
        }
        position += entry.getValue().length();
      }
    }
    addView(views, flat, start, position);
    checkArgument(
        position == flat.length(),
        "the layers have %s parameters, the flat array %s",
        position,
        flat.length());
    return views;
  }

  private static boolean isTrained(Layer layer, String parameter) {
    return !BatchStatistics.isFrozen(layer)
        && !(layer.getConfig().getUpdaterByParam(parameter) instanceof NoOp);
  }

  private static void addView(List<INDArray> views, INDArray flat, long start, long end) {
    if (start < end) {
      views.add(flat.get(NDArrayIndex.interval(start, end)));
    }
  }
}
