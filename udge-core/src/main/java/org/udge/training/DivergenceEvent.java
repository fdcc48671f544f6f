package org.udge.training;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import org.udge.loss.Remedy;

/**
 * A step at which training was found to have diverged, and what is done about it.
 *
 * @param step number of the step, from 1
 * @param cause what was wrong
 * @param quantity the number that showed it, under its name in {@link StepReport#values()}, or
 *     {@code loss}
 * @param value that number
 * @param limit what it may be at most; infinity where it only had to be finite
 * @param rollback which rollback of the run this is, from 1; one more than allowed where training
 *     stops instead
 * @param remedies what is changed after rolling back; empty where training stops
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

  /** What was wrong. */
  public enum Cause {
    /** A loss or metric is infinite or not a number. */
    NOT_FINITE,
    /** The loss is too large. */
    LOSS,
    /** The energies of data and samples are too far apart: chains no longer follow the model. */
    ENERGY_GAP,
    /** Too many sampled pixels are at or beyond the range of images. */
    SATURATION
  }

  /**
   * Copies the remedies.
   *
   * @param step number of the step, from 1
   * @param cause what was wrong
   * @param quantity the number that showed it
   * @param value that number
   * @param limit what it may be at most
   * @param rollback which rollback of the run this is, from 1
   * @param remedies what is changed after rolling back
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
