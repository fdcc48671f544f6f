package org.udge.loss;

import static com.google.common.base.Preconditions.checkArgument;

/** Something that makes training with Langevin samples more stable. Immutable. */
public sealed interface Remedy {

  /**
   * Chains make more steps, so that samples are closer to what the model holds likely.
   *
   * @param factor of the number of steps, above 1; rounded up
   */
  record MoreSteps(double factor) implements Remedy {

    /**
     * Checks the factor.
     *
     * @param factor of the number of steps, above 1
     */
    public MoreSteps {
      checkArgument(
          factor > 1 && Double.isFinite(factor), "factor of steps must be above 1, was %s", factor);
    }

    @Override
    public String toString() {
      return "Langevin steps x " + factor;
    }
  }

  /**
   * The optimiser's learning rate falls, so that the model moves no faster than its chains follow.
   *
   * @param factor of the learning rate, in (0, 1)
   */
  record LowerRate(double factor) implements Remedy {

    /**
     * Checks the factor.
     *
     * @param factor of the learning rate, in (0, 1)
     */
    public LowerRate {
      checkArgument(
          factor > 0 && factor < 1,
          "factor of the learning rate must be in (0, 1), was %s",
          factor);
    }

    @Override
    public String toString() {
      return "learning rate x " + factor;
    }
  }

  /**
   * The term punishes large energies with at least this weight.
   *
   * @param weight of the mean squared energies, above 0
   */
  record EnergyPenalty(double weight) implements Remedy {

    /**
     * Checks the weight.
     *
     * @param weight of the mean squared energies, above 0
     */
    public EnergyPenalty {
      checkArgument(
          weight > 0 && Double.isFinite(weight), "weight must be above 0, was %s", weight);
    }

    @Override
    public String toString() {
      return "energy penalty " + weight;
    }
  }

  /**
   * Samples are kept within bounds.
   *
   * @param low least value of a pixel
   * @param high greatest value of a pixel, above low
   */
  record ClampSamples(double low, double high) implements Remedy {

    /**
     * Checks the bounds.
     *
     * @param low least value of a pixel
     * @param high greatest value of a pixel, above low
     */
    public ClampSamples {
      checkArgument(low < high, "bounds must be ascending, were %s and %s", low, high);
    }

    @Override
    public String toString() {
      return "samples clamped to [" + low + ", " + high + "]";
    }
  }

  /**
   * Each element of the gradient a chain follows is kept within [-limit, limit].
   *
   * @param limit above 0
   */
  record ClampGradients(double limit) implements Remedy {

    /**
     * Checks the limit.
     *
     * @param limit above 0
     */
    public ClampGradients {
      checkArgument(limit > 0, "limit must be above 0, was %s", limit);
    }

    @Override
    public String toString() {
      return "gradients of samples clamped to " + limit;
    }
  }
}
