package org.udge.examples.train;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.udge.state.State;
import org.udge.training.Optimizer;
import org.udge.training.ParameterUpdate;

/** An optimizer whose updates reach the output layer alone, whose parameters are the last. */
record LastLayerOnly(Optimizer rule) implements Optimizer {

  @Override
  public ParameterUpdate begin(ComputationGraph graph) {
    INDArray all = graph.params();
    long frozen = all.length() - graph.getOutputLayer(0).numParams();
    INDArray others = all.reshape(all.length()).get(NDArrayIndex.interval(0, frozen));
    return new Update(rule.begin(graph), others, others.dup());
  }

  /** Puts the other layers' parameters back after each update: weight decay moves them too. */
  private record Update(ParameterUpdate inner, INDArray others, INDArray kept)
      implements ParameterUpdate {

    @Override
    public void apply(double learningRate, long update, long epoch) {
      inner.apply(learningRate, update, epoch);
      others.assign(kept);
    }

    @Override
    public State captureState() {
      return inner.captureState();
    }

    @Override
    public void restoreState(State state) {
      inner.restoreState(state);
    }
  }
}
