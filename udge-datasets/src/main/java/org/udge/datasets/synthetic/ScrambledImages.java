package org.udge.datasets.synthetic;

import static org.udge.internal.Preconditions.checkArgument;

import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.random.RandomStreams;

/**
 * Images of a source with their parts in another order, as out-of-distribution data with the colors
 * of the distribution: patches shuffled within each image, or pixels permuted in the same way in
 * all images. No labels. Immutable, and thread-safe if the source is.
 */
public final class ScrambledImages extends MadeImages {

  private final ImageSource source;
  private final RandomStreams streams;

  /** The side of a patch; 0 for one permutation of pixels for all images. */
  private final int patch;

  private final int[] order;

  private ScrambledImages(
      String kind, ImageSource source, RandomStreams streams, int patch, int... order) {
    super(source.name() + "/" + kind, source.shape(), source.size());
    this.source = source;
    this.streams = streams;
    this.patch = patch;
    this.order = order;
  }

  /**
   * Cuts each image into square patches and reassembles them in a random order, different for each
   * image.
   *
   * @param source the images, at least one
   * @param patch the side of a patch in pixels; height and width must be multiples of it; 8 is
   *     usual for 32 x 32
   * @param streams the source of randomness
   * @return as many images
   * @throws IllegalArgumentException if the source is empty, or the side does not divide height and
   *     width
   */
  public static ScrambledImages patches(ImageSource source, int patch, RandomStreams streams) {
    ImageShape shape = source.shape();
    checkArgument(
        patch > 0 && shape.height() % patch == 0 && shape.width() % patch == 0,
        "the side of a patch must divide height and width of %s, was %s",
        shape,
        patch);
    return new ScrambledImages("shuffled-patches", source, streams.child("patches"), patch);
  }

  /**
   * Permutes the pixels of all images at random, in the same way for all images and channels.
   *
   * @param source the images, at least one
   * @param streams the source of randomness
   * @return as many images
   * @throws IllegalArgumentException if the source is empty
   */
  public static ScrambledImages pixels(ImageSource source, RandomStreams streams) {
    int plane = source.shape().height() * source.shape().width();
    int[] order = streams.stream("pixels").permutation(plane);
    return new ScrambledImages("permuted-pixels", source, streams, 0, order);
  }

  @Override
  void make(int index, float[] pixels) {
    float[] image = new float[pixels.length];
    source.read(index, image, 0);
    ImageShape shape = shape();
    int plane = shape.height() * shape.width();
    int columns = patch == 0 ? 0 : shape.width() / patch;
    int[] patches =
        patch == 0
            ? order
            : streams.stream("image", index).permutation(columns * (shape.height() / patch));
    for (int i = 0; i < plane; i++) {
      int from = patches[i % patches.length];
      if (patch > 0) {
        int row = i / shape.width();
        int column = i % shape.width();
        int source = patches[row / patch * columns + column / patch];
        from =
            (source / columns * patch + row % patch) * shape.width()
                + source % columns * patch
                + column % patch;
      }
      for (int c = 0; c < shape.channels(); c++) {
        pixels[c * plane + i] = image[c * plane + from];
      }
    }
  }
}
