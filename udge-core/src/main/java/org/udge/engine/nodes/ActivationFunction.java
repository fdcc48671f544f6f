package org.udge.engine.nodes;

import static java.util.Objects.requireNonNull;

import java.util.Locale;

/**
 * A function of single numbers. Immutable and thread-safe.
 *
 * @param kind which
 * @param alpha the kind's first number, 0 where it has none
 * @param beta the kind's second number, 0 where it has none
 */
public record ActivationFunction(Kind kind, double alpha, double beta) {

  /** Kinds of functions. */
  public enum Kind {
    /** max(x, 0) + alpha min(x, 0). */
    RELU,
    /** x where positive, otherwise alpha (exp(x) - 1). */
    ELU,
    /** min(max(x, alpha), beta). */
    CLIP,
    /** alpha x + beta. */
    LINEAR,
    /** x sigmoid(alpha x). */
    SWISH,
    /** Hyperbolic tangent. */
    TANH,
    /** 1 / (1 + exp(-x)). */
    SIGMOID,
    /** log(1 + exp(x)). */
    SOFTPLUS,
    /** x tanh(softplus(x)). */
    MISH,
    /** x^3. */
    CUBE
  }

  /**
   * Checks that there is a kind.
   *
   * @param kind which
   * @param alpha the kind's first number, 0 where it has none
   * @param beta the kind's second number, 0 where it has none
   */
  public ActivationFunction {
    requireNonNull(kind, "kind");
  }

  /**
   * A function without numbers.
   *
   * @param kind which
   * @return the function
   */
  public static ActivationFunction of(Kind kind) {
    return new ActivationFunction(kind, 0, 0);
  }

  /**
   * A leaky rectifier.
   *
   * @param slope for negative arguments, 0 for plain ones
   * @return max(x, 0) + slope min(x, 0)
   */
  public static ActivationFunction relu(double slope) {
    return new ActivationFunction(Kind.RELU, slope, 0);
  }

  /**
   * An exponential linear unit.
   *
   * @param alpha minus the limit for small arguments
   * @return x where positive, otherwise alpha (exp(x) - 1)
   */
  public static ActivationFunction elu(double alpha) {
    return new ActivationFunction(Kind.ELU, alpha, 0);
  }

  /**
   * A bounded function.
   *
   * @param least smallest value
   * @param most largest value
   * @return min(max(x, least), most)
   */
  public static ActivationFunction clip(double least, double most) {
    return new ActivationFunction(Kind.CLIP, least, most);
  }

  /**
   * A straight line.
   *
   * @param factor its slope
   * @param summand its value at 0
   * @return factor x + summand
   */
  public static ActivationFunction linear(double factor, double summand) {
    return new ActivationFunction(Kind.LINEAR, factor, summand);
  }

  /**
   * Swish.
   *
   * @param steepness of the sigmoid, 1 for the usual
   * @return x sigmoid(steepness x)
   */
  public static ActivationFunction swish(double steepness) {
    return new ActivationFunction(Kind.SWISH, steepness, 0);
  }

  /**
   * Whether the derivative follows from the function's value, so that its argument can go.
   *
   * @return false of functions that are not monotonic, among others
   */
  public boolean derivativeFromValue() {
    return switch (kind) {
      case RELU, ELU -> alpha >= 0;
      case CLIP, LINEAR, TANH, SIGMOID -> true;
      case SWISH, SOFTPLUS, MISH, CUBE -> false;
    };
  }

  @Override
  public String toString() {
    String name = kind.name().toLowerCase(Locale.ROOT);
    return switch (kind) {
      case RELU -> alpha == 0 ? name : "leaky relu " + alpha;
      case ELU -> name + " " + alpha;
      case SWISH -> alpha == 1 ? name : name + " " + alpha;
      case CLIP, LINEAR -> name + " " + alpha + " " + beta;
      default -> name;
    };
  }
}
