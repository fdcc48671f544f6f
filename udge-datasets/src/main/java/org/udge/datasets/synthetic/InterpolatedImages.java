package org.udge.datasets.synthetic;

import static org.udge.internal.Preconditions.checkArgument;

import org.udge.data.ImageSource;
import org.udge.random.RandomStream;

/**
 * Means of two images of a source, as out-of-distribution data: image i is (x[i] + x[p(i)]) / 2.
 *
 * <p>The partner p(i) is another image, drawn once: p is a random cycle through all images, so
 * every image is used exactly twice and there are as many means as images. (The published
 * evaluation mixes neighboring shuffled batches instead, and loses the last of them.) No labels.
 * Reading a mean reads both images. Thread-safe if the source is.
 */
public final class InterpolatedImages extends MadeImages {

  private final ImageSource source;
  private final int[] partners;

  private InterpolatedImages(ImageSource source, int... partners) {
    super(source.name() + "/interpolated", source.shape(), source.size());
    this.source = source;
    this.partners = partners;
  }

  /**
   * Pairs the images of a source.
   *
   * @param source the images, at least two
   * @param random the source of randomness
   * @return as many means
   * @throws IllegalArgumentException if there are fewer than two images
   */
  public static InterpolatedImages of(ImageSource source, RandomStream random) {
    int size = source.size();
    checkArgument(
        size >= 2, "%s must have at least two images to pair, has %s", source.name(), size);
    int[] cycle = random.permutation(size);
    int[] partners = new int[size];
    for (int i = 0; i < size; i++) {
      partners[cycle[i]] = cycle[(i + 1) % size];
    }
    return new InterpolatedImages(source, partners);
  }

  @Override
  void make(int index, float[] pixels) {
    float[] partner = new float[pixels.length];
    source.read(index, pixels, 0);
    source.read(partners[index], partner, 0);
    for (int i = 0; i < partner.length; i++) {
      pixels[i] = (pixels[i] + partner[i]) / 2;
    }
  }
}
