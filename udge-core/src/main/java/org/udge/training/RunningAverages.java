package org.udge.training;

import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The running statistics of a graph's batch normalizations, r = decay r + (1 - decay) batch.
 *
 * <p>They move after each pass in training mode, whether or not an update of the weights follows,
 * and each move starts from the result of the previous one: after n passes, the old value has
 * weight decay^n, even where these passes accumulate into one update. They are not affected by
 * learning rate, weight decay or clipping.
 */
final class RunningAverages {

  private final List<INDArray> values;
  private final List<INDArray> moves;

  RunningAverages(ComputationGraph graph) {
    INDArray parameters = graph.params();
    values = UntrainedParameters.views(graph, parameters);
    moves =
        UntrainedParameters.views(
            graph, graph.getGradientsViewArray().reshape(parameters.length()));
  }

  /** Moves them by the amounts that a backward pass left in the gradient view, and clears these. */
  void move() {
    for (int i = 0; i < values.size(); i++) {
      values.get(i).subi(moves.get(i));
      moves.get(i).assign(0);
    }
  }

  /** Discards the amounts that a backward pass left in the gradient view. */
  void stay() {
    moves.forEach(move -> move.assign(0));
  }

  /** Returns a copy of their current values. */
  List<INDArray> copy() {
    return values.stream().map(INDArray::dup).toList();
  }

  /** Restores them from a copy. */
  void restore(List<INDArray> copy) {
    for (int i = 0; i < copy.size(); i++) {
      values.get(i).assign(copy.get(i));
    }
  }
}
