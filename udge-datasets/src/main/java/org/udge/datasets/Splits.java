package org.udge.datasets;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.udge.data.Batch;
import org.udge.data.ImageSource;
import org.udge.random.RandomStream;

/**
 * Random splits of a source into two views. Only labels are read, no pixels.
 *
 * <p>Use a separate random stream for each split, for example {@code
 * RandomStreams.of(seed).stream("validation")}, so that the split does not depend on anything else
 * that is drawn.
 */
public final class Splits {

  /**
   * A split into images for training and images for validation.
   *
   * @param train the training images
   * @param validation the held-out images
   */
  public record TrainValidation(Subset train, Subset validation) {}

  /**
   * A split into images that keep their labels and images that lose them.
   *
   * @param labeled a few images of each class
   * @param unlabeled all others, with their labels hidden
   */
  public record LabeledUnlabeled(Subset labeled, Subset unlabeled) {}

  private Splits() {}

  /**
   * Holds images out for validation, each class (and the unlabeled images) in proportion to its
   * size, up to rounding.
   *
   * @param source the images
   * @param validationSize number of images to hold out, from 0 to less than the source's size
   * @param random the source of randomness
   * @return the two parts, each in the source's order
   * @throws IllegalArgumentException if the size is out of range
   */
  public static TrainValidation stratified(
      ImageSource source, int validationSize, RandomStream random) {
    checkArgument(
        validationSize >= 0 && validationSize < source.size(),
        "validation size must be from 0 to %s, one less than the size of %s, was %s",
        source.size() - 1,
        source.name(),
        validationSize);
    List<int[]> groups = shuffledGroups(source, random);
    boolean[] heldOut = new boolean[source.size()];
    int seen = 0;
    int taken = 0;
    for (int[] group : groups) {
      seen += group.length;
      // Rounding the running total makes the parts add up to exactly the requested size.
      int takenAfter = (int) (((long) validationSize * seen + source.size() / 2) / source.size());
      for (int i = 0; i < takenAfter - taken; i++) {
        heldOut[group[i]] = true;
      }
      taken = takenAfter;
    }
    return new TrainValidation(
        chosen(source, heldOut, false).named(source.name() + "/train-part"),
        chosen(source, heldOut, true).named(source.name() + "/validation-part"));
  }

  /**
   * Keeps the labels of the same number of images of each class.
   *
   * @param source the images
   * @param labelsPerClass number of labeled images to choose from each class, at least 1
   * @param random the source of randomness
   * @return the chosen images, and all others without labels, each in the source's order
   * @throws IllegalArgumentException if the number is below 1, the source has no classes, or a
   *     class has fewer images
   */
  public static LabeledUnlabeled labelsPerClass(
      ImageSource source, int labelsPerClass, RandomStream random) {
    checkArgument(
        labelsPerClass > 0, "labels per class must be at least 1, was %s", labelsPerClass);
    checkArgument(source.classCount() > 0, "%s has no classes", source.name());
    List<int[]> groups = shuffledGroups(source, random);
    boolean[] keepsLabel = new boolean[source.size()];
    for (int label = 0; label < source.classCount(); label++) {
      int[] group = groups.get(label);
      checkArgument(
          group.length >= labelsPerClass,
          "labels per class must be at most %s, the number of images of class %s (%s), was %s",
          group.length,
          label,
          source.classNames().get(label),
          labelsPerClass);
      for (int i = 0; i < labelsPerClass; i++) {
        keepsLabel[group[i]] = true;
      }
    }
    return new LabeledUnlabeled(
        chosen(source, keepsLabel, true).named(source.name() + "/labeled"),
        chosen(source, keepsLabel, false).named(source.name() + "/unlabeled").withoutLabels());
  }

  /**
   * A hash that shows whether two runs used the same images: the SHA-256 of the images' indices in
   * the underlying source, each as four bytes, least significant first.
   *
   * @param images a subset, or a subset of a subset, ..., or a whole source
   * @return 64 hexadecimal digits
   */
  public static String indexHash(ImageSource images) {
    int[] indices = IntStream.range(0, images.size()).toArray();
    ImageSource source = images;
    while (source instanceof Subset subset) {
      int[] outer = subset.indices();
      for (int i = 0; i < indices.length; i++) {
        indices[i] = outer[indices[i]];
      }
      source = subset.source();
    }
    Hasher hasher = Hashing.sha256().newHasher();
    for (int index : indices) {
      hasher.putInt(index);
    }
    return hasher.hash().toString();
  }

  /** Indices by class in random order; images without a label come last. */
  private static List<int[]> shuffledGroups(ImageSource source, RandomStream random) {
    int[] labels = Labels.of(source);
    int[] counts = new int[source.classCount() + 1];
    for (int label : labels) {
      counts[group(label, source)]++;
    }
    List<int[]> groups = new ArrayList<>();
    for (int count : counts) {
      groups.add(new int[count]);
    }
    Arrays.fill(counts, 0);
    for (int index : random.permutation(source.size())) {
      int group = group(labels[index], source);
      groups.get(group)[counts[group]++] = index;
    }
    return groups;
  }

  private static int group(int label, ImageSource source) {
    return label == Batch.UNLABELED ? source.classCount() : label;
  }

  private static Subset chosen(ImageSource source, boolean[] marks, boolean wanted) {
    int[] indices = new int[marks.length];
    int count = 0;
    for (int i = 0; i < marks.length; i++) {
      if (marks[i] == wanted) {
        indices[count++] = i;
      }
    }
    return Subset.of(source, Arrays.copyOf(indices, count));
  }
}
