package org.udge.datasets;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Locale;
import org.udge.data.Batch;
import org.udge.data.ImageSource;

/** Helpers for labels that the image sources share. */
final class Labels {

  private Labels() {}

  /** The labels of images without labels. */
  static int[] none(int count) {
    int[] labels = new int[count];
    Arrays.fill(labels, Batch.UNLABELED);
    return labels;
  }

  /** Refuses a label that is neither a class index nor {@link Batch#UNLABELED}. */
  static void check(int[] labels, int classCount) {
    for (int i = 0; i < labels.length; i++) {
      checkArgument(
          labels[i] == Batch.UNLABELED || (labels[i] >= 0 && labels[i] < classCount),
          "label of image %s must be from 0 to %s, or %s for none, was %s",
          i,
          classCount - 1,
          Batch.UNLABELED,
          labels[i]);
    }
  }

  static int[] of(ImageSource source) {
    int[] labels = new int[source.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = source.label(i);
    }
    return labels;
  }

  static String describe(ImageSource source) {
    return String.format(
        Locale.ROOT,
        "%s (%,d images of %s, %d classes)",
        source.name(),
        source.size(),
        source.shape(),
        source.classCount());
  }
}
