package org.udge.engine.onednn;

import static org.udge.internal.Preconditions.checkState;

import java.util.List;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;

/** A primitive and its tensors, which can be run repeatedly without allocation. */
final class Execution implements Runnable {

  private final dnnl_primitive primitive;
  private final dnnl_stream stream;
  private final dnnl_exec_arg_t arguments;
  private final int count;

  /**
   * Binds a primitive to memory.
   *
   * @param roles {@code DNNL_ARG_} constants
   * @param memories one for each role; must outlive this object
   */
  Execution(NativeScope scope, primitive code, List<Integer> roles, List<memory> memories) {
    this.primitive = scope.keep(code.get());
    this.stream = scope.keep(OneDnnLibrary.get().stream().get());
    this.count = roles.size();
    this.arguments = scope.keep(new dnnl_exec_arg_t(count));
    for (int i = 0; i < count; i++) {
      arguments.position(i).arg(roles.get(i)).memory(memories.get(i).get());
    }
    arguments.position(0);
  }

  @Override
  public void run() {
    int status = dnnl.dnnl_primitive_execute(primitive, stream, count, arguments);
    checkState(status == dnnl.dnnl_success, "oneDNN failed with status %s", status);
  }
}
