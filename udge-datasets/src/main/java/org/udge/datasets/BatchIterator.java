package org.udge.datasets;

import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.udge.data.Batch;
import org.udge.data.ImageShape;

/**
 * The common part of the iterators for Deeplearning4j: everything except the source of the batches.
 */
abstract class BatchIterator implements DataSetIterator {

  private static final long serialVersionUID = 1;

  private final transient ImageShape shape;
  private final transient List<String> classNames;
  private transient @Nullable DataSetPreProcessor preProcessor;

  BatchIterator(ImageShape shape, List<String> classNames) {
    this.shape = shape;
    this.classNames = classNames;
  }

  /** The next batch of the usual size, which must exist. */
  abstract Batch nextBatch();

  @Override
  public DataSet next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    try (Batch batch = nextBatch()) {
      return processed(batch);
    }
  }

  final DataSet processed(Batch batch) {
    DataSet data = DataSetIterators.toDataSet(batch, classNames.size());
    data.setLabelNames(classNames);
    if (preProcessor != null) {
      preProcessor.preProcess(data);
    }
    return data;
  }

  @Override
  public int inputColumns() {
    return shape.size();
  }

  @Override
  public int totalOutcomes() {
    return classNames.size();
  }

  @Override
  public boolean resetSupported() {
    return true;
  }

  @Override
  public boolean asyncSupported() {
    return true;
  }

  @Override
  public void setPreProcessor(DataSetPreProcessor preProcessor) {
    this.preProcessor = preProcessor;
  }

  @Override
  public @Nullable DataSetPreProcessor getPreProcessor() {
    return preProcessor;
  }

  @Override
  public List<String> getLabels() {
    return classNames;
  }
}
