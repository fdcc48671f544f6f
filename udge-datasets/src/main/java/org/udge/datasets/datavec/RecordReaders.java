package org.udge.datasets.datavec;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.common.primitives.Floats;
import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.datavec.api.records.reader.RecordReader;
import org.datavec.api.writable.NDArrayWritable;
import org.datavec.api.writable.Writable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.FloatImages;

/**
 * Images as DataVec's records and back. A record is an image, an array [1, C, H, W] or [C, H, W],
 * and its label, a whole number; values are as they are, here in [-1, 1].
 */
public final class RecordReaders {

  private RecordReaders() {}

  /**
   * Reads a source in order, for example for {@code RecordReaderDataSetIterator}.
   *
   * @param source the images; where they have no classes, records have no label
   * @return a reader that needs no initializing and can be reset; not thread-safe
   */
  public static RecordReader of(ImageSource source) {
    return new ImageRecordReader(source);
  }

  /**
   * Reads what is left of a reader into memory. Give values from 0 to 255 a scaling first, for
   * example {@code ImagePreProcessingScaler}.
   *
   * @param name a name for tables and plots
   * @param reader its records' first value is an image [1, C, H, W] or [C, H, W], all of one shape,
   *     the second, if any, the label
   * @param classNames names of the classes; empty if labels are not wanted
   * @return the images
   * @throws IllegalArgumentException if there are no images, or a record does not fit
   */
  public static ImageSource toImages(String name, RecordReader reader, List<String> classNames) {
    List<float[]> pixels = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    long[] shape = {};
    while (reader.hasNext()) {
      List<Writable> record = reader.next();
      checkArgument(
          !record.isEmpty() && record.get(0) instanceof NDArrayWritable,
          "record %s does not begin with an image, an NDArrayWritable",
          pixels.size());
      INDArray image = ((NDArrayWritable) record.get(0)).get();
      long[] sizes = image.shape();
      boolean single = sizes.length == 4 && sizes[0] == 1;
      checkArgument(
          single || sizes.length == 3,
          "images must be [1, C, H, W] or [C, H, W], record %s has %s",
          pixels.size(),
          Arrays.toString(sizes));
      long[] next = single ? Arrays.copyOfRange(sizes, 1, 4) : sizes;
      checkArgument(
          shape.length == 0 || Arrays.equals(shape, next),
          "all images must be of one shape, got %s after %s",
          Arrays.toString(next),
          Arrays.toString(shape));
      shape = next;
      pixels.add(image.castTo(DataType.FLOAT).dup('c').data().asFloat());
      boolean labeled = !classNames.isEmpty() && record.size() > 1;
      labels.add(labeled ? record.get(1).toInt() : Batch.UNLABELED);
    }
    checkArgument(!pixels.isEmpty(), "the reader has no records left: reset it first");
    return FloatImages.of(
        name,
        new ImageShape((int) shape[0], (int) shape[1], (int) shape[2]),
        classNames,
        Floats.concat(pixels.toArray(float[][]::new)),
        Ints.toArray(labels));
  }
}
