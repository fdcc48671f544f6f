package org.udge.loss;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import org.udge.engine.Logits;

/**
 * -log p(y|x): the standard classification loss.
 *
 * <p>Value: (1/N) sum_i sum_c d_i[c] (logsumexp_k f(x_i)[k] - f(x_i)[c]), in nats, 0 or more,
 * <em>mean</em> over the N labeled images; to be minimized. The target d of label y is 1 for y;
 * with smoothing e it is 1 - e for y and e / (C - 1) for each other class (Szegedy et al. 2016,
 * "Rethinking the inception architecture", section 7, but with e distributed over the other classes
 * only, as in the published program).
 *
 * <p>Gradient: (softmax f(x_i) - d_i) / N. Metric: {@code accuracy}, the fraction of images whose
 * largest logit is that of their label.
 *
 * <p>With a {@linkplain #withLogitNormalization logit temperature} t, f(x) / (t ||f(x)||_2)
 * replaces f(x) everywhere above, including in the gradient: -log softmax(f / (t ||f||))_y. This
 * trains the direction of f but not its norm, so that confidence does not grow with the norm. The
 * model's probabilities remain softmax f: fit a temperature afterwards (Wei et al. 2022,
 * "Mitigating neural network overconfidence with logit normalization", equation 5).
 *
 * <p>Source: the term log q(y|x) of the hybrid objective log q(y|x) + log q(x|y) of Liu &amp;
 * Abbeel 2020, "Hybrid discriminative-generative training via contrastive learning" (arXiv
 * 2007.09070). Reads {@link ImageGroup#LABELED}. Immutable and thread-safe.
 */
public final class CrossEntropy implements LossTerm {

  private final double smoothing;
  private final OptionalDouble logitTemperature;

  private CrossEntropy(double smoothing, OptionalDouble logitTemperature) {
    TargetWeights.checkSmoothing(smoothing);
    logitTemperature.ifPresent(
        t ->
            checkArgument(
                t > 0 && Double.isFinite(t),
                "the temperature of normalized logits must be positive and finite, was %s",
                t));
    this.smoothing = smoothing;
    this.logitTemperature = logitTemperature;
  }

  /**
   * Returns the term without label smoothing.
   *
   * @return the term
   */
  public static CrossEntropy ofDefaults() {
    return new CrossEntropy(0, OptionalDouble.empty());
  }

  /**
   * Returns a copy of this term with label smoothing. Default: 0.
   *
   * @param smoothing the smoothing e, in [0, 1 - 1/C)
   * @return a new term
   * @throws IllegalArgumentException if it is not in [0, 1)
   */
  public CrossEntropy withSmoothing(double smoothing) {
    return new CrossEntropy(smoothing, logitTemperature);
  }

  /**
   * Returns a copy of this term with logit normalization. Default: logits are not normalized.
   *
   * @param temperature the temperature t, above 0; 0.04 in the paper for CIFAR-10
   * @return a new term
   * @throws IllegalArgumentException if it is not positive and finite
   */
  public CrossEntropy withLogitNormalization(double temperature) {
    return new CrossEntropy(smoothing, OptionalDouble.of(temperature));
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
    return input -> {
      Logits logits = input.logits(ImageGroup.LABELED);
      int[] labels = input.requireLabels(ImageGroup.LABELED);
      return logitTemperature.isPresent()
          ? evaluateNormalized(logits, labels, targets, logitTemperature.getAsDouble())
          : evaluate(logits, labels, targets);
    };
  }

  private static LossValue evaluateNormalized(
      Logits logits, int[] labels, TargetWeights targets, double temperature) {
    LogitScaling scaling = new LogitScaling.Normalize();
    int n = logits.rows();
    double[][] directions = new double[n][logits.classes()];
    double[][] scaled = new double[n][logits.classes()];
    double[] memos = new double[n];
    for (int i = 0; i < n; i++) {
      memos[i] = scaling.forward(logits.row(i), directions[i]);
      for (int c = 0; c < scaled[i].length; c++) {
        scaled[i][c] = directions[i][c] / temperature;
      }
    }
    LossValue value = evaluate(Logits.of(scaled), labels, targets);
    double[][] gradient = value.gradient(ImageGroup.LABELED).orElseThrow();
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < gradient[i].length; c++) {
        gradient[i][c] /= temperature;
      }
      scaling.backward(logits.row(i), directions[i], memos[i], gradient[i]);
    }
    return value;
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
   * Returns the label smoothing e.
   *
   * @return the smoothing, in [0, 1); default 0
   */
  public double smoothing() {
    return smoothing;
  }

  /**
   * Returns the temperature of normalized logits.
   *
   * @return the temperature, above 0; default: empty, logits are not normalized
   */
  public OptionalDouble logitTemperature() {
    return logitTemperature;
  }

  private List<Object> values() {
    return List.of(smoothing, logitTemperature);
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
    return String.format(
        Locale.ROOT, "CrossEntropy[smoothing=%s, logitTemperature=%s]", values().toArray());
  }
}
