package org.udge.evaluation.calibration;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.udge.Calibration;
import org.udge.PredictionSets;
import org.udge.PredictionSets.Method;
import org.udge.engine.Logits;
import org.udge.evaluation.LabeledLogits;
import org.udge.internal.Checks;
import org.udge.internal.DoubleList;

/**
 * Fits {@link PredictionSets} on held-out images: split conformal prediction. With n images and
 * coverage c the threshold is the ceil((n + 1) c)-th smallest nonconformity of their true classes;
 * if n is too small for that, every class is in the set. Then P(true class in set) &ge; c over the
 * choice of held-out and new images, as long as these are exchangeable (Vovk et al. 2005; Lei et
 * al. 2018).
 *
 * <p>Use images that neither training nor the calibration has seen. The default method is APS.
 *
 * <pre>{@code
 * LabeledLogits heldOut = LabeledLogits.of(model, validation);
 * PredictionSets sets = ConformalSets.ofCoverage(0.9).fit(heldOut, model.calibration());
 * EnergyScorer scorer = EnergyScorer.of(model.withPredictionSets(sets));
 * scorer.score(images).forEach(image -> System.out.println(image.predictionSet().orElseThrow()));
 * }</pre>
 *
 * <p>Immutable and thread-safe.
 */
public final class ConformalSets {

  private final double coverage;
  private final Method method;
  private final double penalty;
  private final int free;
  private final boolean byClass;

  private ConformalSets(double coverage, Method method, double penalty, int free, boolean byClass) {
    this.coverage = coverage;
    this.method = method;
    this.penalty = penalty;
    this.free = free;
    this.byClass = byClass;
  }

  /**
   * Returns settings for APS with one threshold for all classes.
   *
   * @param share the coverage, the fraction of images whose true class should be in the set, above
   *     0 and below 1
   * @return the settings
   * @throws IllegalArgumentException if the coverage is out of range
   */
  public static ConformalSets ofCoverage(double share) {
    return new ConformalSets(Checks.probability("coverage", share), Method.APS, 0, 0, false);
  }

  /**
   * Returns a copy with another definition of nonconformity.
   *
   * @param other the method; default APS; RAPS has a penalty of 0.01 for each class after the
   *     fifth, see {@link #withPenalty}
   * @return a copy
   */
  public ConformalSets withMethod(Method other) {
    boolean penalized = other == Method.RAPS;
    return new ConformalSets(coverage, other, penalized ? 0.01 : 0, penalized ? 5 : 0, byClass);
  }

  /**
   * Returns a copy for RAPS with a penalty.
   *
   * @param each the penalty for each class beyond the free ones, not negative; published: 0.01
   * @param without the number of classes without penalty, not negative; published: 5
   * @return a copy
   * @throws IllegalArgumentException if a number is negative
   */
  public ConformalSets withPenalty(double each, int without) {
    return new ConformalSets(
        coverage,
        Method.RAPS,
        Checks.notNegative("penalty", each),
        Checks.atLeast(0, "free classes", without),
        byClass);
  }

  /**
   * Returns a copy with a threshold per class, so that coverage holds for each class (Vovk 2012,
   * Mondrian); requires at least 1 / (1 - coverage) images per class. A class with fewer images is
   * in every set.
   *
   * @param each whether each class has its own threshold; default false
   * @return a copy
   */
  public ConformalSets withThresholdOfEachClass(boolean each) {
    return new ConformalSets(coverage, method, penalty, free, each);
  }

  /**
   * Fits the thresholds.
   *
   * @param heldOut the uncalibrated logits and labels of held-out images
   * @param calibration the model's calibration, which is applied to logits first; may be empty
   * @return the sets, for probabilities after that calibration
   */
  public PredictionSets fit(LabeledLogits heldOut, Optional<Calibration> calibration) {
    Logits logits = calibration.map(c -> c.apply(heldOut.logits())).orElseGet(heldOut::logits);
    PredictionSets open =
        PredictionSets.of(method, coverage, penalty, free, Double.POSITIVE_INFINITY);
    DoubleList[] scores = new DoubleList[byClass ? logits.classes() : 1];
    Arrays.setAll(scores, c -> new DoubleList());
    for (int i = 0; i < heldOut.size(); i++) {
      int label = heldOut.label(i);
      scores[byClass ? label : 0].add(open.nonconformity(logits.probabilities(i))[label]);
    }
    double[] thresholds = Arrays.stream(scores).mapToDouble(s -> quantile(s.toArray())).toArray();
    return PredictionSets.of(method, coverage, penalty, free, thresholds);
  }

  private double quantile(double... scores) {
    // The product of whole numbers may be slightly rounded up.
    int rank = (int) Math.ceil((scores.length + 1) * coverage - 1e-12);
    if (rank > scores.length) {
      return Double.POSITIVE_INFINITY;
    }
    checkArgument(rank > 0, "rank must be positive, was %s", rank);
    Arrays.sort(scores);
    return scores[rank - 1];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConformalSets that
        && coverage == that.coverage
        && method == that.method
        && penalty == that.penalty
        && free == that.free
        && byClass == that.byClass;
  }

  @Override
  public int hashCode() {
    return Objects.hash(coverage, method, penalty, free, byClass);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "ConformalSets[%s, coverage=%s, penalty=%s after %s, by class=%s]",
        method,
        coverage,
        penalty,
        free,
        byClass);
  }
}
