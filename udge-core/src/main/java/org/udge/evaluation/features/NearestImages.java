package org.udge.evaluation.features;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.data.Batch;
import org.udge.data.ImageSource;
import org.udge.evaluation.features.Distances.Smallest;
import org.udge.internal.Checks;
import org.udge.internal.HostImages;

/**
 * Finds the training images nearest to samples, by the Euclidean distance of pixels: samples at
 * almost no distance were memorized, not generated.
 *
 * <p>Reads the whole set once for all samples. Immutable and thread-safe.
 */
public final class NearestImages {

  private static final int BATCH = 256;

  /**
   * A training image near a sample.
   *
   * @param index the index of the image in the set
   * @param label the label of the image, or {@link Batch#UNLABELED}
   * @param distance the Euclidean distance in units of [0, 1] pixels
   */
  public record Neighbor(int index, int label, double distance) {}

  private final ImageSource training;

  private NearestImages(ImageSource training) {
    this.training = training;
  }

  /**
   * Returns a search in a set.
   *
   * @param training the set, not empty
   * @return the search
   * @throws IllegalArgumentException if the set is empty
   */
  public static NearestImages in(ImageSource training) {
    checkArgument(training.size() > 0, "%s is empty", requireNonNull(training).name());
    return new NearestImages(training);
  }

  /**
   * Finds the nearest images of each sample.
   *
   * @param samples float32, [N, C, H, W] in [-1, 1]
   * @param k the number of images per sample, at least 1 and at most the size of the set
   * @return the k nearest images of each sample, nearest first; of equally distant ones, the first
   *     in the set comes first
   * @throws IllegalArgumentException if k is out of range, or samples have another shape
   */
  public List<List<Neighbor>> find(INDArray samples, int k) {
    Checks.atLeast(1, "k", k);
    checkArgument(k <= training.size(), "k must be at most %s, was %s", training.size(), k);
    checkArgument(
        samples.rank() == 4
            && Arrays.equals(samples.shape(), training.shape().batch((int) samples.size(0))),
        "samples must be [N, C, H, W] of %s, were %s",
        training.shape(),
        Arrays.toString(samples.shape()));
    Smallest[] nearest = new Smallest[(int) samples.size(0)];
    Arrays.setAll(nearest, i -> new Smallest(k));
    search(HostImages.copy(samples), nearest);
    return Arrays.stream(nearest).map(found -> neighbors(found, k)).toList();
  }

  private void search(float[] samples, Smallest[] nearest) {
    int size = training.shape().size();
    int first = 0;
    for (Batch batch : training.batches(BATCH)) {
      try (batch) {
        float[] images = HostImages.copy(batch.images());
        for (int sample = 0; sample < nearest.length; sample++) {
          for (int i = 0; i < batch.size(); i++) {
            double limit = nearest[sample].limit();
            double squared =
                Distances.squared(samples, sample * size, images, i * size, size, limit);
            nearest[sample].offer(squared, first + i);
          }
        }
        first += batch.size();
      }
    }
  }

  private List<Neighbor> neighbors(Smallest found, int k) {
    List<Neighbor> neighbors = new ArrayList<>();
    for (int rank = 0; rank < k; rank++) {
      int index = found.index(rank);
      double distance = Math.sqrt(found.value(rank)) / HostImages.UNIT;
      neighbors.add(new Neighbor(index, training.label(index), distance));
    }
    return List.copyOf(neighbors);
  }
}
