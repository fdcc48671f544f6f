package org.udge.state;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A tree of named values: numbers, texts, arrays of numbers, and further states.
 *
 * <p>Build one with {@link #builder()}. Arrays are copied in and out (but see {@link
 * Builder#putRows}), so a state never changes. Readers name the entry they want and its type; an
 * absent entry or another type is an error that names both.
 *
 * <p>Serializable, so that a state can move between processes of one version of this library that
 * trust each other; {@link StateFiles} writes files, which stay readable and may come from anyone.
 *
 * <p>Immutable and thread-safe.
 *
 * @serial exclude
 */
public final class State implements Serializable {

  private static final long serialVersionUID = 1;

  private static final State EMPTY = new State(new LinkedHashMap<>());

  private final Map<String, Object> entries;

  private State(Map<String, Object> entries) {
    this.entries = Collections.unmodifiableMap(entries);
  }

  /**
   * Starts a state.
   *
   * @return an empty builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the state of something that remembers nothing.
   *
   * @return the empty state
   */
  public static State empty() {
    return EMPTY;
  }

  /**
   * Starts a state from the entries of this one.
   *
   * @return a builder that has them already; arrays are shared, not copied
   */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.entries.putAll(entries);
    return builder;
  }

  /**
   * Returns this state and not one of its entries.
   *
   * @param name the entry; need not be there
   * @return a new state; arrays are shared, not copied
   */
  public State without(String name) {
    Map<String, Object> others = new LinkedHashMap<>(entries);
    others.remove(name);
    return new State(others);
  }

  /**
   * Returns whether there is an entry of this name.
   *
   * @param name the entry
   * @return true if present, whatever its type
   */
  public boolean has(String name) {
    return entries.containsKey(name);
  }

  /**
   * Reads a whole number.
   *
   * @param name the entry
   * @return its value
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public long getLong(String name) {
    return get(name, Long.class);
  }

  /**
   * Reads a real number.
   *
   * @param name the entry
   * @return its value
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public double getDouble(String name) {
    return get(name, Double.class);
  }

  /**
   * Reads a text.
   *
   * @param name the entry
   * @return its value
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public String getString(String name) {
    return get(name, String.class);
  }

  /**
   * Reads an array of floats.
   *
   * @param name the entry
   * @return a copy of its values
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public float[] getFloats(String name) {
    return get(name, float[].class).clone();
  }

  /**
   * Reads an array of doubles.
   *
   * @param name the entry
   * @return a copy of its values
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public double[] getDoubles(String name) {
    return get(name, double[].class).clone();
  }

  /**
   * Reads an array of whole numbers.
   *
   * @param name the entry
   * @return a copy of its values
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public long[] getLongs(String name) {
    return get(name, long[].class).clone();
  }

  /**
   * Reads an array of bytes.
   *
   * @param name the entry
   * @return a copy of its values
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public byte[] getBytes(String name) {
    return get(name, byte[].class).clone();
  }

  /**
   * Reads rows of floats that were put with {@link Builder#putRows}.
   *
   * @param name the entry
   * @return the rows, in a new outer array; the rows themselves are shared: never change them
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public float[][] getRows(String name) {
    return get(name, float[][].class).clone();
  }

  /**
   * Reads a child state.
   *
   * @param name the entry
   * @return the child
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public State getState(String name) {
    return get(name, State.class);
  }

  /**
   * Returns the entries as they are, for writers of files. Arrays are not copied: do not change
   * them.
   *
   * @return names and values, in the order they were put
   */
  Map<String, Object> entries() {
    return entries;
  }

  private <T> T get(String name, Class<T> type) {
    Object value = entries.get(name);
    checkArgument(value != null, "state has no entry '%s'; it has %s", name, entries.keySet());
    checkArgument(
        type.isInstance(value),
        "state entry '%s' is a %s, expected a %s",
        name,
        value.getClass().getSimpleName(),
        type.getSimpleName());
    return type.cast(value);
  }

  @Override
  public boolean equals(Object other) {
    if (!(other instanceof State that) || !entries.keySet().equals(that.entries.keySet())) {
      return false;
    }
    return entries.keySet().stream()
        .allMatch(key -> Arrays.deepEquals(wrap(value(key)), wrap(that.value(key))));
  }

  @Override
  public int hashCode() {
    return entries.entrySet().stream()
        .mapToInt(e -> 31 * e.getKey().hashCode() + Arrays.deepHashCode(wrap(e.getValue())))
        .sum();
  }

  private Object value(String key) {
    return requireNonNull(entries.get(key), key);
  }

  private static Object[] wrap(Object value) {
    return new Object[] {value};
  }

  @Override
  public String toString() {
    return "State" + entries.keySet();
  }

  /** Collects the entries of a {@link State}. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Object> entries = new LinkedHashMap<>();

    private Builder() {}

    /**
     * Adds a whole number.
     *
     * @param name the entry, not used before
     * @param value its value
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder put(String name, long value) {
      return add(name, value);
    }

    /**
     * Adds a real number.
     *
     * @param name the entry, not used before
     * @param value its value
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder put(String name, double value) {
      return add(name, value);
    }

    /**
     * Adds a text.
     *
     * @param name the entry, not used before
     * @param value its value
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder put(String name, String value) {
      return add(name, requireNonNull(value));
    }

    /**
     * Adds a copy of an array of floats.
     *
     * @param name the entry, not used before
     * @param value its values
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder put(String name, float[] value) {
      return add(name, value.clone());
    }

    /**
     * Adds a copy of an array of doubles.
     *
     * @param name the entry, not used before
     * @param value its values
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder put(String name, double[] value) {
      return add(name, value.clone());
    }

    /**
     * Adds a copy of an array of whole numbers.
     *
     * @param name the entry, not used before
     * @param value its values
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder put(String name, long[] value) {
      return add(name, value.clone());
    }

    /**
     * Adds a copy of an array of bytes.
     *
     * @param name the entry, not used before
     * @param value its values
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder put(String name, byte[] value) {
      return add(name, value.clone());
    }

    /**
     * Adds rows of floats without copying them, for memories too large to copy: whoever puts them
     * promises to replace rows but never to change one. Writers of files can go row by row.
     *
     * @param name the entry, not used before
     * @param rows its values; only the outer array is copied
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder putRows(String name, float[][] rows) {
      return add(name, rows.clone());
    }

    /**
     * Adds a child state.
     *
     * @param name the entry, not used before
     * @param value the child
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder put(String name, State value) {
      return add(name, requireNonNull(value));
    }

    @CanIgnoreReturnValue
    private Builder add(String name, Object value) {
      checkArgument(!name.isEmpty() && name.indexOf('/') < 0, "bad state entry name '%s'", name);
      checkArgument(entries.put(name, value) == null, "state entry '%s' was put twice", name);
      return this;
    }

    /**
     * Finishes the state.
     *
     * @return the state
     */
    public State build() {
      return new State(new LinkedHashMap<>(entries));
    }
  }
}
