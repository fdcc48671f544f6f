package org.udge.loss;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * State that several terms of the same run of training share, such as a queue of negatives.
 *
 * <p>Every run has its own, {@link LossSetup#memory()}, so runs never see each other's state. The
 * terms that share an object must agree on which of them changes and saves it; for the queue, it is
 * the first one.
 *
 * <p>Not thread-safe.
 */
public final class RunMemory {

  private record Key(Class<?> type, Object settings) {}

  private final Map<Key, Object> entries = new HashMap<>();

  /** Creates the memory of a new run; called by {@link LossSetup#of}. */
  RunMemory() {}

  /**
   * Returns the shared object of a type and settings, creating it unless an earlier term did.
   *
   * @param <T> the type
   * @param type the type
   * @param settings the settings from which the object is created; compared by {@code equals}
   * @param create creates the object, if it does not exist yet
   * @return the shared object
   */
  public <T> T shared(Class<T> type, Object settings, Supplier<T> create) {
    Key key = new Key(requireNonNull(type), requireNonNull(settings));
    return type.cast(entries.computeIfAbsent(key, absent -> create.get()));
  }
}
