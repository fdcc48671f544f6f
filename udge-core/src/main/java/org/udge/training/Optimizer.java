package org.udge.training;

import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * How gradients become updates. Settings only; {@link #begin} gives it memory.
 *
 * <p>{@link Adam} and {@link Sgd} compute what PyTorch's {@code torch.optim.Adam} and {@code SGD}
 * compute. {@link GraphUpdaters} applies the updaters, regularization and constraints that the
 * Deeplearning4j graph was configured with. Immutable and thread-safe.
 */
public interface Optimizer {

  /**
   * Adam with the usual settings (0.9, 0.999, 1e-8).
   *
   * @return the optimizer
   */
  static Adam adam() {
    return new Adam(0.9, 0.999, 1e-8, 0);
  }

  /**
   * Stochastic gradient descent without momentum.
   *
   * @return the optimizer
   */
  static Sgd sgd() {
    return new Sgd(0, 0);
  }

  /**
   * What the Deeplearning4j graph was configured with; its own schedules decide the rate.
   *
   * @return the optimizer
   */
  static Optimizer ofGraph() {
    return new GraphUpdaters();
  }

  /**
   * Starts updating a graph.
   *
   * @param graph whose flat gradient view is read and whose parameters are changed
   * @return an update rule with memory of its own
   */
  ParameterUpdate begin(ComputationGraph graph);
}
