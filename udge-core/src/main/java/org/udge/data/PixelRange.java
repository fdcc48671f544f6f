package org.udge.data;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Objects;

/**
 * The range of the numbers in a model's images. A model keeps it, so that images in other units (0
 * to 255, say) are noticed.
 *
 * <p>Noise, attacks and samples leave the range of images a little, and are not meant: a number
 * counts as outside when it is further away than a quarter of the range's width.
 *
 * @param low least number
 * @param high greatest number, above {@code low}
 */
public record PixelRange(double low, double high) {

  /** [-1, 1], the range of this library's images. */
  public static final PixelRange SIGNED = new PixelRange(-1, 1);

  /** [0, 1], a common range elsewhere. */
  public static final PixelRange UNIT = new PixelRange(0, 1);

  /**
   * Checks the ends.
   *
   * @param low least number
   * @param high greatest number
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
   * How far outside a number may be without being counted as outside.
   *
   * @return (high - low) / 4
   */
  public double margin() {
    return (high - low) / 4;
  }

  /**
   * Scales pixels in place from [-1, 1] to this range: x' = low + (x + 1) (high - low) / 2.
   *
   * @param pixels some of which are scaled
   * @param from the first of them
   * @param to one past the last
   * @throws IndexOutOfBoundsException if they are not all in the array
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
