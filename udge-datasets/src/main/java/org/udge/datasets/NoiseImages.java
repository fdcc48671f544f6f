package org.udge.datasets;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;
import org.udge.data.ImageShape;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/**
 * Images without content, as out-of-distribution data. Image i is a function of the streams and i
 * alone, made when it is read. No labels.
 *
 * <p>Immutable and thread-safe.
 */
public final class NoiseImages extends IndexedImages {

  @FunctionalInterface
  private interface Filler {
    void fill(float[] pixels, RandomStream random);
  }

  private final RandomStreams streams;
  private final Filler filler;

  private NoiseImages(
      String name, ImageShape shape, int count, RandomStreams streams, Filler filler) {
    super(name, shape, List.of(), Labels.none(count));
    this.streams = streams.child(name);
    this.filler = filler;
  }

  /**
   * Every value independent and uniform in [-1, 1).
   *
   * @param shape the shape of each image
   * @param count how many, at least 1
   * @param streams where the noise comes from
   * @return the images
   * @throws IllegalArgumentException if the count is below 1
   */
  public static NoiseImages uniform(ImageShape shape, int count, RandomStreams streams) {
    return new NoiseImages(
        "uniform-noise",
        shape,
        checked(count),
        streams,
        (pixels, random) -> random.fillUniform(pixels, -1, 1));
  }

  /**
   * Every value independent and normal with mean 0 and deviation 1, clipped to [-1, 1].
   *
   * @param shape the shape of each image
   * @param count how many, at least 1
   * @param streams where the noise comes from
   * @return the images
   * @throws IllegalArgumentException if the count is below 1
   */
  public static NoiseImages gaussian(ImageShape shape, int count, RandomStreams streams) {
    return new NoiseImages(
        "gaussian-noise",
        shape,
        checked(count),
        streams,
        (pixels, random) -> {
          random.fillGaussian(pixels);
          for (int i = 0; i < pixels.length; i++) {
            pixels[i] = Math.max(-1, Math.min(1, pixels[i]));
          }
        });
  }

  /**
   * Each image of one color: a value uniform in [-1, 1) for each channel.
   *
   * @param shape the shape of each image
   * @param count how many, at least 1
   * @param streams where the colors come from
   * @return the images
   * @throws IllegalArgumentException if the count is below 1
   */
  public static NoiseImages constant(ImageShape shape, int count, RandomStreams streams) {
    int plane = shape.height() * shape.width();
    return new NoiseImages(
        "constant",
        shape,
        checked(count),
        streams,
        (pixels, random) -> {
          for (int start = 0; start < pixels.length; start += plane) {
            Arrays.fill(pixels, start, start + plane, 2 * random.nextFloat() - 1);
          }
        });
  }

  private static int checked(int count) {
    checkArgument(count > 0, "number of images must be at least 1, was %s", count);
    return count;
  }

  @Override
  void copy(int index, float[] target, int offset) {
    float[] pixels = new float[shape().size()];
    filler.fill(pixels, streams.stream("image", index));
    System.arraycopy(pixels, 0, target, offset, pixels.length);
  }
}
