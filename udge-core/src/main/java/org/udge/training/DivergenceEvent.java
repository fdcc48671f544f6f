package org.udge.training;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import org.udge.loss.Remedy;

/**
 * A step at which training was found to have diverged, and the reaction to it.
 *
 * @param step the number of the step, from 1
 * @param cause the kind of divergence
 * @param quantity the number that indicated it, by its name in {@link StepReport#values()}, or
 *     {@code loss}
 * @param value the value of that number
 * @param limit the largest allowed value; infinity if it only had to be finite
 * @param rollback the number of this rollback within the run, from 1; one more than allowed if
 *     training stops instead
 * @param remedies the changes applied after rolling back; empty if training stops
 * @serial exclude
 */
public record DivergenceEvent(
    long step,
    Cause cause,
    String quantity,
    double value,
    double limit,
    int rollback,
    List<Remedy> remedies)
    implements Serializable {

  /** The kind of divergence. */
  public enum Cause {
    /** A loss or metric is infinite or not a number. */
    NOT_FINITE,
    /** The loss is too large. */
    LOSS,
    /** The energies of data and samples are too far apart: chains no longer follow the model. */
    ENERGY_GAP,
    /** Too many sampled pixels are at or beyond the ends of the pixel range. */
    SATURATION
  }

  /**
   * Copies the remedies.
   *
   * @param step the number of the step, from 1
   * @param cause the kind of divergence
   * @param quantity the number that indicated it
   * @param value the value of that number
   * @param limit the largest allowed value
   * @param rollback the number of this rollback within the run, from 1
   * @param remedies the changes applied after rolling back
   */
  public DivergenceEvent {
    requireNonNull(cause);
    requireNonNull(quantity);
    remedies = List.copyOf(remedies);
  }

  @Override
  public String toString() {
    String what =
        cause == Cause.NOT_FINITE
            ? quantity + " was " + value
            : String.format(Locale.ROOT, "%s was %.4g, limit %.4g", quantity, value, limit);
    return "step " + step + ": " + what + (remedies.isEmpty() ? "" : "; rolled back, " + remedies);
  }
}
