package org.udge.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ZigguratTest {

  private static final int COUNT = 8_000_000;

  private static float[] draw(int count, String name) {
    float[] values = new float[count];
    RandomStreams.of(5).stream(name).fillGaussian(values);
    return values;
  }

  /** P(|Z| > z), to nine digits. */
  private static final double[][] TAILS = {
    {0.5, 0.617075077},
    {1, 0.317310508},
    {2, 0.0455002639},
    {3, 0.00269979606},
    {3.654152885361009, 0.000258021},
    {4, 6.33424837e-5},
    {4.5, 6.79534625e-6}
  };

  @Test
  void has_the_moments_of_a_standard_normal_deviate() {
    double[] sums = new double[7];
    for (float value : draw(COUNT, "moments")) {
      double power = 1;
      for (int k = 1; k < sums.length; k++) {
        power *= value;
        sums[k] += power;
      }
    }
    // E z^k, and five standard errors sqrt((E z^2k - (E z^k)^2) / n)
    double[] expected = {1, 0, 1, 0, 3, 0, 15};
    double[] variances = {0, 1, 2, 15, 96, 945, 10_170};
    for (int k = 1; k < sums.length; k++) {
      assertThat(sums[k] / COUNT)
          .as("moment %s", k)
          .isCloseTo(expected[k], within(5 * Math.sqrt(variances[k] / COUNT)));
    }
  }

  @Test
  void has_the_tails_of_a_standard_normal_deviate() {
    float[] values = draw(COUNT, "tails");
    for (double[] tail : TAILS) {
      long beyond = 0;
      for (float value : values) {
        beyond += Math.abs(value) > tail[0] ? 1 : 0;
      }
      double expected = COUNT * tail[1];
      assertThat((double) beyond)
          .as("beyond %s", tail[0])
          .isCloseTo(expected, within(5 * Math.sqrt(expected)));
    }
  }

  @Test
  void fits_the_normal_distribution_in_200_bins() {
    int bins = 200;
    long[] counts = new long[bins];
    for (float value : draw(COUNT, "bins")) {
      counts[Math.min(bins - 1, (int) (bins * cumulative(value)))]++;
    }
    double chiSquare = 0;
    double expected = (double) COUNT / bins;
    for (long count : counts) {
      chiSquare += (count - expected) * (count - expected) / expected;
    }
    // 199 degrees of freedom: mean 199, standard deviation 20
    assertThat(chiSquare).isBetween(199 - 5 * 20.0, 199 + 5 * 20.0);
  }

  /** Abramowitz &amp; Stegun 26.2.17 has 1e-7, too little for 8 million draws; this has 1e-15. */
  private static double cumulative(double z) {
    if (z > 0) {
      return 1 - cumulative(-z);
    }
    if (z < -6) {
      return 0;
    }
    double term = z;
    double sum = z;
    for (int k = 1; Math.abs(term) > 1e-17; k++) {
      term *= z * z / (2 * k + 1);
      sum += term;
    }
    return 0.5 + sum * Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  }

  @Test
  void neighbors_are_independent() {
    float[] values = draw(COUNT, "neighbors");
    for (int lag = 1; lag <= 4; lag++) {
      double product = 0;
      double squares = 0;
      for (int i = lag; i < values.length; i++) {
        double a = values[i];
        double b = values[i - lag];
        product += a * b;
        squares += (a * a - 1) * (b * b - 1);
      }
      double error = 5 / Math.sqrt(COUNT);
      assertThat(product / COUNT).as("lag %s", lag).isCloseTo(0, within(error));
      assertThat(squares / COUNT).as("squares, lag %s", lag).isCloseTo(0, within(2 * error));
    }
  }

  @Test
  void same_seed_gives_the_same_numbers_and_streams_differ() {
    assertThat(draw(101, "a")).isEqualTo(draw(101, "a"));
    assertThat(draw(101, "a")).isNotEqualTo(draw(101, "b"));
  }

  @Test
  void a_shorter_array_gets_the_same_first_numbers() {
    float[] odd = draw(7, "a");
    assertThat(odd).isEqualTo(java.util.Arrays.copyOf(draw(8, "a"), 7));
  }

  @Test
  void a_restored_stream_goes_on_alike() {
    RandomStream stream = RandomStreams.of(1).stream("noise");
    stream.fillGaussian(new float[5]);
    var state = stream.captureState();
    float[] first = new float[9];
    stream.fillGaussian(first);
    float[] again = new float[9];
    stream.restoreState(state);
    stream.fillGaussian(again);
    assertThat(again).isEqualTo(first);
  }

  @Test
  void added_noise_has_the_given_deviation() {
    float[] values = new float[100_000];
    java.util.Arrays.fill(values, 3);
    RandomStreams.of(1).stream("noise").addGaussian(values, 0.5);
    double sum = 0;
    double squares = 0;
    for (float value : values) {
      sum += value;
      squares += (value - 3) * (value - 3);
    }
    assertThat(sum / values.length).isCloseTo(3, within(0.01));
    assertThat(squares / values.length).isCloseTo(0.25, within(0.006));
  }
}
