package org.udge.engine.nodes;

import static java.util.Objects.requireNonNull;

import java.util.Locale;

/**
 * A function of single numbers. Immutable and thread-safe.
 *
 * @param kind which
 * @param slope slope for negative arguments of {@link Kind#RELU}, otherwise 0
 */
public record ActivationFunction(Kind kind, double slope) {

  /** Kinds of functions. */
  public enum Kind {
    /** max(x, 0) + slope min(x, 0). */
    RELU,
    /** x sigmoid(x). */
    SWISH,
    /** Hyperbolic tangent. */
    TANH,
    /** 1 / (1 + exp(-x)). */
    SIGMOID
  }

  /**
   * Checks that there is a kind.
   *
   * @param kind which
   * @param slope slope for negative arguments of {@link Kind#RELU}, otherwise 0
   */
  public ActivationFunction {
    requireNonNull(kind, "kind");
  }

  /**
   * A leaky rectifier.
   *
   * @param slope for negative arguments, 0 for plain ones
   * @return max(x, 0) + slope min(x, 0)
   */
  public static ActivationFunction relu(double slope) {
    return new ActivationFunction(Kind.RELU, slope);
  }

  /**
   * Whether the derivative follows from the function's value, so that its argument can go.
   *
   * @return false of functions that are not monotonic
   */
  public boolean derivativeFromValue() {
    return kind != Kind.SWISH && slope >= 0;
  }

  @Override
  public String toString() {
    return kind == Kind.RELU && slope != 0
        ? "leaky relu " + slope
        : kind.name().toLowerCase(Locale.ROOT);
  }
}
