package org.udge.loss;

import java.util.OptionalDouble;
import org.udge.engine.Logits;
import org.udge.published.PublishedHabit;
import org.udge.state.State;

/**
 * A contrastive term within a run of training: mean_i log(1 + exp(logsumexp_k s_y(q_k) / T -
 * s_y(p_i) / T)).
 *
 * <p>With a = s / T and Neg_y = logsumexp_k s_y(q_k) / T, which depends on an image only through
 * its label: dL/da_i = (sigma(a_i - Neg) - 1) / N.
 */
final class ContrastiveFunction implements LossFunction {

  private final ImageGroup group;
  private final Score score;
  private final LogitScaling scaling;
  private final double temperature;
  private final NegativeQueue queue;
  private final boolean ownsQueue;
  private final boolean feedsQueue;
  private final NegativeSums negatives;

  ContrastiveFunction(
      ImageGroup group,
      Score score,
      OptionalDouble maxLogit,
      double temperature,
      NegativeQueueSettings queueSettings,
      LossSetup setup) {
    this.group = group;
    this.score = score;
    this.scaling = LogitScaling.of(maxLogit);
    this.temperature = temperature;
    this.queue =
        setup
            .memory()
            .shared(NegativeQueue.class, queueSettings, () -> newQueue(queueSettings, setup));
    this.ownsQueue = queue.claimOwning();
    this.feedsQueue = ownsQueue || setup.follows(PublishedHabit.QUEUE_FED_BY_EACH_TERM);
    this.negatives = new NegativeSums(queue, scaling, score, temperature);
  }

  private static NegativeQueue newQueue(NegativeQueueSettings settings, LossSetup setup) {
    NegativeQueue queue = NegativeQueue.of(settings.capacity(), setup.classes());
    if (settings.start() == QueueStart.NOISE) {
      queue.fillWithNoise(setup.streams().stream("negative_queue"));
    }
    return queue;
  }

  @Override
  public LossValue evaluate(LossInput input) {
    Logits logits = input.logits(group);
    int n = logits.rows();
    int[] labels = score.labels() == 1 ? new int[n] : input.requireLabels(group);
    negatives.refresh();
    double[][] gradient = new double[n][logits.classes()];
    double[] p = new double[logits.classes()];
    double losses = 0;
    double scores = 0;
    int first = 0;
    for (int i = 0; i < n; i++) {
      double[] f = logits.row(i);
      double memo = scaling.forward(f, p);
      double positive = score.score(labels[i], p);
      double exponent = negatives.exponent(positive);
      double lead = exponent - negatives.logSum(labels[i]);
      losses += softplus(-lead);
      scores += positive;
      first += exponent > negatives.largest(labels[i]) ? 1 : 0;

      score.gradient(labels[i], p, gradient[i]);
      scaling.backward(f, p, memo, gradient[i]);
      scale(gradient[i], -sigmoid(-lead) / (temperature * n));
    }
    return LossValue.of(losses / n)
        .withGradient(group, gradient)
        .withMetric("positive_score", scores / n)
        .withMetric("positive_first", (double) first / n)
        .withMetric("queue_fill", (double) queue.size() / queue.capacity());
  }

  @Override
  public void remember(LossInput input) {
    if (feedsQueue) {
      queue.add(input.logits(group));
    }
  }

  @Override
  public State captureState() {
    return ownsQueue ? State.builder().put("queue", queue.captureState()).build() : State.empty();
  }

  @Override
  public void restoreState(State state) {
    if (ownsQueue) {
      queue.restoreState(state.getState("queue"));
    }
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static void scale(double[] values, double factor) {
    for (int c = 0; c < values.length; c++) {
      values[c] *= factor;
    }
  }
}
