package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Sharpness-aware minimization: the gradient of an update is evaluated not at the parameters w but
 * at w + e, e = radius g / ||g||_2, where the loss is (to first order) largest within the radius.
 * Training thus finds flat minima. SADA-JEM (Yang, Su &amp; Ji 2023) found that it makes joint
 * training more stable and improves its results, at twice the cost of the gradients (not of the
 * samples, which both gradients share).
 *
 * <p>Enable it with {@link Trainer.Builder#sharpnessAware}. In a custom loop, once the gradient
 * view holds g at w:
 *
 * <pre>{@code
 * INDArray gradient = graph.getGradientsViewArray().reshape(graph.numParams());
 * try (SharpnessAware.Climb climb = new SharpnessAware(0.05).climb(graph.params(), gradient)) {
 *   model.parametersChanged(); // at w + e: clear the gradient, go forward and backward again
 * }
 * model.parametersChanged(); // back at w, to the bit: update with the gradient of w + e
 * }</pre>
 *
 * <p>Source: Foret, Kleiner, Mobahi &amp; Neyshabur 2021, "Sharpness-aware minimization for
 * efficiently improving generalization", equation 2 with p = 2.
 *
 * <p>Immutable and thread-safe; a climb is not.
 *
 * @param radius the radius rho, above 0; 0.05 in the paper
 */
public record SharpnessAware(double radius) {

  /**
   * Checks the radius.
   *
   * @param radius the radius rho, above 0
   * @throws IllegalArgumentException if it is not finite and above 0
   */
  public SharpnessAware {
    checkArgument(
        radius > 0 && Double.isFinite(radius), "radius must be finite and above 0, was %s", radius);
  }

  /**
   * Moves the parameters to the point where the loss is largest. If the gradient is 0 or not
   * finite, they do not move.
   *
   * @param parameters the parameters w, all of them in one array; modified in place until the climb
   *     is closed
   * @param gradient the gradient g, of the same length; only read
   * @return the climb, which can be undone
   * @throws IllegalArgumentException if the lengths differ
   */
  public Climb climb(INDArray parameters, INDArray gradient) {
    checkArgument(
        parameters.length() == gradient.length(),
        "there are %s parameters, but %s gradients",
        parameters.length(),
        gradient.length());
    INDArray kept = parameters.dup();
    double norm = gradient.norm2Number().doubleValue();
    if (norm > 0 && Double.isFinite(norm)) {
      parameters.addi(gradient.mul(radius / norm).reshape(parameters.shape()));
    }
    return new Climb(parameters, kept);
  }

  /** A climb, which restores the previous parameters when closed. */
  public static final class Climb implements AutoCloseable {
    private final INDArray parameters;
    private final INDArray kept;

    private Climb(INDArray parameters, INDArray kept) {
      this.parameters = parameters;
      this.kept = kept;
    }

    /** Restores the previous parameters, bit for bit. Closing again has no effect. */
    @Override
    public void close() {
      parameters.assign(kept);
    }
  }
}
