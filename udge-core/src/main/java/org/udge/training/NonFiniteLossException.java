package org.udge.training;

import java.util.Locale;

/** Thrown when a term's value is not a finite number, which means that training has diverged. */
public final class NonFiniteLossException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** The name of the term. */
  private final String term;

  /** The step, from 1. */
  private final long step;

  NonFiniteLossException(String term, long step, double value) {
    super(
        String.format(
            Locale.ROOT,
            "%s was %s at step %d: training has diverged. The parameters are those before the step."
                + " Try a lower learning rate, a longer warm-up, a smaller weight of the term, or"
                + " for sampled terms more Langevin steps and an energy penalty.",
            term,
            value,
            step));
    this.term = term;
    this.step = step;
  }

  /**
   * Returns the name of the term.
   *
   * @return the name
   */
  public String term() {
    return term;
  }

  /**
   * Returns the step at which it happened.
   *
   * @return the step, from 1
   */
  public long step() {
    return step;
  }
}
