package org.udge.loss;

import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.math3.distribution.BetaDistribution;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.Batch;
import org.udge.engine.Logits;
import org.udge.internal.HostImages;
import org.udge.random.RandomStream;

/**
 * The cross entropy of mixed images, to be added to that of the images themselves.
 *
 * <p>Each step draws l from Beta(a, a) and a permutation p of the N labeled images, and forms x'_i
 * = l x_i + (1 - l) x_p(i). Value: (1/N) sum_i (-l log p(y_i|x'_i) - (1 - l) log p(y_p(i)|x'_i)),
 * in nats, 0 or more, <em>mean</em> over the N mixed images; to be minimized. Gradient: (softmax
 * f(x'_i) - l e_{y_i} - (1 - l) e_{y_p(i)}) / N. Metric: {@code lambda}, l.
 *
 * <pre>{@code
 * Objective objective = Objective.of(CrossEntropy.ofDefaults()).plus(0.5, RegMixup.ofDefaults());
 * }</pre>
 *
 * <p>With a = 10, l is near one half: mixed images lie between classes and have both labels, which
 * teaches low confidence there. Batch normalization treats mixed images as a separate batch, and
 * they do not update running statistics. Cost: about twice the time per step.
 *
 * <p>Source: Pinto et al. 2022, "Using mixup as a regularizer can surprisingly improve accuracy and
 * out-of-distribution robustness" (NeurIPS): the second term of its objective CE(x) + eta CE(x'),
 * eta being this term's weight. Reads {@link ImageGroup#OWN}, made of the labeled images. Immutable
 * and thread-safe.
 */
public final class RegMixup implements LossTerm {

  private final double alpha;

  private RegMixup(double alpha) {
    checkArgument(
        alpha > 0 && alpha <= 1e6,
        "alpha of the Beta distribution must be above 0 and at most 1e6, was %s",
        alpha);
    this.alpha = alpha;
  }

  /**
   * Returns the term with Beta(10, 10).
   *
   * @return the term
   */
  public static RegMixup ofDefaults() {
    return new RegMixup(10);
  }

  /**
   * Returns a copy of this term with another distribution of the mixing ratio.
   *
   * @param alpha the parameter a of Beta(a, a), above 0 and at most a million; default 10
   * @return a new term
   * @throws IllegalArgumentException if it is out of range
   */
  public RegMixup withAlpha(double alpha) {
    return new RegMixup(alpha);
  }

  @Override
  public String name() {
    return "reg_mixup";
  }

  @Override
  public Set<ImageGroup> groups() {
    return Set.of(ImageGroup.OWN);
  }

  @Override
  public LossFunction begin(LossSetup setup) {
    return new Run();
  }

  /**
   * Returns the parameter of the Beta distribution.
   *
   * @return the parameter, above 0; default 10
   */
  public double alpha() {
    return alpha;
  }

  private List<Object> values() {
    return List.of(alpha);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RegMixup that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "RegMixup[alpha=%s]", values().toArray());
  }

  private final class Run implements LossFunction {

    private double share;
    private int[] first = {};
    private int[] second = {};

    @Override
    public Optional<OwnImages> ownImages(SampleContext context) {
      Batch labeled = context.labeled();
      RandomStream random = context.streams().child(name()).stream("mix", context.step());
      share =
          new BetaDistribution(null, alpha, alpha)
              .inverseCumulativeProbability(random.nextDouble());
      first = labeled.requireLabels().clone();
      int[] partner = random.permutation(first.length);
      second = new int[first.length];
      float[] pixels = HostImages.copy(labeled.images());
      int size = pixels.length / first.length;
      float[] mixed = new float[pixels.length];
      float own = (float) share;
      for (int i = 0; i < first.length; i++) {
        second[i] = first[partner[i]];
        for (int k = 0; k < size; k++) {
          mixed[i * size + k] =
              own * pixels[i * size + k] + (1 - own) * pixels[partner[i] * size + k];
        }
      }
      return Optional.of(
          OwnImages.likeData(
              Batch.unlabeled(Nd4j.createFromArray(mixed).reshape(labeled.images().shape()))));
    }

    @Override
    public LossValue evaluate(LossInput input) {
      Logits logits = input.logits(ImageGroup.OWN);
      int n = logits.rows();
      checkState(
          n == first.length, "there are logits of %s mixed images, of %s made", n, first.length);
      double[][] gradient = new double[n][];
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum -=
            share * logits.logProbability(i, first[i])
                + (1 - share) * logits.logProbability(i, second[i]);
        double[] row = logits.probabilities(i);
        row[first[i]] -= share;
        row[second[i]] -= 1 - share;
        for (int c = 0; c < row.length; c++) {
          row[c] /= n;
        }
        gradient[i] = row;
      }
      return LossValue.of(sum / n)
          .withGradient(ImageGroup.OWN, gradient)
          .withMetric("lambda", share);
    }
  }
}
