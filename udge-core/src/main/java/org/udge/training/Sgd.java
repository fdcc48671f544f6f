package org.udge.training;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Stochastic gradient descent with heavy-ball momentum and L2 regularisation added to the gradient,
 * as PyTorch does: g = g + weightDecay p; v = momentum v + g; p = p - rate v.
 *
 * @param momentum in [0, 1)
 * @param weightDecay not negative
 */
public record Sgd(double momentum, double weightDecay) implements Optimizer {

  /**
   * Checks the values.
   *
   * @param momentum in [0, 1)
   * @param weightDecay not negative
   */
  public Sgd {
    checkArgument(momentum >= 0 && momentum < 1, "momentum must be in [0, 1), was %s", momentum);
    checkArgument(weightDecay >= 0, "weight decay must not be negative, was %s", weightDecay);
  }

  /**
   * The same with momentum.
   *
   * @param value in [0, 1); default 0
   * @return a new optimizer
   */
  public Sgd momentum(double value) {
    return new Sgd(value, weightDecay);
  }

  /**
   * The same with weight decay.
   *
   * @param value factor of the parameters that is added to the gradient; default 0
   * @return a new optimizer
   */
  public Sgd weightDecay(double value) {
    return new Sgd(momentum, value);
  }

  @Override
  public ParameterUpdate begin(ComputationGraph graph) {
    return new FlatUpdate(
        graph,
        weightDecay,
        1,
        velocity ->
            (gradient, learningRate, update, epoch) -> {
              velocity.muli(momentum).addi(gradient);
              gradient.assign(velocity).muli(learningRate);
            });
  }
}
