package org.udge.engine.onednn;

import java.util.function.Supplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.internal.HostImages;

/**
 * Static methods for ND4J arrays that oneDNN reads and writes: in row-major order, without gaps,
 * outside workspaces.
 */
final class HostArrays {

  private HostArrays() {}

  /** Creates an array of float32 with arbitrary contents. */
  static INDArray create(long... shape) {
    return detached(() -> Nd4j.createUninitialized(DataType.FLOAT, shape, 'c'));
  }

  /** Returns the array itself, or a copy if its memory order differs. */
  static INDArray contiguous(INDArray array) {
    return HostImages.isContiguous(array) ? array : detached(() -> array.dup('c'));
  }

  /**
   * Returns the address of the first element of an array. Views share the address of their buffer
   * and add an offset.
   */
  static long address(INDArray array) {
    return array.data().address() + array.offset() * Float.BYTES;
  }

  private static INDArray detached(Supplier<INDArray> supplier) {
    MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces();
    try {
      return supplier.get();
    } finally {
      none.close();
    }
  }
}
