package org.udge.datasets;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.List;
import java.util.stream.IntStream;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.random.RandomStreams;

/**
 * The built-in data set: drawings of 3 x 32 x 32 pixels of one plane figure each, in ten classes
 * (disc, ring, triangle, square, star, cross, crescent, heart, arrow, bars).
 *
 * <p>Position, size, rotation, colors, shading, background clutter and pixel noise are random and
 * independent of the class; the only certainty is that the figure is brighter than the background.
 * A linear classifier reaches about 65 % accuracy on it, while a small convolutional network
 * trained on a few thousand images passes 90 %. {@link #unseen} draws five other figures in the
 * same way, as near out-of-distribution data.
 *
 * <p>Image i of a set is a function of (seed, set, i) alone, the same bytes on every machine; its
 * class is i modulo the number of classes. Images are drawn once, when the set is created, into
 * 3,072 bytes each.
 *
 * <p>The sets are immutable and thread-safe.
 */
public final class ShapesDataset {

  private static final ImageShape SHAPE = ImageShape.CIFAR;

  private final RandomStreams streams;

  private ShapesDataset(RandomStreams streams) {
    this.streams = streams;
  }

  /**
   * The standard data set, with seed 0.
   *
   * @return the data set
   */
  public static ShapesDataset standard() {
    return seeded(0);
  }

  /**
   * A data set with its own seed.
   *
   * @param seed any number; another seed gives different images of the same distribution
   * @return the data set
   */
  public static ShapesDataset seeded(long seed) {
    return new ShapesDataset(RandomStreams.of(seed).child("shapes"));
  }

  /**
   * Images to train on.
   *
   * @param count number of images, at least 1
   * @return the first {@code count} training images
   */
  public ImageSource train(int count) {
    return draw("train", Figure.KNOWN, count);
  }

  /**
   * Images to test on, independent of the training images.
   *
   * @param count number of images, at least 1
   * @return the first {@code count} test images
   */
  public ImageSource test(int count) {
    return draw("test", Figure.KNOWN, count);
  }

  /**
   * Images of five related classes that occur in neither the training nor the test set (half-disc,
   * hourglass, corner, flower, frame).
   *
   * @param count number of images, at least 1
   * @return the first {@code count} images
   */
  public ImageSource unseen(int count) {
    return draw("unseen", Figure.UNSEEN, count);
  }

  private ImageSource draw(String set, List<Figure> figures, int count) {
    checkArgument(count > 0, "number of images must be at least 1, was %s", count);
    byte[] bytes = new byte[Math.multiplyExact(count, SHAPE.size())];
    int[] labels = IntStream.range(0, count).map(i -> i % figures.size()).toArray();
    IntStream.range(0, count)
        .parallel()
        .forEach(
            i ->
                new FigurePainter(SHAPE, streams.stream(set, i))
                    .paint(figures.get(labels[i]), bytes, i * SHAPE.size()));
    return ByteImages.of("shapes/" + set, SHAPE, Figure.names(figures), bytes, labels);
  }
}
