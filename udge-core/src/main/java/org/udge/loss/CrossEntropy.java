package org.udge.loss;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.udge.engine.Logits;

/**
 * -log p(y|x): the plain classification loss.
 *
 * <p>Value: (1/N) sum_i sum_c d_i[c] (logsumexp_k f(x_i)[k] - f(x_i)[c]), in nats, 0 or more,
 * <em>mean</em> over the N labeled images; to be minimized. The target d of label y is 1 for y;
 * with smoothing e it is 1 - e for y and e / (C - 1) for each other class (Szegedy et al. 2016,
 * "Rethinking the inception architecture", section 7, with the rest spread over the other classes
 * only, as the published program does).
 *
 * <p>Gradient: (softmax f(x_i) - d_i) / N. Metric: {@code accuracy}, the fraction of images whose
 * largest logit is their label's.
 *
 * <p>Source: the term log q(y|x) of the hybrid objective log q(y|x) + log q(x|y) of Liu &amp;
 * Abbeel 2020, "Hybrid discriminative-generative training via contrastive learning" (arXiv
 * 2007.09070). Reads {@link ImageGroup#LABELED}. Immutable and thread-safe.
 */
public final class CrossEntropy implements LossTerm {

  private final double smoothing;

  private CrossEntropy(double smoothing) {
    TargetWeights.checkSmoothing(smoothing);
    this.smoothing = smoothing;
  }

  /**
   * Without label smoothing.
   *
   * @return the term
   */
  public static CrossEntropy ofDefaults() {
    return new CrossEntropy(0);
  }

  /**
   * This term with label smoothing. Default: 0.
   *
   * @param smoothing e, in [0, 1 - 1/C)
   * @return a new term
   * @throws IllegalArgumentException if it is not in [0, 1)
   */
  public CrossEntropy withSmoothing(double smoothing) {
    return new CrossEntropy(smoothing);
  }

  @Override
  public String name() {
    return "cross_entropy";
  }

  @Override
  public Set<ImageGroup> groups() {
    return Set.of(ImageGroup.LABELED);
  }

  @Override
  public LossFunction begin(LossSetup setup) {
    TargetWeights targets = TargetWeights.of(smoothing, setup.classes());
    return input ->
        evaluate(
            input.logits(ImageGroup.LABELED), input.requireLabels(ImageGroup.LABELED), targets);
  }

  private static LossValue evaluate(Logits logits, int[] labels, TargetWeights targets) {
    int n = logits.rows();
    double[][] gradient = new double[n][];
    double sum = 0;
    int correct = 0;
    for (int i = 0; i < n; i++) {
      double logSum = logits.logSumExp(i);
      double[] row = logits.row(i);
      for (int c = 0; c < row.length; c++) {
        double target = targets.of(c, labels[i]);
        double logProbability = row[c] - logSum;
        // A target of 0 must not meet a log probability of minus infinity: 0 log 0 is 0.
        sum -= target == 0 ? 0 : target * logProbability;
        row[c] = (Math.exp(logProbability) - target) / n;
      }
      gradient[i] = row;
      correct += logits.argMax(i) == labels[i] ? 1 : 0;
    }
    return LossValue.of(sum / n)
        .withGradient(ImageGroup.LABELED, gradient)
        .withMetric("accuracy", (double) correct / n);
  }

  /**
   * Label smoothing e.
   *
   * @return in [0, 1); default 0
   */
  public double smoothing() {
    return smoothing;
  }

  private List<Object> values() {
    return List.of(smoothing);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CrossEntropy that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "CrossEntropy[smoothing=%s]", values().toArray());
  }
}
