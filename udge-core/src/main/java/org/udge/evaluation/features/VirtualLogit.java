package org.udge.evaluation.features;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import org.udge.engine.Logits;
import org.udge.internal.Sorting;

/**
 * {@code vim}: logsumexp_y f[y] - alpha ||R' (h - o)||, where o = -W^+ b is the point at which all
 * logits are zero, R spans the complement of the D principal directions of the training features
 * (eigenvectors of the mean of (h - o)(h - o)'), and alpha is the mean largest logit of training
 * images divided by their mean ||R' (h - o)|| (Wang et al. 2022, "ViM: Out-of-distribution with
 * virtual-logit matching", equations 4 to 8). Needs no labels.
 *
 * <p>Alpha assumes that the size of logits reflects the content of images, as it does after
 * training with cross entropy; if training leaves an additive constant of the logits undetermined,
 * as energy-based terms do, use another score.
 *
 * <p>Immutable; as thread-safe as the extractor.
 */
public final class VirtualLogit extends FeatureScore {

  private final LinearHead head;
  private final double[] origin;

  /** The rows are the remaining directions. */
  private final double[][] residual;

  private final double alpha;

  private VirtualLogit(
      FeatureExtractor extractor,
      LinearHead head,
      double[] origin,
      double[][] residual,
      double alpha) {
    super("vim", extractor);
    this.head = head;
    this.origin = origin;
    this.residual = residual;
    this.alpha = alpha;
  }

  /**
   * Fits directions and scale, with half as many principal directions as features.
   *
   * @param training the features of training images; labels are not needed
   * @param head the last layer of the classifier that these features belong to
   * @return the score
   * @throws IllegalArgumentException as {@link #fit(TrainingFeatures, LinearHead, int)}
   */
  public static VirtualLogit fit(TrainingFeatures training, LinearHead head) {
    return fit(training, head, head.features() / 2);
  }

  /**
   * Fits directions and scale.
   *
   * @param training the features of training images; labels are not needed
   * @param head the last layer of the classifier that these features belong to
   * @param directions the number D of principal directions, 0 to the number of features - 1;
   *     published: 1000 of 2048, 512 of 768
   * @return the score
   * @throws IllegalArgumentException if D is out of range, head and features differ in size,
   *     nothing is left of the training features without D directions (too few images), or the mean
   *     largest logit of training images is not positive
   */
  public static VirtualLogit fit(TrainingFeatures training, LinearHead head, int directions) {
    int size = head.requireFor(training).features();
    checkArgument(
        directions >= 0 && directions < size,
        "main directions must be 0 to %s, one less than there are features, was %s",
        size - 1,
        directions);
    double[] origin = origin(head);
    double[][] residual = residual(training, origin, directions);
    double logits = 0;
    double norms = 0;
    double lengths = 0;
    for (double[] row : training.rows()) {
      double[] f = head.logits(row);
      logits += f[Vectors.argMax(f)];
      norms += length(residual, row, origin);
      lengths += Math.sqrt(Distances.squared(row, origin));
    }
    checkArgument(
        norms > 1e-9 * lengths,
        "%s main directions hold all of the features of %s images: give more images or fewer"
            + " directions",
        directions,
        training.images());
    checkArgument(
        logits > 0,
        "the mean largest logit of training images must be positive, was %s: this score does not fit"
            + " to this model",
        logits / training.images());
    return new VirtualLogit(training.extractor(), head, origin, residual, logits / norms);
  }

  /** Computes -W^+ b. */
  private static double[] origin(LinearHead head) {
    double[] negated = Arrays.stream(head.bias()).map(b -> -b).toArray();
    return new SingularValueDecomposition(new Array2DRowRealMatrix(head.weights()))
        .getSolver()
        .solve(new ArrayRealVector(negated, false))
        .toArray();
  }

  private static double[][] residual(TrainingFeatures training, double[] origin, int directions) {
    double[][] moment = Vectors.secondMoment(training.rows(), i -> origin);
    EigenDecomposition eigen = new EigenDecomposition(new Array2DRowRealMatrix(moment, false));
    double[] values = eigen.getRealEigenvalues();
    return Arrays.stream(Sorting.descending(values))
        .skip(directions)
        .mapToObj(i -> eigen.getEigenvector(i).toArray())
        .toArray(double[][]::new);
  }

  private static double length(double[][] residual, double[] row, double[] origin) {
    double[] v = Vectors.difference(row, origin);
    double sum = 0;
    for (double[] direction : residual) {
      double part = Vectors.dot(direction, v);
      sum += part * part;
    }
    return Math.sqrt(sum);
  }

  @Override
  double score(double... features) {
    double logSum = Logits.of(new double[][] {head.logits(features)}).logSumExp(0);
    return logSum - alpha * length(residual, features, origin);
  }
}
