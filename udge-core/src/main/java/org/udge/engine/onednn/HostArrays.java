package org.udge.engine.onednn;

import java.util.function.Supplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.internal.HostImages;

/** ND4J arrays that oneDNN reads and writes: row by row, without gaps, outside workspaces. */
final class HostArrays {

  private HostArrays() {}

  /** An array of float32 with arbitrary contents. */
  static INDArray create(long... shape) {
    return detached(() -> Nd4j.createUninitialized(DataType.FLOAT, shape, 'c'));
  }

  /** The array itself, or a copy if its numbers lie otherwise. */
  static INDArray contiguous(INDArray array) {
    return HostImages.isContiguous(array) ? array : detached(() -> array.dup('c'));
  }

  /** Where the array's first number is. Views share their buffer's address and add an offset. */
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
