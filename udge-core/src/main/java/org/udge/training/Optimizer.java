package org.udge.training;

import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * The rule that turns gradients into updates. Holds settings only; {@link #begin} creates its
 * memory.
 *
 * <p>{@link Adam} and {@link Sgd} compute the same as PyTorch's {@code torch.optim.Adam} and {@code
 * SGD}. {@link GraphUpdaters} applies the updaters, regularization and constraints that the
 * Deeplearning4j graph was configured with. Immutable and thread-safe.
 */
public interface Optimizer {

  /**
   * Returns Adam with the default settings (0.9, 0.999, 1e-8).
   *
   * @return the optimizer
   */
  static Adam adam() {
    return new Adam(0.9, 0.999, 1e-8, 0);
  }

  /**
   * Returns stochastic gradient descent without momentum.
   *
   * @return the optimizer
   */
  static Sgd sgd() {
    return new Sgd(0, 0);
  }

  /**
   * Returns the optimizer that the Deeplearning4j graph was configured with; its own schedules
   * determine the learning rate.
   *
   * @return the optimizer
   */
  static Optimizer ofGraph() {
    return new GraphUpdaters();
  }

  /**
   * Starts to optimize a graph.
   *
   * @param graph the graph, whose flat gradient view is read and whose parameters are modified
   * @return an update rule with its own memory
   */
  ParameterUpdate begin(ComputationGraph graph);
}
