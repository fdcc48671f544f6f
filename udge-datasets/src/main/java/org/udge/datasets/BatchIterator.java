package org.udge.datasets;

import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.udge.data.Batch;
import org.udge.data.ImageShape;

/** What our iterators for Deeplearning4j share: everything but where batches come from. */
abstract class BatchIterator implements DataSetIterator {

  private static final long serialVersionUID = 1;

  private final transient ImageShape shape;
  private final transient List<String> classNames;
  private transient @Nullable DataSetPreProcessor preProcessor;

  BatchIterator(ImageShape shape, List<String> classNames) {
    this.shape = shape;
    this.classNames = classNames;
  }

  /** The next batch of the usual size; there is one. */
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
