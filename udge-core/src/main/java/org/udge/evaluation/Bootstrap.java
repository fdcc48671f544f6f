package org.udge.evaluation;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import org.udge.internal.Checks;
import org.udge.internal.Sorting;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/**
 * Percentile bootstrap over images (Efron &amp; Tibshirani 1993, chapter 13): the variation of a
 * metric over other test sets of the same size. It does not cover the variation over training runs,
 * for which see {@link Summary}.
 *
 * <p>Immutable and thread-safe; the same streams always draw the same samples.
 *
 * @param streams the source of randomness
 * @param resamples the number of resamples; default 1000
 * @param level the coverage of the interval; default 0.95
 */
public record Bootstrap(RandomStreams streams, int resamples, double level) {

  /**
   * Checks the settings.
   *
   * @param streams the source of randomness
   * @param resamples the number of resamples, at least 2
   * @param level the coverage of the interval, above 0 and below 1
   * @throws IllegalArgumentException if a number is out of range
   */
  public Bootstrap {
    requireNonNull(streams);
    Checks.atLeast(2, "resamples", resamples);
    Checks.probability("level", level);
  }

  /**
   * Returns a bootstrap with 1000 resamples and 95 % coverage.
   *
   * @param streams the source of randomness
   * @return the bootstrap
   */
  public static Bootstrap of(RandomStreams streams) {
    return new Bootstrap(streams, 1000, 0.95);
  }

  /**
   * Returns a copy with another number of resamples.
   *
   * @param count the number of resamples, at least 2; default 1000
   * @return a copy
   * @throws IllegalArgumentException if it is below 2
   */
  public Bootstrap withResamples(int count) {
    return new Bootstrap(streams, count, level);
  }

  /**
   * Returns a copy with another coverage.
   *
   * @param coverage the coverage, above 0 and below 1; default 0.95
   * @return a copy
   * @throws IllegalArgumentException if it is out of range
   */
  public Bootstrap withLevel(double coverage) {
    return new Bootstrap(streams, resamples, coverage);
  }

  /**
   * Computes the interval of a mean over images: accuracy from ones and zeros, negative
   * log-likelihood, ...
   *
   * @param values one number per image
   * @return the interval
   * @throws IllegalArgumentException if there is no value, or one is NaN
   */
  public ConfidenceInterval mean(double... values) {
    Checks.scores("bootstrapped", values);
    return interval(
        values.length,
        indices -> Arrays.stream(indices).mapToDouble(i -> values[i]).sum() / indices.length);
  }

  /**
   * Computes the interval of any function of two sets of numbers, for example {@code
   * DetectionMetrics::auroc} of in-distribution and out-of-distribution scores; both sets are
   * resampled.
   *
   * @param first the numbers of one set, at least one
   * @param second the numbers of the other set, at least one
   * @param metric computes the number from both
   * @return the interval
   * @throws IllegalArgumentException if a set is empty or a number is NaN
   */
  public ConfidenceInterval interval(
      double[] first, double[] second, ToDoubleBiFunction<double[], double[]> metric) {
    Checks.scores("bootstrapped", first);
    Checks.scores("bootstrapped", second);
    RandomStream random = streams.stream("bootstrap");
    return percentiles(
        metric.applyAsDouble(first, second),
        i ->
            metric.applyAsDouble(
                pick(first, sample(random, first.length)),
                pick(second, sample(random, second.length))));
  }

  /**
   * Computes the interval of any function of a set of images.
   *
   * @param images the number of images, at least 1
   * @param metric computes the number from the indices of images, which may repeat
   * @return the interval
   * @throws IllegalArgumentException if there is no image
   */
  public ConfidenceInterval interval(int images, ToDoubleFunction<int[]> metric) {
    Checks.atLeast(1, "images", images);
    int[] all = new int[images];
    Arrays.setAll(all, i -> i);
    RandomStream random = streams.stream("bootstrap");
    return percentiles(
        metric.applyAsDouble(all), i -> metric.applyAsDouble(sample(random, images)));
  }

  private ConfidenceInterval percentiles(double estimate, IntToDoubleFunction draw) {
    double[] draws = new double[resamples];
    for (int i = 0; i < resamples; i++) {
      draws[i] = draw.applyAsDouble(i);
    }
    Arrays.sort(draws);
    double tail = (1 - level) / 2;
    return new ConfidenceInterval(
        estimate,
        Sorting.quantile(draws, tail),
        Sorting.quantile(draws, 1 - tail),
        level,
        resamples);
  }

  private static int[] sample(RandomStream random, int size) {
    int[] indices = new int[size];
    for (int i = 0; i < size; i++) {
      indices[i] = random.nextInt(size);
    }
    return indices;
  }

  private static double[] pick(double[] values, int[] indices) {
    double[] picked = new double[indices.length];
    for (int i = 0; i < picked.length; i++) {
      picked[i] = values[indices[i]];
    }
    return picked;
  }
}
