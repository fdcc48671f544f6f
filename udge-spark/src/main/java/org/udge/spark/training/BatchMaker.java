package org.udge.spark.training;

import java.io.Serializable;
import org.udge.data.ImageSource;
import org.udge.data.TrainingData;
import org.udge.datasets.ShuffledBatches;
import org.udge.random.RandomStreams;

/**
 * Creates mini-batches of a worker's images: determines their size, augmentation, and the treatment
 * of the rest. It is sent to the executors by Java serialization.
 */
@FunctionalInterface
public interface BatchMaker extends Serializable {

  /**
   * Creates the batches.
   *
   * @param images the worker's share
   * @param streams the source of randomness of the worker's shuffling and augmentation; worker 0
   *     has {@code RandomStreams.of(seed)}, so that a single worker trains like {@link
   *     org.udge.training.Trainer}
   * @return mini-batches
   */
  TrainingData of(ImageSource images, RandomStreams streams);

  /**
   * Shuffled batches without augmentation; the rest of an epoch is dropped.
   *
   * @param batchSize images per batch on each worker, at least 1
   * @return the maker
   */
  static BatchMaker ofSize(int batchSize) {
    return (images, streams) -> ShuffledBatches.builder(images, batchSize, streams).build();
  }
}
