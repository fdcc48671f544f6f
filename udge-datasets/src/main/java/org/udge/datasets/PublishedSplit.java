package org.udge.datasets;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import org.apache.commons.math3.random.MersenneTwister;
import org.udge.data.ImageSource;

/**
 * The split of a training set that the published program uses: the indices in the order of {@code
 * numpy.random.seed(1234); numpy.random.shuffle(...)}, the first of which are for validation and
 * the rest for training; if only some labels are to be used, they are those of the first images of
 * each class in the latter. It is the same in every run, and its parts are neither stratified by
 * class nor in the set's order.
 *
 * @param train the images to train on, in shuffled order
 * @param validation the held-out images, in shuffled order
 */
public record PublishedSplit(Subset train, Subset validation) {

  private static final int SEED = 1234;

  /**
   * Splits a set.
   *
   * @param source the images
   * @param validationSize how many to hold out, from 0 to less than the source's size
   * @return the two parts
   * @throws IllegalArgumentException if the size is out of range
   */
  public static PublishedSplit of(ImageSource source, int validationSize) {
    checkArgument(
        validationSize >= 0 && validationSize < source.size(),
        "validation size must be from 0 to %s, one less than the size of %s, was %s",
        source.size() - 1,
        source.name(),
        validationSize);
    int[] order = shuffled(source.size());
    return new PublishedSplit(
        Subset.of(source, Arrays.copyOfRange(order, validationSize, order.length))
            .named(source.name() + "/train-part"),
        Subset.of(source, Arrays.copyOf(order, validationSize))
            .named(source.name() + "/validation-part"));
  }

  /** NumPy's shuffle: each position, from the last down, is swapped with one at or before it. */
  static int[] shuffled(int size) {
    int[] order = new int[size];
    Arrays.setAll(order, i -> i);
    MersenneTwister generator = new MersenneTwister(SEED);
    for (int i = size - 1; i > 0; i--) {
      int j = upTo(i, generator);
      int other = order[j];
      order[j] = order[i];
      order[i] = other;
    }
    return order;
  }

  /** Draws bits until their value does not exceed the largest allowed number, as NumPy does. */
  private static int upTo(int largest, MersenneTwister generator) {
    int mask = -1 >>> Integer.numberOfLeadingZeros(largest);
    int value = generator.nextInt() & mask;
    while (value > largest) {
      value = generator.nextInt() & mask;
    }
    return value;
  }

  /**
   * The first images of each class, class after class.
   *
   * @param images the images to choose from, for example the part to train on
   * @param labelsPerClass number of images per class, at least 1; a class may have fewer
   * @return the chosen images
   * @throws IllegalArgumentException if the number is below 1
   */
  public static Subset firstOfEachClass(ImageSource images, int labelsPerClass) {
    checkArgument(
        labelsPerClass > 0, "labels per class must be at least 1, was %s", labelsPerClass);
    int[] chosen = new int[images.size()];
    int count = 0;
    for (int label = 0; label < images.classCount(); label++) {
      int ofClass = 0;
      for (int i = 0; i < images.size() && ofClass < labelsPerClass; i++) {
        if (images.label(i) == label) {
          chosen[count++] = i;
          ofClass++;
        }
      }
    }
    return Subset.of(images, Arrays.copyOf(chosen, count)).named(images.name() + "/labeled");
  }
}
