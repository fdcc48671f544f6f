package org.udge.spark.training;

import java.io.IOException;
import java.io.Serializable;
import org.udge.data.TrainingData;

/**
 * Opens a worker's share of the training data, in whatever process the worker happens to run. Sent
 * to the executors by Java serialization. The same worker must be given the same batches wherever
 * and however often it asks.
 */
@FunctionalInterface
public interface ShardFactory extends Serializable {

  /**
   * Opens a share.
   *
   * @param worker from 0 to workers - 1
   * @param workers how many there are
   * @return mini-batches; every worker's must have equally many an epoch
   * @throws IOException if the data cannot be read there
   * @throws IllegalArgumentException if there is nothing for that worker
   */
  TrainingData open(int worker, int workers) throws IOException;
}
