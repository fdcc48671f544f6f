package org.udge.internal;

/**
 * Arithmetic of sizes from files, none of them negative, that ends at the largest number in place
 * of overflowing.
 */
public final class Saturated {

  private Saturated() {}

  /**
   * Returns a product.
   *
   * @param a at least 0
   * @param b at least 0
   * @return a b, or the largest long if that is less
   */
  public static long multiply(long a, long b) {
    return a != 0 && b > Long.MAX_VALUE / a ? Long.MAX_VALUE : a * b;
  }

  /**
   * Returns a sum.
   *
   * @param a at least 0
   * @param b at least 0
   * @return a + b, or the largest long if that is less
   */
  public static long add(long a, long b) {
    return b > Long.MAX_VALUE - a ? Long.MAX_VALUE : a + b;
  }
}
