package org.udge.evaluation;

/** The direction in which a metric improves. */
public enum Direction {
  /** Higher is better: accuracy, area under a curve. */
  HIGHER_IS_BETTER,
  /** Lower is better: errors, distances, negative log-likelihood. */
  LOWER_IS_BETTER,
  /** Neither: a temperature, a count. */
  NEITHER;

  @Override
  public String toString() {
    return switch (this) {
      case HIGHER_IS_BETTER -> "higher is better";
      case LOWER_IS_BETTER -> "lower is better";
      case NEITHER -> "";
    };
  }
}
