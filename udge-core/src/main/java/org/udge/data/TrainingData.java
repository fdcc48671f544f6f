package org.udge.data;

import java.util.List;

/**
 * Mini-batches for training, each a function of its epoch and index alone.
 *
 * <p>That makes position the only state: batches can be made ahead on other threads, and training
 * resumed anywhere sees what it would have seen. Must be safe for concurrent use.
 */
public interface TrainingData {

  /**
   * Batches in one epoch.
   *
   * @return at least 1
   */
  int batchesPerEpoch();

  /**
   * The shape of every image.
   *
   * @return the shape
   */
  ImageShape shape();

  /**
   * Names of the classes.
   *
   * @return the names; empty if images have no labels
   */
  List<String> classNames();

  /**
   * Makes a batch. The caller closes it.
   *
   * @param epoch from 0
   * @param index 0 to batchesPerEpoch - 1
   * @return the batch
   */
  Batch batch(long epoch, int index);
}
