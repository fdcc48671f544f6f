package org.udge.internal;

import java.util.Arrays;

/** A growing list of unboxed numbers. */
public final class DoubleList {

  private double[] values = new double[64];
  private int size;

  /**
   * Adds a number.
   *
   * @param value the number
   */
  public void add(double value) {
    reserve(1);
    values[size++] = value;
  }

  /**
   * Adds numbers.
   *
   * @param more the numbers
   */
  public void addAll(double... more) {
    reserve(more.length);
    System.arraycopy(more, 0, values, size, more.length);
    size += more.length;
  }

  /**
   * Replaces all numbers.
   *
   * @param numbers the new numbers
   */
  public void setAll(double... numbers) {
    size = 0;
    addAll(numbers);
  }

  /**
   * Adds the numbers of another list.
   *
   * @param more the other list
   */
  public void addAll(DoubleList more) {
    addAll(more.toArray());
  }

  private void reserve(int more) {
    int needed = Math.addExact(size, more);
    if (needed > values.length) {
      values = Arrays.copyOf(values, Math.max(needed, (int) Math.min(2L * size, 1 << 30)));
    }
  }

  /**
   * Returns one number.
   *
   * @param index from 0
   * @return the number
   */
  public double get(int index) {
    return values[index];
  }

  /**
   * Returns the number of elements.
   *
   * @return the size
   */
  public int size() {
    return size;
  }

  /**
   * Returns all numbers.
   *
   * @return a copy
   */
  public double[] toArray() {
    return Arrays.copyOf(values, size);
  }
}
