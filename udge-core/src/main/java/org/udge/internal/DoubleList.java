package org.udge.internal;

import java.util.Arrays;

/** A growing list of numbers that are not boxed. */
public final class DoubleList {

  private double[] values = new double[64];
  private int size;

  public void add(double value) {
    reserve(1);
    values[size++] = value;
  }

  public void addAll(double... more) {
    reserve(more.length);
    System.arraycopy(more, 0, values, size, more.length);
    size += more.length;
  }

  public void addAll(DoubleList more) {
    addAll(more.toArray());
  }

  private void reserve(int more) {
    int needed = Math.addExact(size, more);
    if (needed > values.length) {
      values = Arrays.copyOf(values, Math.max(needed, (int) Math.min(2L * size, 1 << 30)));
    }
  }

  public double get(int index) {
    return values[index];
  }

  public int size() {
    return size;
  }

  public double[] toArray() {
    return Arrays.copyOf(values, size);
  }
}
