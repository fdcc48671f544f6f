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
 * {@code vim}: logsumexp_y f[y] - alpha ||R' (h - o)||, where o = -W^+ b is where all logits are
 * zero, R spans what is left of the features when the D main directions of the training features
 * (eigenvectors of the mean of (h - o)(h - o)') are taken out, and alpha is the mean largest logit
 * of training images over their mean ||R' (h - o)|| (Wang et al. 2022, "ViM: Out-of-distribution
 * with virtual-logit matching", equations 4 to 8). Needs no labels.
 *
 * <p>Alpha supposes that logits are large because of what is seen, as cross entropy makes them;
 * where training leaves a constant in all of them free, as energy-based terms do, judge by another
 * score.
 *
 * <p>Immutable and thread-safe as far as the extractor is.
 */
public final class VirtualLogit extends FeatureScore {

  private final LinearHead head;
  private final double[] origin;

  /** Rows are the directions left. */
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
   * Learns directions and scale, with half as many main directions as features.
   *
   * @param training features of training images; labels are not needed
   * @param head of the classifier these are the features of
   * @return the score
   * @throws IllegalArgumentException as {@link #fit(TrainingFeatures, LinearHead, int)}
   */
  public static VirtualLogit fit(TrainingFeatures training, LinearHead head) {
    return fit(training, head, head.features() / 2);
  }

  /**
   * Learns directions and scale.
   *
   * @param training features of training images; labels are not needed
   * @param head of the classifier these are the features of
   * @param directions D, 0 to the number of features - 1; published: 1000 of 2048, 512 of 768
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

  /** -W^+ b. */
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
