package org.udge;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.udge.internal.Checks;
import org.udge.internal.Sorting;

/**
 * Conformal prediction: instead of one class, a set of classes that holds the true one with a
 * chosen probability, whatever the network, as long as images are like those it was fitted on (Vovk
 * et al. 2005; Angelopoulos &amp; Bates 2023). Fitting is in {@code ConformalSets} of {@code
 * org.udge.evaluation.calibration}.
 *
 * <p>A class is in the set if its nonconformity is at most the threshold. The most probable class
 * is always in it. Sets are of probabilities as the model gives them, after its calibration;
 * nothing is random, so that coverage may exceed what was asked for.
 *
 * <p>Immutable and thread-safe.
 */
public final class PredictionSets {

  /** What the nonconformity of a class is. */
  public enum Method {
    /** 1 - p(y|x): smallest sets on average (Sadinle et al. 2019). */
    SPLIT,
    /**
     * Sum of the probabilities of all classes that are no less probable (Romano et al. 2020, APS):
     * larger sets for harder images.
     */
    APS,
    /**
     * As APS, and a penalty for each class beyond the first few (Angelopoulos et al. 2021, RAPS):
     * smaller sets where there are many classes.
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
   * Sets with thresholds that were found elsewhere.
   *
   * @param method what the nonconformity is
   * @param coverage what was asked for, above 0 and below 1
   * @param penalty of RAPS for each class beyond the free ones, not negative; 0 for other methods
   * @param free classes without penalty, not negative
   * @param thresholds one for all classes or one for each; infinite: a class is in every set
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
   * What a class is in the set by.
   *
   * @return the method
   */
  public Method method() {
    return method;
  }

  /**
   * The share of images whose true class is to be in the set.
   *
   * @return above 0 and below 1
   */
  public double coverage() {
    return coverage;
  }

  /**
   * The penalty of RAPS.
   *
   * @return for each class beyond the free ones
   */
  public double penalty() {
    return penalty;
  }

  /**
   * Classes without penalty.
   *
   * @return how many
   */
  public int free() {
    return free;
  }

  /**
   * The thresholds.
   *
   * @return one for all classes or one for each; a copy
   */
  public double[] thresholds() {
    return thresholds.clone();
  }

  /**
   * Nonconformity of each class.
   *
   * @param probabilities p(y|x), one for each class
   * @return a new number for each class, higher where it fits less
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
   * The classes that may be the true one.
   *
   * @param probabilities p(y|x), one for each class
   * @return class indices, the most probable first; at least one
   * @throws IllegalArgumentException if there is a threshold for each of another number of classes
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

  /** Refuses another number of classes than there are thresholds for. */
  void checkClasses(int classes) {
    checkArgument(
        thresholds.length == 1 || thresholds.length == classes,
        "prediction sets are for %s classes, there are %s",
        thresholds.length,
        classes);
  }

  /** Of sets that a model may keep or not. */
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
