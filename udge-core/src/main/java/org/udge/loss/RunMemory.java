package org.udge.loss;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What several terms of one run of training share, such as a queue of negatives.
 *
 * <p>Every run has one of its own, {@link LossSetup#memory()}, so runs never see each other's
 * memories. Whoever shares an object has to agree on who changes and who saves it; the queue's rule
 * is "the first term".
 *
 * <p>Not thread-safe.
 */
public final class RunMemory {

  private record Key(Class<?> type, Object settings) {}

  private final Map<Key, Object> entries = new HashMap<>();

  /** The memory of a run that begins; {@link LossSetup#of} makes it. */
  RunMemory() {}

  /**
   * The object of a type that was made with equal settings, now or by an earlier term.
   *
   * @param <T> the type
   * @param type the type
   * @param settings what the object is made from; compared by {@code equals}
   * @param create makes the object, where it is the first
   * @return the shared object
   */
  public <T> T shared(Class<T> type, Object settings, Supplier<T> create) {
    Key key = new Key(requireNonNull(type), requireNonNull(settings));
    return type.cast(entries.computeIfAbsent(key, absent -> create.get()));
  }
}
