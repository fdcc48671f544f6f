package org.udge.data;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A finite set of images of one shape, readable at any position.
 *
 * <p>Pixels are float32 in [-1, 1] after u / 127.5 - 1. Reading never changes the set: the same
 * index always gives the same image. Implementations must be safe for concurrent reading.
 */
public interface ImageSource {

  /**
   * A name for tables, plots and results, for example {@code cifar10/test}.
   *
   * @return the name
   */
  String name();

  /**
   * How many images.
   *
   * @return the size, at least 0
   */
  int size();

  /**
   * The shape of every image.
   *
   * @return the shape
   */
  ImageShape shape();

  /**
   * Names of the classes, in the order of their indices.
   *
   * @return the names; empty if images have no labels
   */
  List<String> classNames();

  /**
   * Number of classes.
   *
   * @return the count; 0 if images have no labels
   */
  default int classCount() {
    return classNames().size();
  }

  /**
   * Copies one image.
   *
   * @param index 0 to size - 1
   * @param target where pixels go, in the order channel, row, column
   * @param offset where in the target to start
   * @return the image's label, or {@link Batch#UNLABELED}
   * @throws IndexOutOfBoundsException if there is no such image
   */
  @CanIgnoreReturnValue
  int read(int index, float[] target, int offset);

  /**
   * An image's label, without reading its pixels where that can be avoided.
   *
   * @param index 0 to size - 1
   * @return the label, or {@link Batch#UNLABELED}
   */
  default int label(int index) {
    return read(index, new float[shape().size()], 0);
  }

  /**
   * This set with the class indices of a model. Classes of the same name are the same, whatever
   * their order; the set may lack some of the model's. Where one side has mere numbers for names
   * ("0", "1", ...), classes are matched by order, and both must have equally many.
   *
   * @param names the model's class names, in the order of its logits
   * @return this set if its names are those, or another with labels changed; sets without labels as
   *     they are
   * @throws IllegalArgumentException if a class of this set is none of the model's, or numbers of
   *     classes differ where only the order is known
   */
  default ImageSource matchedTo(List<String> names) {
    if (classNames().isEmpty() || classNames().equals(names)) {
      return this;
    }
    int[] classes = ClassMatching.of(name(), classNames(), names);
    return new MatchedImages(this, List.copyOf(names), classes);
  }

  /**
   * Copies some images into a new batch.
   *
   * @param indices which, each 0 to size - 1
   * @return a batch in the order of the indices
   */
  default Batch read(int... indices) {
    float[] pixels = new float[Math.multiplyExact(indices.length, shape().size())];
    int[] labels = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      labels[i] = read(indices[i], pixels, i * shape().size());
    }
    INDArray images = Nd4j.createFromArray(pixels).reshape(shape().batch(indices.length));
    return Batch.of(images, labels);
  }

  /**
   * Reads all images in order.
   *
   * @param batchSize images a batch, at least 1; the last batch may be smaller
   * @return the batches, made as they are asked for
   */
  default Iterable<Batch> batches(int batchSize) {
    checkArgument(batchSize > 0, "batch size must be at least 1, was %s", batchSize);
    return () ->
        new Iterator<>() {
          private int position;

          @Override
          public boolean hasNext() {
            return position < size();
          }

          @Override
          public Batch next() {
            if (!hasNext()) {
              throw new NoSuchElementException();
            }
            int end = (int) Math.min(size(), (long) position + batchSize);
            Batch batch = read(IntStream.range(position, end).toArray());
            position = end;
            return batch;
          }
        };
  }
}
