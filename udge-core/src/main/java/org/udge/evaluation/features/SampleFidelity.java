package org.udge.evaluation.features;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.data.ImageSource;
import org.udge.internal.Checks;

/**
 * The similarity of generated images to real ones, measured on features of any network that the
 * caller chooses. It can rank generators evaluated with the same network; it is <em>not comparable
 * with published values</em>, which use a particular Inception network.
 *
 * @param kernelDistance KID: the unbiased squared maximum mean discrepancy with the kernel (a . b /
 *     d + 1)^3, d features (Bińkowski et al. 2018); lower is better, slightly below 0 where there
 *     is no difference. Unlike the Fréchet distance it does not decrease with the number of images
 * @param density the mean number of real images whose neighborhood contains a generated one,
 *     divided by k (Naeem et al. 2020); higher is better, about 1 for real images. Neighborhoods
 *     extend to the k-th nearest other real image
 * @param coverage the fraction of real images whose neighborhood contains a generated one (Naeem et
 *     al. 2020); 0 to 1, higher is better
 * @param real the number of real images
 * @param generated the number of generated images
 */
public record SampleFidelity(
    double kernelDistance, double density, double coverage, int real, int generated) {

  /** The number of neighbors with which density and coverage are published. */
  public static final int NEIGHBORS = 5;

  /**
   * Compares generated images with real ones.
   *
   * @param extractor computes the features; not retained
   * @param real real images; labels are not needed
   * @param generated batches of generated images, float32, [N, C, H, W]
   * @param k the number of neighbors, at least 1 and below the number of real images; published:
   *     {@value #NEIGHBORS}
   * @return the measures
   * @throws IllegalArgumentException if a set has fewer than 2 images, k is out of range, or a
   *     feature is not finite
   */
  public static SampleFidelity of(
      FeatureExtractor extractor, ImageSource real, Iterable<INDArray> generated, int k) {
    List<double[]> rows = new ArrayList<>();
    for (INDArray images : generated) {
      rows.addAll(Arrays.asList(extractor.features(images)));
    }
    return of(FeatureSet.of(extractor, real).rows(), rows.toArray(new double[0][]), k);
  }

  static SampleFidelity of(double[][] real, double[][] generated, int k) {
    checkArgument(
        real.length > 1 && generated.length > 1,
        "both sets must have at least 2 images, had %s and %s",
        real.length,
        generated.length);
    Checks.atLeast(1, "k", k);
    checkArgument(
        k < real.length, "k must be below the number of real images, %s, was %s", real.length, k);
    for (double[][] rows : new double[][][] {real, generated}) {
      for (double[] row : rows) {
        for (double value : row) {
          checkArgument(Double.isFinite(value), "features must be finite, one is %s", value);
        }
      }
    }
    long inside = 0;
    int covered = 0;
    double[] radii = radii(real, k);
    for (int r = 0; r < real.length; r++) {
      int near = 0;
      for (double[] row : generated) {
        near += Distances.squared(real[r], row) < radii[r] ? 1 : 0;
      }
      inside += near;
      covered += near > 0 ? 1 : 0;
    }
    return new SampleFidelity(
        within(real) + within(generated) - 2 * between(real, generated),
        (double) inside / k / generated.length,
        (double) covered / real.length,
        real.length,
        generated.length);
  }

  /** Computes the squared distances to the k-th nearest other row. */
  private static double[] radii(double[][] rows, int k) {
    double[] radii = new double[rows.length];
    for (int i = 0; i < rows.length; i++) {
      Distances.Smallest nearest = new Distances.Smallest(k);
      for (int j = 0; j < rows.length; j++) {
        if (j != i) {
          nearest.offer(Distances.squared(rows[i], rows[j]), j);
        }
      }
      radii[i] = nearest.limit();
    }
    return radii;
  }

  private static double kernel(double[] a, double[] b) {
    double base = Vectors.dot(a, b) / a.length + 1;
    return base * base * base;
  }

  /**
   * Computes the mean over pairs of different rows: including a row with itself would cause a bias.
   */
  private static double within(double[][] rows) {
    double sum = 0;
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < i; j++) {
        sum += 2 * kernel(rows[i], rows[j]);
      }
    }
    return sum / rows.length / (rows.length - 1);
  }

  private static double between(double[][] a, double[][] b) {
    double sum = 0;
    for (double[] one : a) {
      for (double[] other : b) {
        sum += kernel(one, other);
      }
    }
    return sum / a.length / b.length;
  }
}
