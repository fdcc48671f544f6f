package org.udge.loss;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.OptionalDouble;

/**
 * The scaling that a contrastive term applies to logits f before it scores them: p = scaling(f),
 * with every |p[c]| at most {@link #bound()}.
 */
interface LogitScaling {

  /**
   * The largest bound / temperature for which exp(score / temperature) of no negative leaves the
   * range of double precision.
   */
  double LARGEST_EXPONENT = 300;

  static void check(OptionalDouble maxLogit, double temperature) {
    checkArgument(
        temperature > 0 && Double.isFinite(temperature),
        "temperature must be positive and finite, was %s",
        temperature);
    double bound = maxLogit.orElse(1);
    checkArgument(
        bound > 0 && bound <= LARGEST_EXPONENT,
        "maxLogit must be above 0 and at most %s, was %s",
        LARGEST_EXPONENT,
        bound);
    checkArgument(
        bound / temperature <= LARGEST_EXPONENT,
        "temperature must be at least %s where scaled logits reach %s, was %s",
        bound / LARGEST_EXPONENT,
        bound,
        temperature);
  }

  static LogitScaling of(OptionalDouble maxLogit) {
    return maxLogit.isPresent() ? new Clamp(maxLogit.getAsDouble()) : new Normalize();
  }

  double bound();

  /** Computes p; returns a number that {@link #backward} needs again. */
  @CanIgnoreReturnValue
  double forward(double[] f, double[] p);

  /** Transforms g = ds/dp into ds/df, in place. */
  void backward(double[] f, double[] p, double memo, double[] g);

  /** p = f / ||f||_2; logits of norm 0 stay 0 and have no gradient. */
  record Normalize() implements LogitScaling {

    /** Below this norm a vector counts as zero (the same value as in PyTorch's normalize). */
    private static final double SHORTEST = 1e-12;

    @Override
    public double bound() {
      return 1;
    }

    @Override
    public double forward(double[] f, double[] p) {
      double squares = 0;
      for (double value : f) {
        squares += value * value;
      }
      double length = Math.sqrt(squares);
      double factor = length < SHORTEST ? 0 : 1 / length;
      for (int c = 0; c < f.length; c++) {
        p[c] = f[c] * factor;
      }
      return factor;
    }

    @Override
    public void backward(double[] f, double[] p, double factor, double[] g) {
      double along = 0;
      for (int c = 0; c < g.length; c++) {
        along += p[c] * g[c];
      }
      for (int c = 0; c < g.length; c++) {
        g[c] = (g[c] - along * p[c]) * factor;
      }
    }
  }

  /** p = f clamped to [-bound, bound]; the gradient outside is 0. */
  record Clamp(double bound) implements LogitScaling {

    @Override
    public double forward(double[] f, double[] p) {
      for (int c = 0; c < f.length; c++) {
        p[c] = Math.max(-bound, Math.min(bound, f[c]));
      }
      return 0;
    }

    @Override
    public void backward(double[] f, double[] p, double unused, double[] g) {
      for (int c = 0; c < g.length; c++) {
        if (Math.abs(f[c]) > bound) {
          g[c] = 0;
        }
      }
    }
  }
}
