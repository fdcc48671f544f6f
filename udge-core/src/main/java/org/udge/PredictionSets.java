package org.udge;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.udge.internal.Checks;
import org.udge.internal.Sorting;

/**
 * Conformal prediction: instead of one class, a set of classes that contains the true one with a
 * chosen probability, for any network, as long as images are exchangeable with those it was fitted
 * on (Vovk et al. 2005; Angelopoulos &amp; Bates 2023). Sets are fitted by {@code ConformalSets} of
 * {@code org.udge.evaluation.calibration}.
 *
 * <p>A class is in the set if its nonconformity is at most the threshold. The most probable class
 * is always included. Sets are computed from the model's probabilities after its calibration,
 * without randomization, so coverage may exceed the requested one.
 *
 * <p>Immutable and thread-safe.
 */
public final class PredictionSets {

  /** The definition of a class's nonconformity. */
  public enum Method {
    /** 1 - p(y|x): the smallest sets on average (Sadinle et al. 2019). */
    SPLIT,
    /**
     * The sum of the probabilities of all classes that are no less probable (Romano et al. 2020,
     * APS): larger sets for harder images.
     */
    APS,
    /**
     * Like APS, plus a penalty for each class beyond the first few (Angelopoulos et al. 2021,
     * RAPS): smaller sets where there are many classes.
     */
    RAPS
  }

  private final Method method;
  private final double coverage;
  private final double penalty;
  private final int free;
  private final double[] thresholds;

  private PredictionSets(
      Method method, double coverage, double penalty, int free, double[] thresholds) {
    this.method = method;
    this.coverage = coverage;
    this.penalty = penalty;
    this.free = free;
    this.thresholds = thresholds;
  }

  /**
   * Returns sets with thresholds that were determined elsewhere.
   *
   * @param method the definition of nonconformity
   * @param coverage the requested coverage, above 0 and below 1
   * @param penalty the penalty of RAPS per class beyond the free ones, not negative; 0 for other
   *     methods
   * @param free the number of classes without penalty, not negative
   * @param thresholds one for all classes or one per class; an infinite threshold puts the class in
   *     every set
   * @return the sets
   * @throws IllegalArgumentException if a number is out of range or there is no threshold
   */
  public static PredictionSets of(
      Method method, double coverage, double penalty, int free, double... thresholds) {
    Checks.probability("coverage", coverage);
    Checks.notNegative("penalty", penalty);
    Checks.atLeast(0, "free classes", free);
    checkArgument(
        method == Method.RAPS || penalty == 0, "penalty is for RAPS, method is %s", method);
    checkArgument(
        thresholds.length > 0 && Arrays.stream(thresholds).noneMatch(Double::isNaN),
        "there must be a threshold, and none may be NaN: %s",
        Arrays.toString(thresholds));
    return new PredictionSets(method, coverage, penalty, free, thresholds.clone());
  }

  /**
   * Returns the definition of nonconformity.
   *
   * @return the method
   */
  public Method method() {
    return method;
  }

  /**
   * Returns the requested coverage: the probability that the set contains the true class.
   *
   * @return the coverage, above 0 and below 1
   */
  public double coverage() {
    return coverage;
  }

  /**
   * Returns the penalty of RAPS.
   *
   * @return the penalty per class beyond the free ones
   */
  public double penalty() {
    return penalty;
  }

  /**
   * Returns the number of classes without penalty.
   *
   * @return the number of free classes
   */
  public int free() {
    return free;
  }

  /**
   * Returns the thresholds.
   *
   * @return one for all classes or one per class; a copy
   */
  public double[] thresholds() {
    return thresholds.clone();
  }

  /**
   * Computes the nonconformity of each class.
   *
   * @param probabilities p(y|x), one per class
   * @return a new array, one number per class, higher where the class conforms less
   */
  public double[] nonconformity(double... probabilities) {
    return nonconformity(Sorting.descending(probabilities), probabilities);
  }

  private double[] nonconformity(int[] ranked, double... probabilities) {
    double[] result = new double[probabilities.length];
    if (method == Method.SPLIT) {
      Arrays.setAll(result, c -> 1 - probabilities[c]);
      return result;
    }
    double sum = 0;
    int rank = 0;
    for (int c : ranked) {
      sum += probabilities[c];
      rank++;
      result[c] = sum + penalty * Math.max(0, rank - free);
    }
    return result;
  }

  /**
   * Returns the prediction set of an image: the classes that may be the true one.
   *
   * @param probabilities p(y|x), one per class
   * @return class indices, the most probable first; at least one
   * @throws IllegalArgumentException if there are thresholds per class, for another number of
   *     classes
   */
  public List<Integer> set(double... probabilities) {
    checkClasses(probabilities.length);
    int[] ranked = Sorting.descending(probabilities);
    double[] nonconformity = nonconformity(ranked, probabilities);
    List<Integer> set = new ArrayList<>();
    for (int c : ranked) {
      if (set.isEmpty() || nonconformity[c] <= thresholds[thresholds.length == 1 ? 0 : c]) {
        set.add(c);
      }
    }
    return List.copyOf(set);
  }

  /** Refuses a number of classes other than that of the thresholds. */
  void checkClasses(int classes) {
    checkArgument(
        thresholds.length == 1 || thresholds.length == classes,
        "prediction sets are for %s classes, there are %s",
        thresholds.length,
        classes);
  }

  /** Checks the sets of a model, if it has any. */
  static void check(Optional<PredictionSets> sets, int classes) {
    sets.ifPresent(found -> found.checkClasses(classes));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PredictionSets that
        && method == that.method
        && Double.compare(coverage, that.coverage) == 0
        && Double.compare(penalty, that.penalty) == 0
        && free == that.free
        && Arrays.equals(thresholds, that.thresholds);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(thresholds) + method.hashCode() + Double.hashCode(coverage);
  }

  @Override
  public String toString() {
    return "PredictionSets["
        + method
        + ", coverage="
        + coverage
        + (method == Method.RAPS ? ", penalty=" + penalty + " after " + free : "")
        + ", thresholds="
        + Arrays.toString(thresholds)
        + "]";
  }
}
