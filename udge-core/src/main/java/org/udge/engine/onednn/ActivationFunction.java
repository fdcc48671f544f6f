package org.udge.engine.onednn;

/**
 * An element-wise function.
 *
 * @param kind which
 * @param slope slope for negative arguments of {@link Kind#RELU}, otherwise 0
 */
record ActivationFunction(Kind kind, double slope) {

  /** The functions oneDNN computes. */
  enum Kind {
    /** max(x, 0) + slope min(x, 0). */
    RELU,
    /** x sigmoid(x). */
    SWISH,
    /** Hyperbolic tangent. */
    TANH,
    /** 1 / (1 + exp(-x)). */
    SIGMOID
  }

  static ActivationFunction relu(double slope) {
    return new ActivationFunction(Kind.RELU, slope);
  }

  /** Whether the derivative follows from the function's value, so that its argument can go. */
  boolean derivativeFromValue() {
    return kind != Kind.SWISH && slope >= 0;
  }

  @Override
  public String toString() {
    return kind == Kind.RELU && slope != 0
        ? "leaky relu " + slope
        : kind.name().toLowerCase(java.util.Locale.ROOT);
  }
}
