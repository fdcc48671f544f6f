package org.udge.network;

import static org.udge.internal.Preconditions.checkArgument;

import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.udge.network.ChannelParameters.Parameter;

/**
 * A normalization by the statistics of each image alone: y = gamma (x - mean) / sqrt(variance +
 * epsilon) + beta, with gamma and beta per channel; the variance is the sum of squared deviations
 * divided by the count.
 *
 * <p>Training and evaluation are identical. For thread-safety, see {@link ChannelNormalization}.
 */
public abstract class SampleNormalization extends ChannelNormalization {

  /** The key of the scale, C numbers, initially 1. */
  public static final String GAMMA = "gamma";

  /** The key of the offset, C numbers, initially 0. */
  public static final String BETA = "beta";

  /** The default number added to variances: 1e-5. */
  public static final double DEFAULT_EPSILON = 1e-5;

  private static final long serialVersionUID = 1;

  private static final ParamInitializer PARAMETERS =
      new ChannelParameters(new Parameter(GAMMA, true, 1), new Parameter(BETA, true, 0));

  /** The number added to variances. */
  private double epsilon;

  SampleNormalization(double epsilon) {
    checkArgument(epsilon > 0, "epsilon must be above 0, was %s", epsilon);
    this.epsilon = epsilon;
  }

  /**
   * Returns the number added to variances.
   *
   * @return the epsilon, above 0
   */
  public double getEpsilon() {
    return epsilon;
  }

  /** Returns the axes of [N, C, H, W] over which mean and variance are computed. */
  abstract int[] statisticsAxes();

  @Override
  public ParamInitializer initializer() {
    return PARAMETERS;
  }

  @Override
  org.deeplearning4j.nn.layers.BaseLayer<?> layer(
      NeuralNetConfiguration configuration, DataType type) {
    return new SampleNormalizationLayer(configuration, type);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SampleNormalization that
        && super.equals(other)
        && epsilon == that.epsilon;
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + Double.hashCode(epsilon);
  }
}
