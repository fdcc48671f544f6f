package org.udge.internal;

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
    INDArray ordered = images.castTo(DataType.FLOAT);
    if (ordered.ordering() != 'c' || ordered.isView()) {
      ordered = ordered.dup('c');
    }
    float[] pixels = new float[Math.toIntExact(ordered.length())];
    FloatBuffer buffer = ordered.data().asNioFloat();
    buffer.duplicate().get(pixels);
    return pixels;
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
