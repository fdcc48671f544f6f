package org.udge.engine.onednn;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * A scope of native objects that live until it is closed, independently of the garbage collector.
 *
 * <p>All other native objects are temporaries: create them within a {@code PointerScope}, which
 * frees them when it closes. Not thread-safe.
 */
final class NativeScope implements AutoCloseable {

  private final Deque<Pointer> kept = new ArrayDeque<>();

  /** Returns a new scope for temporaries. */
  @SuppressWarnings("unchecked") // an empty array of classes: no restriction
  static PointerScope temporaries() {
    return new PointerScope();
  }

  /** Retains an object beyond the enclosing {@code PointerScope}. */
  <T extends Pointer> T keep(T object) {
    object.retainReference();
    kept.push(object);
    return object;
  }

  @Override
  public void close() {
    while (!kept.isEmpty()) {
      kept.pop().releaseReference();
    }
  }
}
