package org.udge.engine.onednn;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;

/**
 * Native objects that live until this scope is closed, whatever the garbage collector does.
 *
 * <p>Everything else that is created between is a temporary: create it inside a {@code
 * PointerScope}, which frees it at its end. Not thread-safe.
 */
final class NativeScope implements AutoCloseable {

  private final Deque<Pointer> kept = new ArrayDeque<>();

  /** A scope for temporaries. */
  @SuppressWarnings("unchecked") // an empty array of classes: no restriction
  static PointerScope temporaries() {
    return new PointerScope();
  }

  /** Keeps an object beyond the surrounding {@code PointerScope}. */
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
