package org.udge.network;

/**
 * Instance normalization: statistics of each channel of each image, over height and width. Input
 * and output are [N, C, H, W]. Equivalent to PyTorch's {@code InstanceNorm2d(affine=True)}.
 * (Ulyanov et al. 2016, "Instance normalization", with scale and offset.)
 */
public final class InstanceNormalization extends SampleNormalization {

  private static final long serialVersionUID = 1;

  /** Creates a normalization with epsilon {@value SampleNormalization#DEFAULT_EPSILON}. */
  public InstanceNormalization() {
    this(DEFAULT_EPSILON);
  }

  /**
   * Creates a normalization with the given epsilon.
   *
   * @param epsilon the number added to variances, above 0
   * @throws IllegalArgumentException if epsilon is not above 0
   */
  public InstanceNormalization(double epsilon) {
    super(epsilon);
  }

  @Override
  int[] statisticsAxes() {
    return new int[] {2, 3};
  }
}
