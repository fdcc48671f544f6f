package org.udge.engine.onednn;

import java.util.Optional;
import org.bytedeco.dnnl.memory;

/** A tensor of a plan: its layout and its location. */
final class Buffer {

  /** The locations of tensors. */
  enum Place {
    /** In the arena of the pass. */
    ARENA,
    /** In the caller's images. */
    IMAGES,
    /** In the array of logits that the pass returns. */
    LOGITS,
    /** In the copy of the caller's gradient held by the pass. */
    LOGIT_GRADIENT,
    /** In the array of input gradients that the pass returns. */
    INPUT_GRADIENT,
    /** In the flat parameters of the graph. */
    PARAMETERS,
    /** In the flat gradient view of the graph. */
    GRADIENTS,
    /** Among the packed weights, which all passes share. */
    PACKED,
    /** Zeros that are never written. */
    ZERO
  }

  private final String name;
  private final memory.desc descriptor;
  private final Place place;
  private final Optional<Buffer> whole;
  private long offset;

  /**
   * Creates a tensor.
   *
   * @param offset the offset in bytes, into the flat parameters or gradients; an offset into the
   *     arena is set later
   */
  Buffer(String name, memory.desc descriptor, Place place, long offset) {
    this.name = name;
    this.descriptor = descriptor;
    this.place = place;
    this.whole = Optional.empty();
    this.offset = offset;
  }

  private Buffer(Buffer whole, memory.desc descriptor) {
    this.name = whole.name;
    this.descriptor = descriptor;
    this.place = whole.place;
    this.whole = Optional.of(whole);
  }

  /** Returns a view of the same values in the same memory with other sizes. */
  Buffer view(memory.desc other) {
    return new Buffer(memory(), other);
  }

  /** Returns the tensor that owns the memory: this tensor, or the one of which it is a view. */
  Buffer memory() {
    return whole.orElse(this);
  }

  String name() {
    return name;
  }

  memory.desc descriptor() {
    return descriptor;
  }

  Place place() {
    return place;
  }

  long bytes() {
    return descriptor.get_size();
  }

  long offset() {
    return memory().offset;
  }

  void moveTo(long newOffset) {
    offset = newOffset;
  }

  boolean hasLayout(memory.desc other) {
    return descriptor.equals(other);
  }
}
