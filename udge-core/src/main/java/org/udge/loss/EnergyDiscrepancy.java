package org.udge.loss;

import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.Batch;
import org.udge.internal.HostImages;
import org.udge.random.RandomStream;
import org.udge.sampling.EnergyGradient;

/**
 * -log p(x), estimated by comparison with noised copies of the images: without chains, a replay
 * buffer or the divergence of sampling.
 *
 * <p>Value: (1/N) sum_i log(w/M + (1/M) sum_j exp(E(x_i) - E(x_ij))) with E(x) = -logsumexp_y
 * f(x)[y] and x_ij = x_i + s (u_i + v_ij), u and v standard normal, in nats, <em>mean</em> over the
 * N unlabeled images; to be minimized. With p_ij = exp(E(x_i) - E(x_ij)) / (w + sum_k exp(E(x_i) -
 * E(x_ik))), the gradient with respect to E(x_i) is sum_j p_ij / N, with respect to E(x_ij) -p_ij /
 * N; dE/df = -softmax f.
 *
 * <p>The energy of images becomes lower than that of their surroundings, on the scale of s. The
 * limit s to 0 is score matching, that of large s maximum likelihood. The copies of an image
 * surround a point near it, x + s u, not the image itself.
 *
 * <p>Copies are normalized by running statistics, images by those of their batch: use this term
 * with networks without batch normalization. Cost: 1 + M times the images.
 *
 * <p>Metrics: {@code energy_data}, mean E(x_i); {@code energy_noised}, mean E(x_ij).
 *
 * <p>Source: Schr&ouml;der, Ou, Lim, Li, Vollmer &amp; Duncan 2023, "Energy discrepancies: a
 * score-independent loss for energy-based models" (arXiv 2307.06431), the w-stabilized estimate
 * with Gaussian perturbations, t = s^2. Reads {@link ImageGroup#UNLABELED} and {@link
 * ImageGroup#OWN}. Immutable and thread-safe.
 */
public final class EnergyDiscrepancy implements LossTerm {

  private final double noise;
  private final int copies;
  private final double stability;

  private EnergyDiscrepancy(double noise, int copies, double stability) {
    checkArgument(
        noise > 0 && Double.isFinite(noise), "noise must be positive and finite, was %s", noise);
    checkArgument(copies > 0, "copies must be at least 1, were %s", copies);
    checkArgument(
        stability >= 0 && Double.isFinite(stability),
        "stability must be finite and not negative, was %s",
        stability);
    this.noise = noise;
    this.copies = copies;
    this.stability = stability;
  }

  /**
   * Returns the term with noise 0.1, 4 copies and stability 1. These are this library's choices for
   * pixels in [-1, 1], not published ones.
   *
   * @return the term
   */
  public static EnergyDiscrepancy ofDefaults() {
    return new EnergyDiscrepancy(0.1, 4, 1);
  }

  /**
   * Returns a copy of this term with another noise level.
   *
   * @param deviation the standard deviation s, in units of pixel values, above 0; default 0.1
   * @return a new term
   * @throws IllegalArgumentException if it is not positive and finite
   */
  public EnergyDiscrepancy withNoise(double deviation) {
    return new EnergyDiscrepancy(deviation, copies, stability);
  }

  /**
   * Returns a copy of this term with another number of noised copies of each image.
   *
   * @param count the number of copies M, at least 1; default 4
   * @return a new term
   * @throws IllegalArgumentException if it is below 1
   */
  public EnergyDiscrepancy withCopies(int count) {
    return new EnergyDiscrepancy(noise, count, stability);
  }

