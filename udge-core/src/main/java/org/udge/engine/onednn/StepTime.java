package org.udge.engine.onednn;

/**
 * How long a step of a pass takes.
 *
 * @param phase {@code FORWARD}, {@code INPUT_GRADIENT}, {@code PARAMETER_GRADIENT} or {@code
 *     BOTH_GRADIENTS}
 * @param kind what sort of step it is
 * @param label layer and what is done
 * @param implementation oneDNN's name for the code, or {@code java}
 * @param milliseconds fastest time measured
 * @param operations floating-point operations, 0 where not counted
 */
public record StepTime(
    String phase,
    StepKind kind,
    String label,
    String implementation,
    double milliseconds,
    long operations) {

  /**
   * Floating-point operations per time.
   *
   * @return in GFLOP/s; 0 where operations are not counted
   */
  public double gigaflops() {
    return operations / (milliseconds * 1e6);
  }

  @Override
  public String toString() {
    return String.format(
        java.util.Locale.ROOT,
        "%-18s %8.3f ms %6.0f GFLOP/s  %-28s %s",
        phase,
        milliseconds,
        gigaflops(),
        implementation,
        label);
  }
}
