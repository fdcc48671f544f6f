package org.udge.engine.onednn;

import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Arrays whose numbers lie in memory as oneDNN expects: row by row, without gaps. */
final class Contiguous {

  private Contiguous() {}

  /** The array itself, or a detached copy if its numbers lie otherwise. */
  static INDArray of(INDArray array) {
    if (isContiguous(array)) {
      return array;
    }
    try (MemoryWorkspace none = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
      return array.dup('c');
    }
  }

  private static boolean isContiguous(INDArray array) {
    long expected = 1;
    for (int i = array.rank() - 1; i >= 0; i--) {
      if (array.size(i) != 1 && array.stride(i) != expected) {
        return false;
      }
      expected *= array.size(i);
    }
    return true;
  }
}
