package org.udge.spark.training;

import java.io.IOException;
import java.io.Serializable;
import org.udge.data.TrainingData;

/**
 * Opens a worker's share of the training data, in the process in which the worker runs. It is sent
 * to the executors by Java serialization. The same worker must receive the same batches in every
 * process and every time.
 */
@FunctionalInterface
public interface ShardFactory extends Serializable {

  /**
   * Opens a share.
   *
   * @param worker from 0 to workers - 1
   * @param workers number of workers
   * @return mini-batches; the number per epoch must be the same for all workers
   * @throws IOException if the data cannot be read there
   * @throws IllegalArgumentException if there are no data for that worker
   */
  TrainingData open(int worker, int workers) throws IOException;
}
