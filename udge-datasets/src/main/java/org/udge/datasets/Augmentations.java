package org.udge.datasets;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import org.udge.data.Augmentation;
import org.udge.data.ImageShape;

/**
 * Random transformations of training images. All are thread-safe and draw only from the stream that
 * is passed to them.
 */
public final class Augmentations {

  private Augmentations() {}

  /**
   * The standard augmentation of CIFAR images, also used by the published program: reflection
   * padding of 4 pixels and a random crop, a random horizontal flip, Gaussian noise.
   *
   * @param sigma standard deviation of the noise on the scale of pixels in [-1, 1], not negative;
   *     the published program uses 0.03
   * @return the three in this order
   */
  public static Augmentation standard(double sigma) {
    return reflectPadCrop(4).then(horizontalFlip()).then(gaussianNoise(sigma));
  }

  /**
   * Pads each side by reflection at the border pixel (which is not repeated) and crops an image of
   * the original size at a uniformly random position.
   *
   * @param padding pixels on each side, not negative, less than the image's height and width
   * @return the augmentation
   * @throws IllegalArgumentException if padding is negative, and later if an image is too small
   */
  public static Augmentation reflectPadCrop(int padding) {
    checkArgument(padding >= 0, "padding must not be negative, was %s", padding);
    return (pixels, offset, shape, random) -> {
      checkArgument(
          padding < shape.height() && padding < shape.width(),
          "padding by reflection must be less than height and width, was %s for images of %s",
          padding,
          shape);
      int down = random.nextInt(2 * padding + 1) - padding;
      int right = random.nextInt(2 * padding + 1) - padding;
      if (down != 0 || right != 0) {
        shift(pixels, offset, shape, down, right);
      }
    };
  }

  private static void shift(float[] pixels, int offset, ImageShape shape, int down, int right) {
    int height = shape.height();
    int width = shape.width();
    float[] image = Arrays.copyOfRange(pixels, offset, offset + shape.size());
    int to = offset;
    for (int channel = 0; channel < shape.channels(); channel++) {
      for (int row = 0; row < height; row++) {
        int from = (channel * height + reflect(row + down, height)) * width;
        int inside = Math.max(0, -right);
        int insideEnd = Math.min(width, width - right);
        for (int column = 0; column < inside; column++) {
          pixels[to + column] = image[from + reflect(column + right, width)];
        }
        System.arraycopy(image, from + inside + right, pixels, to + inside, insideEnd - inside);
        for (int column = insideEnd; column < width; column++) {
          pixels[to + column] = image[from + reflect(column + right, width)];
        }
        to += width;
      }
    }
  }

  private static int reflect(int position, int size) {
    int positive = Math.abs(position);
    return positive < size ? positive : 2 * (size - 1) - positive;
  }

  /**
   * Flips each image horizontally with probability 1/2.
   *
   * @return the augmentation
   */
  public static Augmentation horizontalFlip() {
    return (pixels, offset, shape, random) -> {
      if (!random.nextBoolean()) {
        return;
      }
      int width = shape.width();
      int end = offset + shape.size();
      for (int row = offset; row < end; row += width) {
        for (int left = row, right = row + width - 1; left < right; left++, right--) {
          float pixel = pixels[left];
          pixels[left] = pixels[right];
          pixels[right] = pixel;
        }
      }
    };
  }

  /**
   * Covers a square at a random position with gray, 0 on the scale of pixels in [-1, 1]. The center
   * of the square is a uniformly random pixel, so part of the square may be outside of the image.
   *
   * <p>Source: DeVries &amp; Taylor 2017, "Improved regularization of convolutional neural networks
   * with cutout", where it follows crop and flip, with 16 pixels for CIFAR-10 and 8 for CIFAR-100.
   *
   * @param side height and width of the square in pixels, not negative; 0 changes nothing
   * @return the augmentation
   * @throws IllegalArgumentException if it is negative
   */
  public static Augmentation cutout(int side) {
    checkArgument(side >= 0, "the side of a cutout must not be negative, was %s", side);
    if (side == 0) {
      return Augmentation.none();
    }
    return (pixels, offset, shape, random) -> {
      int top = random.nextInt(shape.height()) - side / 2;
      int left = random.nextInt(shape.width()) - side / 2;
      int from = Math.max(0, left);
      int to = Math.min(shape.width(), left + side);
      for (int channel = 0; channel < shape.channels(); channel++) {
        for (int row = Math.max(0, top); row < Math.min(shape.height(), top + side); row++) {
          int start = offset + (channel * shape.height() + row) * shape.width();
          Arrays.fill(pixels, start + from, start + to, 0);
        }
      }
    };
  }

  /**
   * Adds independent Gaussian noise to every value, without clipping.
   *
   * @param sigma standard deviation on the scale of the pixels, not negative; 0 changes nothing
   * @return the augmentation
   * @throws IllegalArgumentException if sigma is negative or not finite
   */
  public static Augmentation gaussianNoise(double sigma) {
    checkArgument(
        sigma >= 0 && Double.isFinite(sigma),
        "sigma must be finite and not negative, was %s",
        sigma);
    if (sigma == 0) {
      return Augmentation.none();
    }
    float scale = (float) sigma;
    return (pixels, offset, shape, random) -> {
      float[] noise = new float[shape.size()];
      random.fillGaussian(noise);
      for (int i = 0; i < noise.length; i++) {
        pixels[offset + i] += scale * noise[i];
      }
    };
  }
}
