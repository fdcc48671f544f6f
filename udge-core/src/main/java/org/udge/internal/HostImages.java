package org.udge.internal;

import static org.nd4j.linalg.indexing.NDArrayIndex.all;
import static org.nd4j.linalg.indexing.NDArrayIndex.interval;

import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import java.util.function.Function;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Images as plain arrays, on which operations on each pixel between two passes are cheaper. */
public final class HostImages {

  /** One unit of [0, 1] pixels is two of [-1, 1] pixels. */
  public static final double UNIT = 2;

  private HostImages() {}

  /**
   * Copies an array of any type, strides and offset.
   *
   * @param images any array of numbers
   * @return its numbers in C order
   */
  public static float[] copy(INDArray images) {
    return keeping(
        dense(images.castTo(DataType.FLOAT)),
        ordered -> {
          float[] pixels = new float[Math.toIntExact(ordered.length())];
          FloatBuffer buffer = ordered.data().asNioFloat();
          buffer.duplicate().get(pixels);
          return pixels;
        });
  }

  /**
   * Returns an array whose numbers are stored at the beginning of its buffer, in C order.
   *
   * @param array any array
   * @return the array itself if it is like that, or a copy
   */
  public static INDArray dense(INDArray array) {
    return isContiguous(array) && array.offset() == 0 ? array : array.dup('c');
  }

  /**
   * Returns whether an array's numbers are stored consecutively in C order, at any offset in the
   * buffer. Strides decide: a permuted array may claim the order 'c'.
   *
   * @param array any array
   * @return true if it can be read from its first number on without regard to strides
   */
  public static boolean isContiguous(INDArray array) {
    long expected = 1;
    for (int i = array.rank() - 1; i >= 0; i--) {
      if (array.size(i) != 1 && array.stride(i) != expected) {
        return false;
      }
      expected *= array.size(i);
    }
    return true;
  }

  /**
   * Runs a function on an array's address or buffer, and keeps the array's memory from being freed
   * meanwhile: an address does not keep its array alive, and an unreferenced array may be collected
   * while its numbers are copied.
   *
   * @param array the array whose address or buffer is used
   * @param use the function
   * @param <T> the type of the result
   * @return what {@code use} returns
   */
  public static <T> T keeping(INDArray array, Function<INDArray, T> use) {
    try {
      return use.apply(array);
    } finally {
      Reference.reachabilityFence(array);
    }
  }

  /**
   * Returns an array with the given pixels.
   *
   * @param pixels the numbers, in C order; copied
   * @param shape the shape of the array
   * @return a new array
   */
  public static INDArray array(float[] pixels, long... shape) {
    return Nd4j.createFromArray(pixels).reshape(shape);
  }

  /**
   * Returns a slice of a batch.
   *
   * @param images [N, C, H, W]
   * @param first the index of the first image
   * @param end the index after the last image
   * @return a view of the batch
   */
  public static INDArray slice(INDArray images, int first, int end) {
    return images.get(interval(first, end), all(), all(), all());
  }

  /**
   * Computes the Euclidean norm of each of N equal parts.
   *
   * @param values the numbers of all parts, one after the other
   * @param parts N
   * @return N numbers
   */
  public static double[] norms(float[] values, int parts) {
    int size = values.length / parts;
    double[] norms = new double[parts];
    for (int i = 0; i < parts; i++) {
      double sum = 0;
      for (int j = i * size; j < (i + 1) * size; j++) {
        sum += (double) values[j] * values[j];
      }
      norms[i] = Math.sqrt(sum);
    }
    return norms;
  }
}
