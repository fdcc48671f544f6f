package org.udge.sampling;

import static java.util.Objects.requireNonNull;

import org.udge.random.RandomStream;

/**
 * The source of a sampler's randomness. Called in order of steps, and within a step in order of
 * chains, by one thread.
 */
public interface NoiseSource {

  /**
   * Generates the standard normal noise of one step of a chain.
   *
   * @param step from 0
   * @param chain from 0
   * @param values overwritten, one number per pixel
   */
  void fillGaussian(int step, int chain, float[] values);

  /**
   * Returns a number, uniform in [0, 1), that decides whether a proposal is accepted. Used only
   * with {@link Langevin#withMetropolis}.
   *
   * @param step from 0
   * @param chain from 0
   * @return the number
   */
  double uniform(int step, int chain);

  /**
   * Returns noise from a stream.
   *
   * @param random advanced by use
   * @return the noise source
   */
  static NoiseSource of(RandomStream random) {
    requireNonNull(random);
    return new NoiseSource() {
      @Override
      public void fillGaussian(int step, int chain, float[] values) {
        random.fillGaussian(values);
      }

      @Override
      public double uniform(int step, int chain) {
        return random.nextDouble();
      }
    };
  }
}
