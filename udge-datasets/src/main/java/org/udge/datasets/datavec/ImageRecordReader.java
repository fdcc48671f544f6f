package org.udge.datasets.datavec;

import java.io.DataInputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.datavec.api.conf.Configuration;
import org.datavec.api.records.Record;
import org.datavec.api.records.metadata.RecordMetaData;
import org.datavec.api.records.reader.BaseRecordReader;
import org.datavec.api.split.InputSplit;
import org.datavec.api.writable.IntWritable;
import org.datavec.api.writable.NDArrayWritable;
import org.datavec.api.writable.Writable;
import org.udge.data.Batch;
import org.udge.data.ImageSource;

/** A source in its own order. */
final class ImageRecordReader extends BaseRecordReader {

  private static final long serialVersionUID = 1;

  private final transient ImageSource source;
  private transient Configuration configuration;
  private int position;

  ImageRecordReader(ImageSource source) {
    this.source = source;
    this.configuration = new Configuration();
  }

  /** There is nothing to initialize. */
  @Override
  public void initialize(InputSplit split) {
    reset();
  }

  /** There is nothing to initialize. */
  @Override
  public void initialize(Configuration configuration, InputSplit split) {
    setConf(configuration);
    reset();
  }

  @Override
  public List<Writable> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    try (Batch image = source.read(position++)) {
      List<Writable> record = new ArrayList<>();
      record.add(new NDArrayWritable(image.images().dup('c')));
      if (source.classCount() > 0) {
        record.add(new IntWritable(image.requireLabels()[0]));
      }
      return record;
    }
  }

  @Override
  public boolean hasNext() {
    return position < source.size();
  }

  @Override
  public List<String> getLabels() {
    return source.classNames();
  }

  @Override
  public void reset() {
    position = 0;
  }

  @Override
  public boolean resetSupported() {
    return true;
  }

  @Override
  public Record nextRecord() {
    return new org.datavec.api.records.impl.Record(next(), null);
  }

  @Override
  public List<Writable> record(URI uri, DataInputStream data) {
    throw new UnsupportedOperationException("images are read from " + source + ", not from " + uri);
  }

  @Override
  public Record loadFromMetaData(RecordMetaData metaData) {
    throw new UnsupportedOperationException("records of images have no metadata");
  }

  @Override
  public List<Record> loadFromMetaData(List<RecordMetaData> metaData) {
    throw new UnsupportedOperationException("records of images have no metadata");
  }

  @Override
  public void close() {
    // The source is the caller's.
  }

  @Override
  public void setConf(Configuration configuration) {
    this.configuration = configuration;
  }

  @Override
  public Configuration getConf() {
    return configuration;
  }
}
