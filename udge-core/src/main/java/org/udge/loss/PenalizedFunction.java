package org.udge.loss;

import java.util.Map;
import org.udge.engine.Logits;
import org.udge.state.State;

/**
 * A term of one group of images plus alpha mean_i E(x_i)^2, with E(x) = -logsumexp_c f(x)[c].
 *
 * <p>dE^2/df = 2 logsumexp(f) softmax(f).
 */
final class PenalizedFunction implements LossFunction {

  private final LossFunction term;
  private final ImageGroup group;
  private final double penalty;

  PenalizedFunction(LossFunction term, ImageGroup group, double penalty) {
    this.term = term;
    this.group = group;
    this.penalty = penalty;
  }

  @Override
  public LossValue evaluate(LossInput input) {
    LossValue plain = term.evaluate(input);
    if (penalty == 0) {
      return plain.withMetric("energy_penalty", 0);
    }
    Logits logits = input.logits(group);
    int n = logits.rows();
    double[][] gradient = plain.gradient(group).orElseThrow();
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double logSum = logits.logSumExp(i);
      sum += logSum * logSum;
      double[] probabilities = logits.probabilities(i);
      for (int c = 0; c < probabilities.length; c++) {
        gradient[i][c] += penalty * 2 * logSum * probabilities[c] / n;
      }
    }
    LossValue value = LossValue.of(plain.value() + penalty * sum / n).withGradient(group, gradient);
    for (Map.Entry<String, Double> metric : plain.metrics().entrySet()) {
      value = value.withMetric(metric.getKey(), metric.getValue());
    }
    return value.withMetric("energy_penalty", penalty * sum / n);
  }

  @Override
  public void remember(LossInput input) {
    term.remember(input);
  }

  @Override
  public State captureState() {
    return term.captureState();
  }

  @Override
  public void restoreState(State state) {
    term.restoreState(state);
  }
}
