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
 * Converts images to DataVec's records and back. A record is an image, an array [1, C, H, W] or [C,
 * H, W], and its label, a whole number; values are not converted and are in [-1, 1] in this
 * library.
 */
public final class RecordReaders {

  private RecordReaders() {}

  /**
   * Reads a source in order, for example for {@code RecordReaderDataSetIterator}.
   *
   * @param source the images; if they have no classes, records have no label
   * @return a reader that needs no initialization and can be reset; not thread-safe
   */
  public static RecordReader of(ImageSource source) {
    return new ImageRecordReader(source);
  }

  /**
   * Reads the remaining records of a reader into memory. Values from 0 to 255 must be scaled first,
   * for example by {@code ImagePreProcessingScaler}.
   *
   * @param name a name for tables and plots
   * @param reader the first value of its records is an image [1, C, H, W] or [C, H, W], all of the
   *     same shape; the second, if any, is the label
   * @param classNames names of the classes; empty if labels are not wanted
   * @return the images
   * @throws IllegalArgumentException if there are no images, or a record is not as described
   */
  public static ImageSource toImages(String name, RecordReader reader, List<String> classNames) {
    List<float[]> pixels = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    long[] shape = {};
    while (reader.hasNext()) {
      List<Writable> record = reader.next();
      checkArgument(
          !record.isEmpty() && record.get(0) instanceof NDArrayWritable,
          "record %s does not start with an image, an NDArrayWritable",
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
          "all images must have the same shape, got %s after %s",
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