  /**
   * Returns a copy of this term with another lower bound: the value is at least log(w / M), so that
   * the energy of no image is lowered indefinitely.
   *
   * @param w the bound, not negative; default 1. 0 is the estimate without a bound, which is
   *     unstable
   * @return a new term
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public EnergyDiscrepancy withStability(double w) {
    return new EnergyDiscrepancy(noise, copies, w);
  }

  @Override
  public String name() {
    return "energy_discrepancy";
  }

  @Override
  public Set<ImageGroup> groups() {
    return Set.of(ImageGroup.UNLABELED, ImageGroup.OWN);
  }

  @Override
  public LossFunction begin(LossSetup setup) {
    return new Run();
  }

  /**
   * Returns the standard deviation of the noise.
   *
   * @return the standard deviation, above 0; default 0.1
   */
  public double noise() {
    return noise;
  }

  /**
   * Returns the number of noised copies of each image.
   *
   * @return the number of copies, at least 1; default 4
   */
  public int copies() {
    return copies;
  }

  /**
   * Returns the parameter w of the lower bound.
   *
   * @return not negative; default 1
   */
  public double stability() {
    return stability;
  }

  private List<Object> values() {
    return List.of(noise, copies, stability);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof EnergyDiscrepancy that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "EnergyDiscrepancy[noise=%s, copies=%s, stability=%s]", values().toArray());
  }

  private final class Run implements LossFunction {

    @Override
    public Optional<OwnImages> ownImages(SampleContext context) {
      Batch images = context.unlabeled();
      RandomStream random = context.streams().child(name()).stream("noise", context.step());
      float[] pixels = HostImages.copy(images.images());
      random.addGaussian(pixels, noise);
      int size = pixels.length / images.size();
      float[] noised = new float[Math.multiplyExact(pixels.length, copies)];
      for (int i = 0; i < images.size(); i++) {
        for (int j = 0; j < copies; j++) {
          System.arraycopy(pixels, i * size, noised, (i * copies + j) * size, size);
        }
      }
      random.addGaussian(noised, noise);
      long[] shape = images.images().shape().clone();
      shape[0] *= copies;
      return Optional.of(
          OwnImages.unlikeData(Batch.unlabeled(Nd4j.createFromArray(noised).reshape(shape))));
    }

    @Override
    public LossValue evaluate(LossInput input) {
      EnergyGradient.Value data =
          EnergyGradient.marginal().evaluate(input.logits(ImageGroup.UNLABELED));
      EnergyGradient.Value noised =
          EnergyGradient.marginal().evaluate(input.logits(ImageGroup.OWN));
      int n = data.energies().length;
      checkState(
          noised.energies().length == n * copies,
          "there are %s noised images of %s, expected %s of each",
          noised.energies().length,
          n,
          copies);
      double[][] dataGradient = new double[n][];
      double[][] noisedGradient = new double[n * copies][];
      double sum = 0;
      for (int i = 0; i < n; i++) {
        double[] differences = new double[copies];
        for (int j = 0; j < copies; j++) {
          differences[j] = data.energies()[i] - noised.energies()[i * copies + j];
        }
        double total = logSumExp(Math.log(stability), differences);
        sum += total - Math.log(copies);
        double all = 0;
        for (int j = 0; j < copies; j++) {
          double part = Math.exp(differences[j] - total);
          all += part;
          noisedGradient[i * copies + j] = scaled(noised.scores()[i * copies + j], part / n);
        }
        dataGradient[i] = scaled(data.scores()[i], -all / n);
      }
      return LossValue.of(sum / n)
          .withGradient(ImageGroup.UNLABELED, dataGradient)
          .withGradient(ImageGroup.OWN, noisedGradient)
          .withMetric("energy_data", Arrays.stream(data.energies()).average().orElseThrow())
          .withMetric("energy_noised", Arrays.stream(noised.energies()).average().orElseThrow());
    }

    private static double logSumExp(double one, double[] others) {
      double largest = Math.max(one, Arrays.stream(others).max().orElseThrow());
      double sum = Math.exp(one - largest);
      for (double other : others) {
        sum += Math.exp(other - largest);
      }
      return largest + Math.log(sum);
    }

    private static double[] scaled(double[] score, double factor) {
      double[] result = new double[score.length];
      Arrays.setAll(result, c -> factor * score[c]);
      return result;
    }
  }
}
