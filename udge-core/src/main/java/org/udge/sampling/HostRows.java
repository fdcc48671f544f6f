package org.udge.sampling;

import static org.udge.internal.Preconditions.checkArgument;

import java.lang.ref.Reference;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.internal.HostImages;

/**
 * Reads and writes rows of an ND4J array's own memory, without running ND4J operations, which cost
 * tens of microseconds each and switch between two OpenMP runtimes.
 */
final class HostRows {

  private final INDArray array;
  private final FloatBuffer floats;
  private final int start;
  private final int width;

  private HostRows(INDArray array) {
    this.array = array;
    this.width = (int) (array.length() / array.size(0));
    Nd4j.getAffinityManager().ensureLocation(array, Location.HOST);
    this.floats = array.data().asNioFloat();
    this.start = floats.position();
  }

  /**
   * Returns the rows of an array that is only read; copies it first if its memory is not contiguous
   * in C order.
   */
  static HostRows reading(INDArray array) {
    return new HostRows(HostImages.isContiguous(array) ? array : array.dup('c'));
  }

  /**
   * Returns the rows of an array that is modified in place.
   *
   * @throws IllegalArgumentException if its memory is not contiguous float32 in C order
   */
  static HostRows writing(INDArray array) {
    checkArgument(
        array.dataType() == DataType.FLOAT && array.rank() >= 2 && HostImages.isContiguous(array),
        "images must be a float32 array without gaps in C order, was %s of shape %s with strides %s:"
            + " dup('c') it",
        array.dataType(),
        Arrays.toString(array.shape()),
        Arrays.toString(array.stride()));
    return new HostRows(array);
  }

  int rows() {
    return (int) array.size(0);
  }

  int width() {
    return width;
  }

  void read(int row, float[] target, int offset) {
    try {
      floats.get(start + row * width, target, offset, width);
    } finally {
      // The buffer does not keep the array alive, which may be a copy that nobody else references.
      Reference.reachabilityFence(this);
    }
  }

  void write(int row, float[] source, int offset) {
    try {
      floats.put(start + row * width, source, offset, width);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Marks the host's copy as the current one, for backends that keep another. */
  void written() {
    Nd4j.getAffinityManager().tagLocation(array, Location.HOST);
  }
}
