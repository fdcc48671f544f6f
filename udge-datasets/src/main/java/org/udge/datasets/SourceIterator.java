package org.udge.datasets;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.DataSet;
import org.udge.data.Batch;
import org.udge.data.ImageSource;

/** A source in its own order. */
final class SourceIterator extends BatchIterator {

  private static final long serialVersionUID = 1;

  private final transient ImageSource source;
  private final int batchSize;
  private int position;

  SourceIterator(ImageSource source, int batchSize) {
    super(source.shape(), source.classNames());
    this.source = source;
    this.batchSize = batchSize;
  }

  @Override
  Batch nextBatch() {
    return read(batchSize);
  }

  @Override
  public DataSet next(int count) {
    checkArgument(count > 0, "number of images must be at least 1, was %s", count);
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return processed(read(count));
  }

  private Batch read(int count) {
    int end = (int) Math.min(source.size(), (long) position + count);
    Batch batch = source.read(IntStream.range(position, end).toArray());
    position = end;
    return batch;
  }

  @Override
  public boolean hasNext() {
    return position < source.size();
  }

  @Override
  public void reset() {
    position = 0;
  }

  @Override
  public int batch() {
    return batchSize;
  }
}
