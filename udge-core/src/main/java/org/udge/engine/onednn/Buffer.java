package org.udge.engine.onednn;

import java.util.Optional;
import org.bytedeco.dnnl.memory;

/** A tensor of a plan: what it looks like and where it lives. */
final class Buffer {

  /** Where a tensor lives. */
  enum Place {
    /** In the pass's arena. */
    ARENA,
    /** In the caller's images. */
    IMAGES,
    /** In the array of logits that the pass hands out. */
    LOGITS,
    /** In the pass's copy of the caller's gradient. */
    LOGIT_GRADIENT,
    /** In the array of input gradients that the pass hands out. */
    INPUT_GRADIENT,
    /** In the graph's flat parameters. */
    PARAMETERS,
    /** In the graph's flat gradient view. */
    GRADIENTS,
    /** Among the packed weights that all passes share. */
    PACKED,
    /** Zeros that nobody writes. */
    ZERO
  }

  private final String name;
  private final memory.desc descriptor;
  private final Place place;
  private final Optional<Buffer> whole;
  private long offset;

  /**
   * A tensor.
   *
   * @param offset in bytes, into the flat parameters or gradients; the arena's is set later
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

  /** The same numbers in the same places, seen with other sizes. */
  Buffer view(memory.desc other) {
    return new Buffer(memory(), other);
  }

  /** The tensor whose memory this is: itself, or what it is a view of. */
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
