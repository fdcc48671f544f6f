package org.udge.datasets;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.common.primitives.Floats;
import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.data.TrainingData;

/**
 * Bridges to and from Deeplearning4j's {@link DataSetIterator}: features are images [N, C, H, W] as
 * in this library, labels are one-hot rows [N, classes], all float32.
 */
public final class DataSetIterators {

  private DataSetIterators() {}

  /**
   * Reads a source in order, for example to evaluate a network with Deeplearning4j's own
   * evaluation.
   *
   * @param source labeled images
   * @param batchSize images per batch, at least 1; the last batch may be smaller
   * @return an iterator over the source that can be reset; not thread-safe
   * @throws IllegalArgumentException if the source has no classes or the batch size is below 1
   */
  public static DataSetIterator of(ImageSource source, int batchSize) {
    checkArgument(batchSize > 0, "batch size must be at least 1, was %s", batchSize);
    checkClasses(source.classNames());
    return new SourceIterator(source, batchSize);
  }

  /**
   * Reads shuffled, augmented batches, for example to train a network with Deeplearning4j's own
   * {@code fit}. A pass over the iterator is an epoch; each reset advances to the next epoch.
   *
   * @param data labeled images
   * @return an iterator whose first pass is epoch 0; not thread-safe
   * @throws IllegalArgumentException if the data have no classes
   */
  public static DataSetIterator of(TrainingData data) {
    checkClasses(data.classNames());
    return new EpochIterator(data);
  }

  private static void checkClasses(List<String> classNames) {
    checkArgument(!classNames.isEmpty(), "images must have classes to be a DataSetIterator");
  }

  /**
   * Reads the remaining images of an iterator into memory. Values are not converted: set {@code new
   * ImagePreProcessingScaler(-1, 1)} on the iterator if its values range from 0 to 255.
   *
   * @param name a name for tables and plots
   * @param iterator its features are [N, C, H, W], all with the same shape; its labels are [N,
   *     classes], of which the largest counts, or absent
   * @param classNames names of the classes; empty if the labels are not wanted
   * @return the images
   * @throws IllegalArgumentException if there are no images, or shapes are inconsistent
   */
  public static ImageSource toImages(
      String name, DataSetIterator iterator, List<String> classNames) {
    List<float[]> pixels = new ArrayList<>();
    List<int[]> labels = new ArrayList<>();
    long[] shape = {};
    while (iterator.hasNext()) {
      DataSet next = iterator.next();
      INDArray features = next.getFeatures();
      checkArgument(
          features.rank() == 4,
          "features must be [N, C, H, W], were %s",
          Arrays.toString(features.shape()));
      long[] nextShape = Arrays.copyOfRange(features.shape(), 1, 4);
      checkArgument(
          shape.length == 0 || Arrays.equals(shape, nextShape),
          "all images must have the same shape, got %s after %s",
          Arrays.toString(nextShape),
          Arrays.toString(shape));
      shape = nextShape;
      pixels.add(features.castTo(DataType.FLOAT).dup('c').data().asFloat());
      labels.add(labels(next, classNames));
    }
    checkArgument(!pixels.isEmpty(), "the iterator has no images left: reset it first");
    return FloatImages.of(
        name,
        new ImageShape((int) shape[0], (int) shape[1], (int) shape[2]),
        classNames,
        Floats.concat(pixels.toArray(float[][]::new)),
        Ints.concat(labels.toArray(int[][]::new)));
  }

  private static int[] labels(DataSet data, List<String> classNames) {
    if (classNames.isEmpty() || data.getLabels() == null) {
      return Labels.none((int) data.getFeatures().size(0));
    }
    checkArgument(
        data.getLabels().rank() == 2 && data.getLabels().size(1) == classNames.size(),
        "labels must be [N, %s], one column per class name, were %s",
        classNames.size(),
        Arrays.toString(data.getLabels().shape()));
    return data.getLabels().argMax(1).toIntVector();
  }

  /** A batch in arrays of its own, so that the batch's buffers can be reused. */
  static DataSet toDataSet(Batch batch, int classCount) {
    float[] oneHot = new float[batch.size() * classCount];
    int[] labels = batch.requireLabels();
    for (int i = 0; i < labels.length; i++) {
      oneHot[i * classCount + labels[i]] = 1;
    }
    return new DataSet(
        batch.images().dup('c'), Nd4j.createFromArray(oneHot).reshape(labels.length, classCount));
  }
}
