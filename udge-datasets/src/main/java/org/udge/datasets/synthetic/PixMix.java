package org.udge.datasets.synthetic;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.udge.data.Augmentation;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.random.RandomStream;

/**
 * Mixes a training image with structurally complex pictures, such as fractals, and with distorted
 * copies of itself.
 *
 * <p>On the scale of pixels in [0, 1]: the image x, distorted or not with equal probability, is
 * mixed with another picture m, 0 to k times, each number equally likely. m is the distorted x or a
 * picture of the mixing set, with equal probability, and the mixture is, with equal probability,
 * one of
 *
 * <ul>
 *   <li>a sum, (a (2x - 1) + b (2m - 1) + 1) / 2,
 *   <li>a product, (2x)^a (2m)^b / 2,
 * </ul>
 *
 * <p>clipped to [0, 1], where, with equal probability, a ~ Beta(s, 1) and b ~ Beta(1, s), or a = 1
 * + Beta(1, s) and b = -Beta(1, s). The published values are k = 4, s = 3. A distortion is one of:
 * autocontrast, equalization, posterization, solarization, rotation, and shear or translation along
 * either axis, with AugMix's severity 3 or less; pictures are reflected at the border, where AugMix
 * fills with black.
 *
 * <pre>{@code
 * Augmentation augmentation =
 *     Augmentations.reflectPadCrop(4)
 *         .then(Augmentations.horizontalFlip())
 *         .then(PixMix.of(FractalImages.of(train.shape(), 2_000, RandomStreams.of(1))));
 * }</pre>
 *
 * <p>Pixels are in [-1, 1] before and after. Apply noise after it.
 *
 * <p>Source: Hendrycks et al. 2022, "PixMix: dreamlike pictures comprehensively improve safety
 * measures", section 3; distortions of Hendrycks et al. 2020, "AugMix". Thread-safe, if the mixing
 * set is.
 */
public final class PixMix implements Augmentation {

  private static final double STRENGTH = 3;
  private static final double LEAST_STRENGTH = 0.1;
  private static final double FULL_STRENGTH = 10;
  private static final int LEVELS = 256;

  /** Keeps powers of 0 finite. */
  private static final double NEARLY_ZERO = 1e-37;

  private final ImageSource mixing;
  private final int rounds;
  private final double skew;

  private PixMix(ImageSource mixing, int rounds, double skew) {
    this.mixing = requireNonNull(mixing);
    checkArgument(mixing.size() > 0, "the mixing set '%s' is empty", mixing.name());
    checkArgument(rounds >= 0, "rounds must not be negative, were %s", rounds);
    checkArgument(
        skew > 0 && Double.isFinite(skew), "skew must be positive and finite, was %s", skew);
    this.rounds = rounds;
    this.skew = skew;
  }

  /**
   * With the published values.
   *
   * @param mixing pictures to mix with, of the shape of the images
   * @return the augmentation
   * @throws IllegalArgumentException if there is no picture
   */
  public static PixMix of(ImageSource mixing) {
    return new PixMix(mixing, 4, 3);
  }

  /**
   * With another number of mixtures.
   *
   * @param most k, not negative; default 4
   * @return a new augmentation
   * @throws IllegalArgumentException if it is negative
   */
  public PixMix withRounds(int most) {
    return new PixMix(mixing, most, skew);
  }

  /**
   * With another skew of the weights.
   *
   * @param skew s, above 0; default 3. The larger, the more of the image is kept
   * @return a new augmentation
   * @throws IllegalArgumentException if it is not positive and finite
   */
  public PixMix withSkew(double skew) {
    return new PixMix(mixing, rounds, skew);
  }

  @Override
  public void apply(float[] pixels, int offset, ImageShape shape, RandomStream random) {
    checkArgument(
        shape.equals(mixing.shape()),
        "the mixing set '%s' has pictures of %s, the images are %s",
        mixing.name(),
        mixing.shape(),
        shape);
    float[] image = new float[shape.size()];
    for (int i = 0; i < image.length; i++) {
      image[i] = clipped((pixels[offset + i] + 1) / 2);
    }
    float[] mixed = random.nextBoolean() ? distorted(image, shape, random) : image.clone();
    int count = random.nextInt(rounds + 1);
    for (int i = 0; i < count; i++) {
      mix(mixed, random.nextBoolean() ? distorted(image, shape, random) : picture(random), random);
    }
    for (int i = 0; i < mixed.length; i++) {
      pixels[offset + i] = 2 * mixed[i] - 1;
    }
  }

  private float[] picture(RandomStream random) {
    float[] picture = new float[mixing.shape().size()];
    mixing.read(random.nextInt(mixing.size()), picture, 0);
    for (int i = 0; i < picture.length; i++) {
      picture[i] = clipped((picture[i] + 1) / 2);
    }
    return picture;
  }

