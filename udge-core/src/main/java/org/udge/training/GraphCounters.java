package org.udge.training;

import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.state.State;
import org.udge.state.Stateful;

/**
 * Maintains the counts of iterations (updates) and epochs of a Deeplearning4j graph and notifies
 * its listeners, as Deeplearning4j's own training does. Counts continue from those of the graph.
 */
final class GraphCounters implements Stateful {

  private final ComputationGraph graph;
  private long iterationsBefore;
  private long epochsBefore;

  GraphCounters(ComputationGraph graph) {
    this.graph = graph;
    iterationsBefore = graph.getIterationCount();
    epochsBefore = graph.getEpochCount();
  }

  /**
   * Called after an update.
   *
   * @param updates the number of earlier updates
   * @param loss the loss of its last step
   * @param images the images of its last step: listeners query the graph's batch size
   */
  void updated(long updates, long epoch, double loss, INDArray images) {
    graph.setScore(loss);
    set(updates, epoch);
    List<TrainingListener> listeners = listeners();
    if (!listeners.isEmpty()) {
      graph.setInput(0, images);
      try {
        for (TrainingListener listener : listeners) {
          listener.iterationDone(graph, graph.getIterationCount(), graph.getEpochCount());
        }
      } finally {
        graph.clear();
      }
    }
    set(updates + 1, epoch);
  }

  void epochStarts() {
    listeners().forEach(listener -> listener.onEpochStart(graph));
  }

  /**
   * Called after the last step of an epoch.
   *
   * @param updates the number of updates so far
   * @param epoch the epoch, from 0
   */
  void epochEnds(long updates, long epoch) {
    set(updates, epoch);
    listeners().forEach(listener -> listener.onEpochEnd(graph));
    set(updates, epoch + 1);
  }

  /** Returns a copy: listeners may be added and removed meanwhile. */
  private List<TrainingListener> listeners() {
    return List.copyOf(graph.getListeners());
  }

  /** Sets the counts to those of the run. */
  void set(long updates, long epochs) {
    graph.getConfiguration().setIterationCount(Math.toIntExact(iterationsBefore + updates));
    graph.getConfiguration().setEpochCount(Math.toIntExact(epochsBefore + epochs));
    for (Layer layer : graph.getLayers()) {
      layer.setIterationCount(graph.getIterationCount());
      layer.setEpochCount(graph.getEpochCount());
    }
  }

  @Override
  public State captureState() {
    return State.builder().put("iterations", iterationsBefore).put("epochs", epochsBefore).build();
  }

  @Override
  public void restoreState(State state) {
    iterationsBefore = state.getLong("iterations");
    epochsBefore = state.getLong("epochs");
  }
}
