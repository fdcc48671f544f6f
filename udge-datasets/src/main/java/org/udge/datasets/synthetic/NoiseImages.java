package org.udge.datasets.synthetic;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import org.udge.data.ImageShape;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/**
 * Images without content, as out-of-distribution data. Image i is a function of the streams and i
 * alone, and is generated when it is read. No labels.
 *
 * <p>Immutable and thread-safe.
 */
public final class NoiseImages extends MadeImages {

  @FunctionalInterface
  private interface Filler {
    void fill(float[] pixels, RandomStream random);
  }

  private final RandomStreams streams;
  private final Filler filler;

  private NoiseImages(
      String name, ImageShape shape, int count, RandomStreams streams, Filler filler) {
    super(name, shape, count);
    this.streams = streams.child(name);
    this.filler = filler;
  }

  /**
   * Every value independent and uniform in [-1, 1).
   *
   * @param shape the shape of each image
   * @param count number of images, at least 1
   * @param streams the source of randomness
   * @return the images
   * @throws IllegalArgumentException if the count is below 1
   */
  public static NoiseImages uniform(ImageShape shape, int count, RandomStreams streams) {
    return new NoiseImages(
        "uniform-noise",
        shape,
        count,
        streams,
        (pixels, random) -> random.fillUniform(pixels, -1, 1));
  }

  /**
   * Every value independent and normal with mean 0 and standard deviation 1, clipped to [-1, 1].
   *
   * @param shape the shape of each image
   * @param count number of images, at least 1
   * @param streams the source of randomness
   * @return the images
   * @throws IllegalArgumentException if the count is below 1
   */
  public static NoiseImages gaussian(ImageShape shape, int count, RandomStreams streams) {
    return new NoiseImages(
        "gaussian-noise",
        shape,
        count,
        streams,
        (pixels, random) -> {
          random.fillGaussian(pixels);
          clip(pixels);
        });
  }

  /**
   * Gaussian noise blurred by a Gaussian, then normalized to mean 0 and standard deviation 0.5 and
   * clipped to [-1, 1]: clouds without edges.
   *
   * @param shape the shape of each image
   * @param count number of images, at least 1
   * @param sigma the blur's standard deviation in pixels, above 0; 2 is usual for 32 x 32
   * @param streams the source of randomness
   * @return the images
   * @throws IllegalArgumentException if the count is below 1 or sigma is not above 0
   */
  public static NoiseImages blurred(
      ImageShape shape, int count, double sigma, RandomStreams streams) {
    checkArgument(
        sigma > 0 && Double.isFinite(sigma), "sigma must be finite and above 0, was %s", sigma);
    return new NoiseImages(
        "blurred-noise",
        shape,
        count,
        streams,
        (pixels, random) -> {
          random.fillGaussian(pixels);
          Planes.gaussianBlur(pixels, shape, sigma);
          double mean = 0;
          double square = 0;
          for (float pixel : pixels) {
            mean += pixel / (double) pixels.length;
            square += pixel * (double) pixel / pixels.length;
          }
          double scale = 0.5 / Math.sqrt(Math.max(1e-12, square - mean * mean));
          for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) ((pixels[i] - mean) * scale);
          }
          clip(pixels);
        });
  }

  /**
   * Each image of one color: a value uniform in [-1, 1) for each channel.
   *
   * @param shape the shape of each image
   * @param count number of images, at least 1
   * @param streams the source of randomness
   * @return the images
   * @throws IllegalArgumentException if the count is below 1
   */
  public static NoiseImages constant(ImageShape shape, int count, RandomStreams streams) {
    int plane = shape.height() * shape.width();
    return new NoiseImages(
        "constant",
        shape,
        count,
        streams,
        (pixels, random) -> {
          for (int start = 0; start < pixels.length; start += plane) {
            Arrays.fill(pixels, start, start + plane, 2 * random.nextFloat() - 1);
          }
        });
  }

  private static void clip(float[] pixels) {
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = Math.max(-1, Math.min(1, pixels[i]));
    }
  }

  @Override
  void make(int index, float[] pixels) {
    filler.fill(pixels, streams.stream("image", index));
  }
}
