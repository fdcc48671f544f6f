package org.udge.random;

import static org.udge.internal.Preconditions.checkArgument;

import org.apache.commons.rng.RestorableUniformRandomProvider;
import org.apache.commons.rng.core.RandomProviderDefaultState;
import org.apache.commons.rng.sampling.distribution.SharedStateContinuousSampler;
import org.apache.commons.rng.sampling.distribution.ZigguratSampler;
import org.apache.commons.rng.simple.RandomSource;
import org.udge.state.State;
import org.udge.state.Stateful;

/**
 * A stream of random numbers whose state can be saved: xoshiro256++ (Blackman &amp; Vigna 2019),
 * with normal deviates by the modified ziggurat method (McFarland 2016).
 *
 * <p>Obtained from {@link RandomStreams}. Not thread-safe.
 */
public final class RandomStream implements Stateful {

  private final RestorableUniformRandomProvider generator;
  private final SharedStateContinuousSampler gaussian;

  RandomStream(byte[] seed) {
    generator = RandomSource.XO_SHI_RO_256_PP.create(seed);
    gaussian = ZigguratSampler.NormalizedGaussian.of(generator);
  }

  /**
   * Returns an integer, uniform in [0, bound).
   *
   * @param bound above 0
   * @return the number
   */
  public int nextInt(int bound) {
    return generator.nextInt(bound);
  }

  /**
   * Returns 64 random bits.
   *
   * @return the bits
   */
  public long nextLong() {
    return generator.nextLong();
  }

  /**
   * Returns true or false with equal probability.
   *
   * @return true or false
   */
  public boolean nextBoolean() {
    return generator.nextBoolean();
  }

  /**
   * Returns a number uniform in [0, 1).
   *
   * @return the number
   */
  public double nextDouble() {
    return generator.nextDouble();
  }

  /**
   * Returns a number uniform in [0, 1).
   *
   * @return the number
   */
  public float nextFloat() {
    return generator.nextFloat();
  }

  /**
   * Returns a standard normal deviate.
   *
   * @return the number
   */
  public double nextGaussian() {
    return gaussian.sample();
  }

  /**
   * Adds independent N(0, deviation^2) noise to an array.
   *
   * @param values modified in place
   * @param deviation the standard deviation, not negative; 0 changes neither the values nor the
   *     stream
   */
  public void addGaussian(float[] values, double deviation) {
    checkArgument(deviation >= 0, "deviation must not be negative, was %s", deviation);
    if (deviation == 0) {
      return;
    }
    float[] noise = new float[values.length];
    fillGaussian(noise);
    float scale = (float) deviation;
    for (int i = 0; i < values.length; i++) {
      values[i] += scale * noise[i];
    }
  }

  /**
   * Fills an array with standard normal deviates, faster than repeated calls of {@link
   * #nextGaussian()}, but with other numbers. Advances this stream by four numbers, regardless of
   * the length.
   *
   * @param values overwritten
   */
  public void fillGaussian(float[] values) {
    long[] seed = {nextLong(), nextLong(), nextLong(), nextLong()};
    Ziggurat.fill(seed, values, 0, values.length);
  }

  /**
   * Fills an array with numbers uniform in [low, high).
   *
   * @param values overwritten
   * @param low the lower bound
   * @param high the upper bound, above low
   */
  public void fillUniform(float[] values, double low, double high) {
    checkArgument(high > low, "bounds must be ascending, were %s and %s", low, high);
    double width = high - low;
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (low + width * generator.nextDouble());
    }
  }

  /**
   * Returns the numbers 0 to n - 1 in random order, where all orders are equally likely.
   *
   * @param n the number of elements, not negative
   * @return a new array
   */
  public int[] permutation(int n) {
    checkArgument(n >= 0, "n must not be negative, was %s", n);
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = generator.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  @Override
  public State captureState() {
    return State.builder()
        .put("generator", ((RandomProviderDefaultState) generator.saveState()).getState())
        .build();
  }

  @Override
  public void restoreState(State state) {
    try {
      generator.restoreState(new RandomProviderDefaultState(state.getBytes("generator")));
    } catch (IllegalStateException e) {
      throw new IllegalArgumentException("state is not of an xoshiro256++ generator", e);
    }
  }
}
