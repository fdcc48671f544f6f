package org.udge.network;

import static org.udge.internal.Preconditions.checkArgument;

import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.udge.network.ChannelParameters.Parameter;

/**
 * A normalization by statistics of each image alone: y = gamma (x - mean) / sqrt(variance +
 * epsilon) + beta, gamma and beta per channel, the variance divided by the count.
 *
 * <p>Training and evaluation do the same. See {@link ChannelNormalization} on thread-safety.
 */
public abstract class SampleNormalization extends ChannelNormalization {

  /** Key of the scale, C numbers, at first 1. */
  public static final String GAMMA = "gamma";

  /** Key of the offset, C numbers, at first 0. */
  public static final String BETA = "beta";

  /** What is added to variances unless told otherwise: 1e-5. */
  public static final double DEFAULT_EPSILON = 1e-5;

  private static final long serialVersionUID = 1;

  private static final ParamInitializer PARAMETERS =
      new ChannelParameters(new Parameter(GAMMA, true, 1), new Parameter(BETA, true, 0));

  /** Added to variances. */
  private double epsilon;

  SampleNormalization(double epsilon) {
    checkArgument(epsilon > 0, "epsilon must be above 0, was %s", epsilon);
    this.epsilon = epsilon;
  }

  /**
   * What is added to variances.
   *
   * @return above 0
   */
  public double getEpsilon() {
    return epsilon;
  }

  /** The axes of [N, C, H, W] that mean and variance are taken over. */
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
