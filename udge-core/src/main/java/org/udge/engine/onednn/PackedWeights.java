package org.udge.engine.onednn;

import static java.util.Objects.requireNonNull;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * Copies of weights in the layouts that primitives expect, shared by all plans and passes.
 *
 * <p>A copy is updated when it is needed and older than the parameters. Guarded by the engine's
 * lock.
 */
final class PackedWeights implements AutoCloseable {

  private static final class Copy {
    private final long source;
    private final memory.desc from;
    private final Buffer buffer;
    private final memory plain;
    private final memory packed;
    private final Execution renewal;
    private long version = -1;

    Copy(
        long source,
        memory.desc from,
        Buffer buffer,
        memory plain,
        memory packed,
        Execution renewal) {
      this.source = source;
      this.from = from;
      this.buffer = buffer;
      this.plain = plain;
      this.packed = packed;
      this.renewal = renewal;
    }
  }

  private final NativeScope scope = new NativeScope();
  private final List<Copy> copies = new ArrayList<>();
  private final Map<Buffer, Copy> byBuffer = new HashMap<>();
  private long parameters;
  private long version;

  PackedWeights(long parameters) {
    this.parameters = parameters;
  }

  /** Notifies that parameters have changed, and sets their address. */
  void parametersChanged(long address) {
    version++;
    if (address != parameters) {
      parameters = address;
      copies.forEach(c -> c.plain.set_data_handle(new Address(address + c.source)));
    }
  }

  /**
   * Returns weights in the requested layout. Repeated requests return the same copy.
   *
   * @param source the offset into the parameters, in bytes
   * @param from the layout in the parameters
   * @param to the requested layout, different from the former
   */
  Buffer packed(String name, long source, memory.desc from, memory.desc to) {
    for (Copy copy : copies) {
      if (copy.source == source && copy.from.equals(from) && copy.buffer.hasLayout(to)) {
        return copy.buffer;
      }
    }
    return add(name, source, from, to).buffer;
  }

  private Copy add(String name, long source, memory.desc from, memory.desc to) {
    OneDnnLibrary library = OneDnnLibrary.get();
    PointerScope temporaries = NativeScope.temporaries();
    try {
      Buffer buffer = new Buffer(name, scope.keep(to), Buffer.Place.PACKED, 0);
      memory plain =
          scope.keep(
              new memory(scope.keep(from), library.engine(), new Address(parameters + source)));
      Pointer block = scope.keep(new BytePointer(Math.max(1, to.get_size())));
      memory packed = scope.keep(new memory(to, library.engine(), block));
      reorder code = scope.keep(new reorder(plain, packed));
      Execution renewal =
          new Execution(scope, code, List.of(DNNL_ARG_SRC, DNNL_ARG_DST), List.of(plain, packed));
      Copy copy = new Copy(source, from, buffer, plain, packed, renewal);
      copies.add(copy);
      byBuffer.put(buffer, copy);
      return copy;
    } finally {
      temporaries.close();
    }
  }

  memory memory(Buffer buffer) {
    return requireNonNull(byBuffer.get(buffer)).packed;
  }

  /** Updates the copies that a phase reads. */
  void renew(List<Buffer> buffers) {
    for (int i = 0; i < buffers.size(); i++) {
      Copy copy = requireNonNull(byBuffer.get(buffers.get(i)));
      if (copy.version != version) {
        copy.renewal.run();
        copy.version = version;
      }
    }
  }

  @Override
  public void close() {
    copies.clear();
    byBuffer.clear();
    scope.close();
  }
}
