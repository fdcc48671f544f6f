package org.udge.network;

/**
 * Layer normalization of images: statistics of each image, over channels, height and width; scale
 * and offset per channel. Input and output are [N, C, H, W]. Equivalent to PyTorch's {@code
 * GroupNorm(1, C)}. (Ba et al. 2016, "Layer normalization"; Wu &amp; He 2018, "Group
 * normalization", with one group.)
 */
public final class LayerNormalization extends SampleNormalization {

  private static final long serialVersionUID = 1;

  /** Creates a normalization with epsilon {@value SampleNormalization#DEFAULT_EPSILON}. */
  public LayerNormalization() {
    this(DEFAULT_EPSILON);
  }

  /**
   * Creates a normalization with the given epsilon.
   *
   * @param epsilon the number added to variances, above 0
   * @throws IllegalArgumentException if epsilon is not above 0
   */
  public LayerNormalization(double epsilon) {
    super(epsilon);
  }

  @Override
  int[] statisticsAxes() {
    return new int[] {1, 2, 3};
  }
}
