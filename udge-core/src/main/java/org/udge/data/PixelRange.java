package org.udge.data;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Objects;

/**
 * The range of pixel values in a model's images. A model stores it, so that images in other units
 * (0 to 255, say) are detected.
 *
 * <p>Noise, attacks and samples exceed the range slightly, which is tolerated: a value counts as
 * outside only if it exceeds the range by more than a quarter of the range's width.
 *
 * @param low the least value
 * @param high the greatest value, above {@code low}
 */
public record PixelRange(double low, double high) {

  /** [-1, 1], the range of this library's images. */
  public static final PixelRange SIGNED = new PixelRange(-1, 1);

  /** [0, 1], a common range elsewhere. */
  public static final PixelRange UNIT = new PixelRange(0, 1);

  /**
   * Checks the ends.
   *
   * @param low the least value
   * @param high the greatest value
   * @throws IllegalArgumentException if one is not finite, or they are not ascending
   */
  public PixelRange {
    checkArgument(
        Double.isFinite(low) && Double.isFinite(high) && low < high,
        "the range of pixels must be finite and ascending, was %s to %s",
        low,
        high);
  }

  /**
   * Returns the distance by which a value may exceed the range without counting as outside.
   *
   * @return (high - low) / 4
   */
  public double margin() {
    return (high - low) / 4;
  }

  /**
   * Scales pixels in place from [-1, 1] to this range: x' = low + (x + 1) (high - low) / 2.
   *
   * @param pixels the array of pixels
   * @param from the index of the first pixel to scale
   * @param to the index after the last pixel to scale
   * @throws IndexOutOfBoundsException if the indices are out of the array's bounds
   */
  public void scale(float[] pixels, int from, int to) {
    Objects.checkFromToIndex(from, to, pixels.length);
    if (equals(SIGNED)) {
      return;
    }
    double half = (high - low) / 2;
    for (int i = from; i < to; i++) {
      pixels[i] = (float) (low + (pixels[i] + 1.0) * half);
    }
  }

  @Override
  public String toString() {
    return "[" + low + ", " + high + "]";
  }
}
