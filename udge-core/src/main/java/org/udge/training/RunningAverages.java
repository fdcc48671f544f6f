package org.udge.training;

import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The running statistics of a graph's batch normalizations, r = decay r + (1 - decay) batch.
 *
 * <p>They move after each pass in training mode, whether an update of the weights follows or not,
 * and each move starts from where the one before ended: n passes keep decay^n of the old value,
 * also where they accumulate into one update. No learning rate, weight decay or clipping touches
 * them.
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

  /** Moves them by what a backward pass left in the gradient view, and clears it there. */
  void move() {
    for (int i = 0; i < values.size(); i++) {
      values.get(i).subi(moves.get(i));
      moves.get(i).assign(0);
    }
  }

  /** Forgets what a backward pass left in the gradient view. */
  void stay() {
    moves.forEach(move -> move.assign(0));
  }

  /** What they are now. */
  List<INDArray> copy() {
    return values.stream().map(INDArray::dup).toList();
  }

  /** Puts them back. */
  void restore(List<INDArray> copy) {
    for (int i = 0; i < copy.size(); i++) {
      values.get(i).assign(copy.get(i));
    }
  }
}
