package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Stochastic gradient descent with heavy-ball momentum and L2 regularization added to the gradient,
 * as in PyTorch: g = g + weightDecay p; v = momentum v + g; p = p - rate v.
 *
 * <p>{@link Optimizer#sgd()} has neither momentum nor weight decay. Immutable and thread-safe.
 * Settings with equal values are equal.
 */
public final class Sgd implements Optimizer {

  private final double momentum;
  private final double weightDecay;

  Sgd(double momentum, double weightDecay) {
    checkArgument(momentum >= 0 && momentum < 1, "momentum must be in [0, 1), was %s", momentum);
    checkArgument(
        weightDecay >= 0 && Double.isFinite(weightDecay),
        "weight decay must be finite and not negative, was %s",
        weightDecay);
    this.momentum = momentum;
    this.weightDecay = weightDecay;
  }

  /**
   * Returns a copy with another momentum.
   *
   * @param value the momentum, in [0, 1); default 0
   * @return a new optimizer
   */
  public Sgd withMomentum(double value) {
    return new Sgd(value, weightDecay);
  }

  /**
   * Returns a copy with another weight decay.
   *
   * @param value the factor of the parameters that is added to the gradient, not negative; default
   *     0
   * @return a new optimizer
   */
  public Sgd withWeightDecay(double value) {
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

  @Override
  public boolean equals(Object other) {
    return other instanceof Sgd that
        && momentum == that.momentum
        && weightDecay == that.weightDecay;
  }

  @Override
  public int hashCode() {
    return Objects.hash(momentum, weightDecay);
  }

  @Override
  public String toString() {
    return "Sgd[momentum " + momentum + ", weight decay " + weightDecay + "]";
  }
}
