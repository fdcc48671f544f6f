package org.udge.training;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.AdamUpdater;

/**
 * Adam (Kingma &amp; Ba 2015) with L2 regularization added to the gradient, as PyTorch does: g = g
 * + weightDecay p; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; p = p - rate / (1 -
 * beta1^t) m / (sqrt(v / (1 - beta2^t)) + epsilon), for update t = 1, 2, ...
 *
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of the uncentred variance, in [0, 1)
 * @param epsilon above 0
 * @param weightDecay not negative
 */
public record Adam(double beta1, double beta2, double epsilon, double weightDecay)
    implements Optimizer {

  /**
   * Checks the values.
   *
   * @param beta1 decay of the mean, in [0, 1)
   * @param beta2 decay of the uncentred variance, in [0, 1)
   * @param epsilon above 0
   * @param weightDecay not negative
   */
  public Adam {
    checkArgument(beta1 >= 0 && beta1 < 1, "beta1 must be in [0, 1), was %s", beta1);
    checkArgument(beta2 >= 0 && beta2 < 1, "beta2 must be in [0, 1), was %s", beta2);
    checkArgument(epsilon > 0, "epsilon must be positive, was %s", epsilon);
    checkArgument(weightDecay >= 0, "weight decay must not be negative, was %s", weightDecay);
  }

  /**
   * The same with weight decay.
   *
   * @param value factor of the parameters that is added to the gradient; default 0
   * @return a new optimizer
   */
  public Adam weightDecay(double value) {
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
      // ND4J adds epsilon to sqrt(v) as it is, PyTorch to sqrt(v / (1 - beta2^t)).
      settings.setEpsilon(epsilon * Math.sqrt(1 - Math.pow(beta2, update + 1.0)));
      // A rate of 0 would become epsilon there: at a rate of 1 the memory is the same.
      boolean stays = (float) learningRate == 0;
      settings.setLearningRate(stays ? 1 : learningRate);
      updater.applyUpdater(gradient, Math.toIntExact(update), Math.toIntExact(epoch));
      if (stays) {
        gradient.assign(0);
      }
    };
  }
}
