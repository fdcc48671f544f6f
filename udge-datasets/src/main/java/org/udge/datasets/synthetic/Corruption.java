package org.udge.datasets.synthetic;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.udge.data.ImageShape;
import org.udge.random.RandomStream;

/**
 * Common image corruptions, of the kinds and in the five severities of CIFAR-10-C, implemented
 * independently: figures are comparable among models evaluated with this library, not with
 * published ones. Pixels below are on the scale from 0 to 1; results are clipped to it.
 *
 * <p>Source of the idea: <a href="https://arxiv.org/abs/1903.12261">Hendrycks and Dietterich 2019,
 * Benchmarking Neural Network Robustness to Common Corruptions and Perturbations</a>.
 */
public enum Corruption {
  /** x + N(0, s^2), s = .04 .06 .08 .09 .10. */
  GAUSSIAN_NOISE(.04, .06, .08, .09, .10),
  /** x + sqrt(x / s) N(0, 1), the noise of counting s x photons: s = 500 250 100 75 50. */
  SHOT_NOISE(500, 250, 100, 75, 50),
  /** A share s of the values becomes 0 or 1: s = .01 .02 .03 .05 .07. */
  IMPULSE_NOISE(.01, .02, .03, .05, .07),
  /** x + x N(0, s^2), s = .06 .1 .12 .16 .2. */
  SPECKLE_NOISE(.06, .1, .12, .16, .2),
  /** Convolution with a Gaussian of standard deviation s pixels, s = .4 .6 .7 .8 1. */
  GAUSSIAN_BLUR(.4, .6, .7, .8, 1),
  /** Convolution with a disc of radius s pixels, s = .8 1 1.3 1.6 2. */
  DEFOCUS_BLUR(.8, 1, 1.3, 1.6, 2),
  /** Convolution with a line of s pixels in a random direction, s = 2 3 4 5 6. */
  MOTION_BLUR(2, 3, 4, 5, 6),
  /** Mean of the image enlarged by factors from 1 to s, s = 1.06 1.11 1.16 1.21 1.26. */
  ZOOM_BLUR(1.06, 1.11, 1.16, 1.21, 1.26),
  /** Random smooth displacement of s pixels on average, s = .4 .6 .8 1 1.2. */
  ELASTIC_TRANSFORM(.4, .6, .8, 1, 1.2),
  /** Reduced by the factor s and enlarged again without smoothing, s = .95 .9 .85 .75 .65. */
  PIXELATE(.95, .9, .85, .75, .65),
  /** Quantization of JPEG in blocks of 8 x 8 at quality s of 100, s = 80 65 58 50 40. */
  JPEG_COMPRESSION(80, 65, 58, 50, 40),
  /** x + s, s = .05 .1 .15 .2 .3. */
  BRIGHTNESS(.05, .1, .15, .2, .3),
  /** m + s (x - m) with the channel's mean m, s = .75 .5 .4 .3 .15. */
  CONTRAST(.75, .5, .4, .3, .15),
  /** Clouds of noise on all scales, added to the image with weight s, s = .2 .5 .75 1 1.5. */
  FOG(.2, .5, .75, 1, 1.5);

  /** The maximum strength; the minimum is 1. */
  public static final int STRONGEST = 5;

  private final double first;
  private final double second;
  private final double third;
  private final double fourth;
  private final double fifth;

  Corruption(double first, double second, double third, double fourth, double fifth) {
    this.first = first;
    this.second = second;
    this.third = third;
    this.fourth = fourth;
    this.fifth = fifth;
  }

  /**
   * Finds a kind.
   *
   * @param name its name, not case-sensitive, with underscores or dashes
   * @return the kind; empty if there is none of this name
   */
  public static Optional<Corruption> find(String name) {
    String wanted = name.toUpperCase(Locale.ROOT).replace('-', '_');
    return Arrays.stream(values()).filter(kind -> kind.name().equals(wanted)).findFirst();
  }

  /**
   * The name for tables.
   *
   * @return the name in lower case
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Corrupts an image.
   *
   * @param pixels the image, values in [-1, 1] in the order channel, row, column; changed in place
   * @param shape its shape
   * @param strength 1 (weak) to 5 (strong)
   * @param random the source of randomness
   * @throws IllegalArgumentException if the strength is out of range
   */
  public void apply(float[] pixels, ImageShape shape, int strength, RandomStream random) {
    checkArgument(
        strength >= 1 && strength <= STRONGEST, "strength must be 1 to 5, was %s", strength);
    double s =
        switch (strength) {
          case 1 -> first;
          case 2 -> second;
          case 3 -> third;
          case 4 -> fourth;
          default -> fifth;
        };
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (pixels[i] + 1) / 2;
    }
    switch (this) {
      case GAUSSIAN_NOISE -> Damage.noise(pixels, random, x -> s);
      case SHOT_NOISE -> Damage.noise(pixels, random, x -> Math.sqrt(Math.max(0, x) / s));
      case SPECKLE_NOISE -> Damage.noise(pixels, random, x -> s * x);
      case IMPULSE_NOISE -> Damage.impulses(pixels, random, s);
      case GAUSSIAN_BLUR -> Planes.gaussianBlur(pixels, shape, s);
      case DEFOCUS_BLUR -> Damage.disc(pixels, shape, s);
      case MOTION_BLUR -> Damage.line(pixels, shape, s, Math.PI * random.nextDouble());
      case ZOOM_BLUR -> Damage.zoom(pixels, shape, s);
      case ELASTIC_TRANSFORM -> Damage.elastic(pixels, shape, s, random);
      case PIXELATE -> Damage.pixelate(pixels, shape, s);
      case JPEG_COMPRESSION -> JpegQuantization.of(s).apply(pixels, shape);
      case BRIGHTNESS -> Damage.shift(pixels, s);
      case CONTRAST -> Damage.contrast(pixels, shape, s);
      case FOG -> Damage.fog(pixels, shape, s, random);
    }
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = 2 * Math.max(0, Math.min(1, pixels[i])) - 1;
    }
  }
}
