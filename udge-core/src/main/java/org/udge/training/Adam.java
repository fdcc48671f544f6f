package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.AdamUpdater;

/**
 * Adam (Kingma &amp; Ba 2015) with L2 regularization added to the gradient, as in PyTorch: g = g +
 * weightDecay p; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; p = p - rate / (1 -
 * beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon), for update t = 1, 2, ...
 *
 * <p>{@link Optimizer#adam()} has the default settings. Immutable and thread-safe. Settings with
 * equal values are equal.
 */
public final class Adam implements Optimizer {

  private final double beta1;
  private final double beta2;
  private final double epsilon;
  private final double weightDecay;

  Adam(double beta1, double beta2, double epsilon, double weightDecay) {
    checkArgument(beta1 >= 0 && beta1 < 1, "beta1 must be in [0, 1), was %s", beta1);
    checkArgument(beta2 >= 0 && beta2 < 1, "beta2 must be in [0, 1), was %s", beta2);
    checkArgument(
        epsilon > 0 && Double.isFinite(epsilon), "epsilon must be positive, was %s", epsilon);
    checkArgument(
        weightDecay >= 0 && Double.isFinite(weightDecay),
        "weight decay must be finite and not negative, was %s",
        weightDecay);
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
    this.weightDecay = weightDecay;
  }

  /**
   * Returns a copy with other decay rates of the moment estimates.
   *
   * @param mean beta1, the decay rate of the gradient's mean, in [0, 1); default 0.9
   * @param variance beta2, the decay rate of the gradient's uncentered variance, in [0, 1); default
   *     0.999
   * @return a new optimizer
   */
  public Adam withBetas(double mean, double variance) {
    return new Adam(mean, variance, epsilon, weightDecay);
  }

  /**
   * Returns a copy with another epsilon, which limits the steps where the variance is small.
   *
   * @param value epsilon, above 0; default 1e-8
   * @return a new optimizer
   */
  public Adam withEpsilon(double value) {
    return new Adam(beta1, beta2, value, weightDecay);
  }

  /**
   * Returns a copy with another weight decay.
   *
   * @param value the factor of the parameters that is added to the gradient, not negative; default
   *     0
   * @return a new optimizer
   */
  public Adam withWeightDecay(double value) {
    return new Adam(beta1, beta2, epsilon, value);
  }

  @Override
  public ParameterUpdate begin(ComputationGraph graph) {
    return new FlatUpdate(graph, weightDecay, 2, this::rule);
  }

  private FlatUpdate.Rule rule(INDArray memory) {
    org.nd4j.linalg.learning.config.Adam settings =
        new org.nd4j.linalg.learning.config.Adam(1, beta1, beta2, epsilon);
    AdamUpdater updater = new AdamUpdater(settings);
    updater.setStateViewArray(memory, new long[] {1, memory.length() / 2}, 'c', false);
    return (gradient, learningRate, update, epoch) -> {
      // ND4J adds epsilon to sqrt(v), PyTorch to sqrt(v / (1 - beta2^t)).
      settings.setEpsilon(epsilon * Math.sqrt(1 - Math.pow(beta2, update + 1.0)));
      // With a rate of 0, epsilon would become 0 there: the memory is the same with a rate of 1.
      boolean stays = (float) learningRate == 0;
      settings.setLearningRate(stays ? 1 : learningRate);
      updater.applyUpdater(gradient, Math.toIntExact(update), Math.toIntExact(epoch));
      if (stays) {
        gradient.assign(0);
      }
    };
  }

  private List<Double> settings() {
    return List.of(beta1, beta2, epsilon, weightDecay);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Adam that && settings().equals(that.settings());
  }

  @Override
  public int hashCode() {
    return settings().hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "Adam[betas %s and %s, epsilon %s, weight decay %s]",
        beta1,
        beta2,
        epsilon,
        weightDecay);
  }
}
