package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.NoOp;
import org.udge.engine.BatchStatistics;

/**
 * Parameters that are carried along without being trained: running statistics of batch
 * normalization, whose "gradient" is the number to subtract (Deeplearning4j marks them with the
 * updater NoOp), and those of frozen layers, whose gradient is 0. Stateless; thread-safe.
 */
public final class UntrainedParameters {

  /** A range of the flat array: from start (inclusive) to end (exclusive). */
  private record Range(long start, long end) {}

  private UntrainedParameters() {}

  /**
   * Returns the entries of a graph's flat parameters that are not trained, for code that changes
   * parameters other than by an {@link Optimizer}: momentum must not move running statistics.
   *
   * @param graph an initialized graph
   * @return a bit set in which bit i is set if entry i of {@code graph.params()} is carried along
   */
  public static BitSet of(ComputationGraph graph) {
    BitSet untrained = new BitSet();
    for (Range range : ranges(graph, graph.numParams())) {
      untrained.set(Math.toIntExact(range.start), Math.toIntExact(range.end));
    }
    return untrained;
  }

  /** Views of their entries in a flat array in the layout of the graph's parameters. */
  static List<INDArray> views(ComputationGraph graph, INDArray flat) {
    return ranges(graph, flat.length()).stream()
        .map(range -> flat.get(NDArrayIndex.interval(range.start, range.end)))
        .toList();
  }

  private static List<Range> ranges(ComputationGraph graph, long length) {
    List<Range> ranges = new ArrayList<>();
    long position = 0;
    long start = 0;
    for (int index : graph.topologicalSortOrder()) {
      if (!graph.getVertices()[index].hasLayer()) {
        continue;
      }
      Layer layer = graph.getVertices()[index].getLayer();
      for (Map.Entry<String, INDArray> entry : layer.paramTable(false).entrySet()) {
        if (isTrained(layer, entry.getKey())) {
          add(ranges, start, position);
          start = position + entry.getValue().length();
        }
        position += entry.getValue().length();
      }
    }
    add(ranges, start, position);
    checkArgument(
        position == length, "the layers have %s parameters, the flat array %s", position, length);
    return ranges;
  }

  private static boolean isTrained(Layer layer, String parameter) {
    return !BatchStatistics.isFrozen(layer)
        && !(layer.getConfig().getUpdaterByParam(parameter) instanceof NoOp);
  }

  private static void add(List<Range> ranges, long start, long end) {
    if (start < end) {
      ranges.add(new Range(start, end));
    }
  }
}