  private void mix(float[] mixed, float[] other, RandomStream random) {
    boolean sum = random.nextBoolean();
    boolean both = random.nextBoolean();
    // Beta(s, 1) and Beta(1, s), by their inverse distribution functions.
    double a =
        both
            ? Math.pow(random.nextDouble(), 1 / skew)
            : 2 - Math.pow(1 - random.nextDouble(), 1 / skew);
    double small = 1 - Math.pow(1 - random.nextDouble(), 1 / skew);
    double b = both ? small : -small;
    for (int i = 0; i < mixed.length; i++) {
      double value =
          sum
              ? (a * (2 * mixed[i] - 1) + b * (2 * other[i] - 1) + 1) / 2
              : Math.pow(2 * mixed[i], a) * Math.pow(Math.max(2 * other[i], NEARLY_ZERO), b) / 2;
      mixed[i] = clipped((float) value);
    }
  }

  private static float clipped(float value) {
    return Math.max(0, Math.min(1, value));
  }

  // Distortions

  private static float[] distorted(float[] image, ImageShape shape, RandomStream random) {
    float[] pixels = image.clone();
    int kind = random.nextInt(9);
    double strength = LEAST_STRENGTH + (STRENGTH - LEAST_STRENGTH) * random.nextDouble();
    double part = strength / FULL_STRENGTH * (random.nextBoolean() ? 1 : -1);
    double positive = Math.abs(part);
    switch (kind) {
      case 0 -> stretch(pixels, shape);
      case 1 -> equalize(pixels, shape);
      case 2 -> posterize(pixels, 4 - (int) (4 * positive));
      case 3 -> solarize(pixels, 1 - (float) positive);
      case 4 -> turn(pixels, shape, Math.toRadians(30 * part));
      case 5 -> shear(pixels, shape, 0.3 * part, 0);
      case 6 -> shear(pixels, shape, 0, 0.3 * part);
      case 7 -> move(pixels, shape, (int) (shape.width() / 3.0 * part), 0);
      default -> move(pixels, shape, 0, (int) (shape.height() / 3.0 * part));
    }
    return pixels;
  }

  /** Stretches each channel to [0, 1]. */
  private static void stretch(float[] pixels, ImageShape shape) {
    int plane = shape.height() * shape.width();
    for (int start = 0; start < pixels.length; start += plane) {
      float low = 1;
      float high = 0;
      for (int i = start; i < start + plane; i++) {
        low = Math.min(low, pixels[i]);
        high = Math.max(high, pixels[i]);
      }
      for (int i = start; i < start + plane && high > low; i++) {
        pixels[i] = (pixels[i] - low) / (high - low);
      }
    }
  }

  /** Maps each channel's levels to the share of pixels below them. */
  private static void equalize(float[] pixels, ImageShape shape) {
    int plane = shape.height() * shape.width();
    for (int start = 0; start < pixels.length; start += plane) {
      int[] below = new int[LEVELS + 1];
      for (int i = start; i < start + plane; i++) {
        below[level(pixels[i]) + 1]++;
      }
      int darkest = 0;
      while (below[darkest + 1] == 0) {
        darkest++;
      }
      int ofDarkest = below[darkest + 1];
      for (int k = 1; k <= LEVELS; k++) {
        below[k] += below[k - 1];
      }
      for (int i = start; i < start + plane && ofDarkest < plane; i++) {
        pixels[i] =
            Math.max(0, below[level(pixels[i]) + 1] - ofDarkest) / (float) (plane - ofDarkest);
      }
    }
  }

  private static int level(float pixel) {
    return Math.round(pixel * (LEVELS - 1));
  }

  private static void posterize(float[] pixels, int bits) {
    int step = LEVELS >> bits;
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = level(pixels[i]) / step * step / (float) (LEVELS - 1);
    }
  }

  private static void solarize(float[] pixels, float from) {
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = pixels[i] >= from ? 1 - pixels[i] : pixels[i];
    }
  }

  private static void turn(float[] pixels, ImageShape shape, double angle) {
    double row0 = (shape.height() - 1) / 2.0;
    double column0 = (shape.width() - 1) / 2.0;
    double cos = Math.cos(angle);
    double sin = Math.sin(angle);
    Planes.warp(
        pixels,
        shape,
        (row, column, place) -> {
          place[0] = row0 + (row - row0) * cos - (column - column0) * sin;
          place[1] = column0 + (row - row0) * sin + (column - column0) * cos;
        });
  }

  private static void shear(float[] pixels, ImageShape shape, double right, double down) {
    Planes.warp(
        pixels,
        shape,
        (row, column, place) -> {
          place[0] = row + down * column;
          place[1] = column + right * row;
        });
  }

  private static void move(float[] pixels, ImageShape shape, int right, int down) {
    Planes.warp(
        pixels,
        shape,
        (row, column, place) -> {
          place[0] = row + down;
          place[1] = column + right;
        });
  }

  private List<Object> values() {
    return List.of(rounds, skew);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PixMix that && mixing == that.mixing && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return Arrays.asList(System.identityHashCode(mixing), values()).hashCode();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "PixMix[mixing=%s, rounds=%d, skew=%s]", mixing.name(), rounds, skew);
  }
}
