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
 * A finite set of images of the same shape, readable at any position.
 *
 * <p>Pixels are float32 in [-1, 1], u / 127.5 - 1 for bytes u. Reading never changes the set: the
 * same index always yields the same image. Implementations must be safe for concurrent reading.
 */
public interface ImageSource {

  /**
   * Returns the name used in tables, plots and results, for example {@code cifar10/test}.
   *
   * @return the name
   */
  String name();

  /**
   * Returns the number of images.
   *
   * @return the size, at least 0
   */
  int size();

  /**
   * Returns the shape of every image.
   *
   * @return the shape
   */
  ImageShape shape();

  /**
   * Returns the names of the classes, in the order of their indices.
   *
   * @return the names; empty if images have no labels
   */
  List<String> classNames();

  /**
   * Returns the number of classes.
   *
   * @return the number of classes; 0 if images have no labels
   */
  default int classCount() {
    return classNames().size();
  }

  /**
   * Copies one image.
   *
   * @param index 0 to size - 1
   * @param target the array that receives the pixels, in the order channel, row, column
   * @param offset the index in the target at which to start
   * @return the image's label, or {@link Batch#UNLABELED}
   * @throws IndexOutOfBoundsException if there is no such image
   */
  @CanIgnoreReturnValue
  int read(int index, float[] target, int offset);

  /**
   * Returns the label of an image, if possible without reading its pixels.
   *
   * @param index 0 to size - 1
   * @return the label, or {@link Batch#UNLABELED}
   */
  default int label(int index) {
    return read(index, new float[shape().size()], 0);
  }

  /**
   * Returns this set with the class indices of a model. Classes of the same name are the same,
   * regardless of their order; the set may lack some of the model's. If one side has plain numbers
   * as names ("0", "1", ...), classes are matched by order, and both must have the same number of
   * classes.
   *
   * @param names the model's class names, in the order of its logits
   * @return this set if its names are the same or it has no labels, otherwise a set with mapped
   *     labels
   * @throws IllegalArgumentException if a class of this set is not one of the model's, or the
   *     numbers of classes differ where classes are matched by order
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
   * @param indices the indices of the images, each 0 to size - 1
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
   * @param batchSize the number of images per batch, at least 1; the last batch may be smaller
   * @return the batches, created on demand
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
