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
 * A tree of named values: numbers, strings, arrays of numbers, and further states.
 *
 * <p>Build one with {@link #builder()}. Arrays are copied in and out (except as noted at {@link
 * Builder#putRows}), so a state never changes. Readers specify the name and type of an entry; if it
 * is absent or of another type, the error message names both.
 *
 * <p>Serializable, so that a state can move between processes that trust each other and run the
 * same version of this library; {@link StateFiles} writes files, which remain readable by later
 * versions and may come from untrusted sources.
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
   * Returns an empty builder.
   *
   * @return an empty builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the state of an object that remembers nothing.
   *
   * @return the empty state
   */
  public static State empty() {
    return EMPTY;
  }

  /**
   * Returns a builder that contains the entries of this state.
   *
   * @return the builder; arrays are shared, not copied
   */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.entries.putAll(entries);
    return builder;
  }

  /**
   * Returns a copy of this state without one of its entries.
   *
   * @param name the name of the entry; need not be present
   * @return a new state; arrays are shared, not copied
   */
  public State without(String name) {
    Map<String, Object> others = new LinkedHashMap<>(entries);
    others.remove(name);
    return new State(others);
  }

  /**
   * Returns whether there is an entry of a given name.
   *
   * @param name the name of the entry
   * @return true if present, regardless of its type
   */
  public boolean has(String name) {
    return entries.containsKey(name);
  }

  /**
   * Returns an integer.
   *
   * @param name the name of the entry
   * @return its value
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public long getLong(String name) {
    return get(name, Long.class);
  }

  /**
   * Returns a floating-point number.
   *
   * @param name the name of the entry
   * @return its value
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public double getDouble(String name) {
    return get(name, Double.class);
  }

  /**
   * Returns a string.
   *
   * @param name the name of the entry
   * @return its value
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public String getString(String name) {
    return get(name, String.class);
  }

  /**
   * Returns an array of floats.
   *
   * @param name the name of the entry
   * @return a copy of its values
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public float[] getFloats(String name) {
    return get(name, float[].class).clone();
  }

  /**
   * Returns an array of doubles.
   *
   * @param name the name of the entry
   * @return a copy of its values
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public double[] getDoubles(String name) {
    return get(name, double[].class).clone();
  }

  /**
   * Returns an array of integers.
   *
   * @param name the name of the entry
   * @return a copy of its values
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public long[] getLongs(String name) {
    return get(name, long[].class).clone();
  }

  /**
   * Returns an array of bytes.
   *
   * @param name the name of the entry
   * @return a copy of its values
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public byte[] getBytes(String name) {
    return get(name, byte[].class).clone();
  }

  /**
   * Returns rows of floats that were added with {@link Builder#putRows}.
   *
   * @param name the name of the entry
   * @return the rows, in a new outer array; the rows themselves are shared and must not be modified
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public float[][] getRows(String name) {
    return get(name, float[][].class).clone();
  }

  /**
   * Returns a child state.
   *
   * @param name the name of the entry
   * @return the child
   * @throws IllegalArgumentException if it is absent or of another type
   */
  public State getState(String name) {
    return get(name, State.class);
  }

  /**
   * Returns the entries for writers of files. Arrays are not copied and must not be modified.
   *
   * @return names and values, in the order of addition
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

  /** Builds a {@link State}. Not thread-safe. */
  public static final class Builder {
    private final Map<String, Object> entries = new LinkedHashMap<>();

    private Builder() {}

    /**
     * Adds an integer.
     *
     * @param name the name of the entry, not used before
     * @param value the value
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder put(String name, long value) {
      return add(name, value);
    }

    /**
     * Adds a floating-point number.
     *
     * @param name the name of the entry, not used before
     * @param value the value
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder put(String name, double value) {
      return add(name, value);
    }

    /**
     * Adds a string.
     *
     * @param name the name of the entry, not used before
     * @param value the value
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder put(String name, String value) {
      return add(name, requireNonNull(value));
    }

    /**
     * Adds a copy of an array of floats.
     *
     * @param name the name of the entry, not used before
     * @param value the values
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder put(String name, float[] value) {
      return add(name, value.clone());
    }

    /**
     * Adds a copy of an array of doubles.
     *
     * @param name the name of the entry, not used before
     * @param value the values
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder put(String name, double[] value) {
      return add(name, value.clone());
    }

    /**
     * Adds a copy of an array of integers.
     *
     * @param name the name of the entry, not used before
     * @param value the values
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder put(String name, long[] value) {
      return add(name, value.clone());
    }

    /**
     * Adds a copy of an array of bytes.
     *
     * @param name the name of the entry, not used before
     * @param value the values
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder put(String name, byte[] value) {
      return add(name, value.clone());
    }

    /**
     * Adds rows of floats without copying them, for memories too large to copy: the caller must
     * never modify a row, but may replace it in its own array. Writers of files can process it row
     * by row.
     *
     * @param name the name of the entry, not used before
     * @param rows the values; only the outer array is copied
     * @return this
     */
    @CanIgnoreReturnValue
    public Builder putRows(String name, float[][] rows) {
      return add(name, rows.clone());
    }

    /**
     * Adds a child state.
     *
     * @param name the name of the entry, not used before
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
     * Builds the state.
     *
     * @return the state
     */
    public State build() {
      return new State(new LinkedHashMap<>(entries));
    }
  }
}
