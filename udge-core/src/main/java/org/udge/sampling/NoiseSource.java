package org.udge.sampling;

import static java.util.Objects.requireNonNull;

import org.udge.random.RandomStream;

/**
 * Where a sampler's randomness comes from. Called in order of steps, and within a step in order of
 * chains, by one thread.
 */
public interface NoiseSource {

  /**
   * Standard normal noise of one chain's step.
   *
   * @param step from 0
   * @param chain from 0
   * @param values overwritten, one number per pixel
   */
  void fillGaussian(int step, int chain, float[] values);

  /**
   * A number uniform in [0, 1) that decides whether a proposal is accepted. Asked for with {@link
   * Langevin#withMetropolis} only.
   *
   * @param step from 0
   * @param chain from 0
   * @return the number
   */
  double uniform(int step, int chain);

  /**
   * Noise from a stream.
   *
   * @param random advanced by use
   * @return the noise
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
