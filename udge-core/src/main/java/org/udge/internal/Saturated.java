package org.udge.internal;

/**
 * Arithmetic of nonnegative sizes from files that saturates at the largest number instead of
 * overflowing.
 */
public final class Saturated {

  private Saturated() {}

  /**
   * Returns a product.
   *
   * @param a at least 0
   * @param b at least 0
   * @return a b, or the largest long if that is smaller
   */
  public static long multiply(long a, long b) {
    return a != 0 && b > Long.MAX_VALUE / a ? Long.MAX_VALUE : a * b;
  }

  /**
   * Returns a sum.
   *
   * @param a at least 0
   * @param b at least 0
   * @return a + b, or the largest long if that is smaller
   */
  public static long add(long a, long b) {
    return b > Long.MAX_VALUE - a ? Long.MAX_VALUE : a + b;
  }
}
