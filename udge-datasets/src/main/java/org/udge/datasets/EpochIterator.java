package org.udge.datasets;

import org.nd4j.linalg.dataset.DataSet;
import org.udge.data.Batch;
import org.udge.data.TrainingData;

/** Training batches, one epoch per pass. */
final class EpochIterator extends BatchIterator {

  private static final long serialVersionUID = 1;

  private final transient TrainingData data;
  private final int batchSize;
  private long epoch;
  private int index;

  EpochIterator(TrainingData data) {
    super(data.shape(), data.classNames());
    this.data = data;
    try (Batch first = data.batch(0, 0)) {
      batchSize = first.size();
    }
  }

  @Override
  Batch nextBatch() {
    return data.batch(epoch, index++);
  }

  @Override
  public DataSet next(int count) {
    throw new UnsupportedOperationException(
        "training batches are of " + batchSize + " images; use next()");
  }

  @Override
  public boolean hasNext() {
    return index < data.batchesPerEpoch();
  }

  /** Advances to the next epoch, unless the current one has not started. */
  @Override
  public void reset() {
    if (index > 0) {
      epoch++;
      index = 0;
    }
  }

  @Override
  public int batch() {
    return batchSize;
  }
}
