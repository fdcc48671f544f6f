package org.udge.sampling;

import static org.udge.internal.Preconditions.checkArgument;

import org.udge.data.ImageShape;
import org.udge.random.RandomStream;

/**
 * Every pixel uniform in [low, high), regardless of the class: the initialization of JEM and HDGE,
 * with bounds -1 and 1.
 *
 * @param low the lower bound
 * @param high the upper bound, above low
 */
public record UniformImages(double low, double high) implements InitialDistribution {

  /**
   * Checks the bounds.
   *
   * @param low the lower bound
   * @param high the upper bound, above low
   * @throws IllegalArgumentException if they are not finite and ascending
   */
  public UniformImages {
    checkArgument(
        low < high && Double.isFinite(low) && Double.isFinite(high),
        "bounds must be finite and ascending, were %s and %s",
        low,
        high);
  }

  /**
   * Returns the published distribution: uniform in [-1, 1).
   *
   * @return the distribution
   */
  public static UniformImages ofDefaults() {
    return new UniformImages(-1, 1);
  }

  @Override
  public float[] draw(ImageShape shape, int label, RandomStream random) {
    float[] pixels = new float[shape.size()];
    random.fillUniform(pixels, low, high);
    return pixels;
  }
}
