package org.udge.engine.nodes;

import static java.util.Objects.requireNonNull;

import java.util.Locale;

/**
 * An element-wise activation function. Immutable and thread-safe.
 *
 * @param kind the kind of function
 * @param alpha the first parameter of the kind, 0 if it has none
 * @param beta the second parameter of the kind, 0 if it has none
 */
public record ActivationFunction(Kind kind, double alpha, double beta) {

  /** The kinds of functions. */
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
   * Creates a function after checking that it has a kind.
   *
   * @param kind the kind of function
   * @param alpha the first parameter of the kind, 0 if it has none
   * @param beta the second parameter of the kind, 0 if it has none
   */
  public ActivationFunction {
    requireNonNull(kind, "kind");
  }

  /**
   * Returns a function without parameters.
   *
   * @param kind the kind of function
   * @return the function
   */
  public static ActivationFunction of(Kind kind) {
    return new ActivationFunction(kind, 0, 0);
  }

  /**
   * Returns a leaky rectifier.
   *
   * @param slope the slope for negative arguments; 0 for a plain rectifier
   * @return max(x, 0) + slope min(x, 0)
   */
  public static ActivationFunction relu(double slope) {
    return new ActivationFunction(Kind.RELU, slope, 0);
  }

  /**
   * Returns an exponential linear unit.
   *
   * @param alpha the negated limit at negative infinity
   * @return x where positive, otherwise alpha (exp(x) - 1)
   */
  public static ActivationFunction elu(double alpha) {
    return new ActivationFunction(Kind.ELU, alpha, 0);
  }

  /**
   * Returns a function that clips its argument.
   *
   * @param least the smallest value
   * @param most the largest value
   * @return min(max(x, least), most)
   */
  public static ActivationFunction clip(double least, double most) {
    return new ActivationFunction(Kind.CLIP, least, most);
  }

  /**
   * Returns a linear function.
   *
   * @param factor the slope
   * @param summand the value at 0
   * @return factor x + summand
   */
  public static ActivationFunction linear(double factor, double summand) {
    return new ActivationFunction(Kind.LINEAR, factor, summand);
  }

  /**
   * * Returns a swish function.
   *
   * @param steepness the steepness of the sigmoid, normally 1
   * @return x sigmoid(steepness x)
   */
  public static ActivationFunction swish(double steepness) {
    return new ActivationFunction(Kind.SWISH, steepness, 0);
  }

  /**
   * Returns whether the derivative can be computed from the value of the function, so that its
   * argument need not be retained.
   *
   * @return false for non-monotonic functions, among others
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
