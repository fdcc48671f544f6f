package org.udge.data;

import java.util.List;

/**
 * Mini-batches for training, each a function of its epoch and index alone.
 *
 * <p>The position is therefore the only state: batches can be prepared in advance on other threads,
 * and training resumed at any position sees the same batches. Must be safe for concurrent use.
 */
public interface TrainingData {

  /**
   * Returns the number of batches in an epoch.
   *
   * @return the number of batches, at least 1
   */
  int batchesPerEpoch();

  /**
   * Returns the shape of every image.
   *
   * @return the shape
   */
  ImageShape shape();

  /**
   * Returns the names of the classes.
   *
   * @return the names; empty if images have no labels
   */
  List<String> classNames();

  /**
   * Creates a batch. The caller closes it.
   *
   * @param epoch from 0
   * @param index 0 to batchesPerEpoch - 1
   * @return the batch
   */
  Batch batch(long epoch, int index);
}
