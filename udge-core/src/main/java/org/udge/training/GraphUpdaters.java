package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.state.State;

/**
 * The updaters, regularization, gradient normalization and constraints that a Deeplearning4j graph
 * was configured with. They define the learning rate; the trainer's schedule is not used. Where a
 * remedy lowers the rate, each update is scaled by its factor.
 */
record GraphUpdaters() implements Optimizer {

  @Override
  public ParameterUpdate begin(ComputationGraph graph) {
    if (graph.getGradientsViewArray() == null) {
      graph.initGradientsView();
    }
    ComputationGraphUpdater updater = graph.getUpdater(true);
    Gradient gradient = gradientByLayer(graph);
    return new ParameterUpdate() {
      @Override
      public void apply(double learningRate, double reduction, long update, long epoch) {
        int iteration = Math.toIntExact(update);
        // Losses are already means: a batch size of 1 prevents the updater from dividing again.
        updater.update(
            gradient, iteration, Math.toIntExact(epoch), 1, LayerWorkspaceMgr.noWorkspaces());
        if (reduction < 1) {
          graph.getGradientsViewArray().muli(reduction);
        }
        graph.params().subi(graph.getGradientsViewArray().reshape(graph.params().length()));
        graph.applyConstraints(iteration, Math.toIntExact(epoch));
      }

      @Override
      public State captureState() {
        INDArray memory = updater.getStateViewArray();
        return State.builder()
            .put("memory", memory == null ? new float[0] : memory.dup('c').data().asFloat())
            .build();
      }

      @Override
      public void restoreState(State state) {
        INDArray memory = updater.getStateViewArray();
        float[] values = state.getFloats("memory");
        long wanted = memory == null ? 0 : memory.length();
        checkArgument(
            values.length == wanted,
            "updater state has %s numbers, the graph's updaters need %s",
            values.length,
            wanted);
        if (memory != null) {
          memory.data().setData(values);
        }
      }
    };
  }

  private static Gradient gradientByLayer(ComputationGraph graph) {
    Gradient gradient = new DefaultGradient(graph.getGradientsViewArray());
    for (Layer layer : graph.getLayers()) {
      if (layer.numParams() > 0) {
        layer
            .conf()
            .getLayer()
            .initializer()
            .getGradientsFromFlattened(layer.conf(), layer.getGradientsViewArray())
            .forEach(
                (name, view) ->
                    gradient.setGradientFor(
                        layer.conf().getLayer().getLayerName() + "_" + name, view));
      }
    }
    return gradient;
  }
}
