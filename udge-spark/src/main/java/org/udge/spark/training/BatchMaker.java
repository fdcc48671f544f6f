package org.udge.spark.training;

import java.io.Serializable;
import org.udge.data.ImageSource;
import org.udge.data.TrainingData;
import org.udge.datasets.ShuffledBatches;
import org.udge.random.RandomStreams;

/**
 * Makes mini-batches of a worker's images: their size, augmentation, and what becomes of the rest.
 * Sent to the executors by Java serialization.
 */
@FunctionalInterface
public interface BatchMaker extends Serializable {

  /**
   * Makes the batches.
   *
   * @param images the worker's share
   * @param streams where the worker's shuffling and augmentation come from; worker 0 has {@code
   *     RandomStreams.of(seed)}, so that a single worker is trained as {@link
   *     org.udge.training.Trainer} trains
   * @return mini-batches
   */
  TrainingData of(ImageSource images, RandomStreams streams);

  /**
   * Shuffled batches without augmentation; what is left of an epoch is dropped.
   *
   * @param batchSize images a batch on each worker, at least 1
   * @return the maker
   */
  static BatchMaker ofSize(int batchSize) {
    return (images, streams) -> ShuffledBatches.builder(images, batchSize, streams).build();
  }
}
