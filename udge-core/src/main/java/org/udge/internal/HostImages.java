package org.udge.internal;

import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Images as plain arrays: what is done to each pixel between two passes is cheaper there. */
public final class HostImages {

  /** One unit of [0, 1] pixels is two of [-1, 1] pixels. */
  public static final double UNIT = 2;

  private HostImages() {}

  /**
   * Copies an array, whatever its type, strides and offset.
   *
   * @param images any array of numbers
   * @return its numbers in the order of its indices, the last running fastest
   */
  public static float[] copy(INDArray images) {
    INDArray ordered = dense(images.castTo(DataType.FLOAT));
    float[] pixels = new float[Math.toIntExact(ordered.length())];
    FloatBuffer buffer = ordered.data().asNioFloat();
    buffer.duplicate().get(pixels);
    keep(ordered);
    return pixels;
  }

  /**
   * An array whose numbers fill its buffer in the order of its indices.
   *
   * @param array any array
   * @return the array itself where it is so, or a copy
   */
  public static INDArray dense(INDArray array) {
    return isContiguous(array) && !array.isView() ? array : array.dup('c');
  }

  /**
   * Whether an array's numbers lie one after the other in the order of its indices, wherever in the
   * buffer they begin. Strides decide: a permuted array may claim the order 'c'.
   *
   * @param array any array
   * @return true if it can be read from its first number on without strides
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
   * Keeps an array's memory from being freed before this call. Addresses and buffers taken from an
   * array do not: without this, an array that nobody uses afterwards may be collected while its
   * numbers are copied.
   *
   * @param array whose address or buffer was used until now
   */
  public static void keep(INDArray array) {
    Reference.reachabilityFence(array);
  }

  /**
   * An array over some pixels.
   *
   * @param pixels the numbers, in the order of indices; copied
   * @param shape of the array
   * @return a new array
   */
  public static INDArray array(float[] pixels, long... shape) {
    return Nd4j.createFromArray(pixels).reshape(shape);
  }

  /**
   * Euclidean norm of each of N equal parts.
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
