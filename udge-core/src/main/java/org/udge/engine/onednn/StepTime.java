package org.udge.engine.onednn;

/**
 * The duration of a step of a pass.
 *
 * @param phase the phase: {@code FORWARD}, {@code INPUT_GRADIENT}, {@code PARAMETER_GRADIENT} or
 *     {@code BOTH_GRADIENTS}
 * @param kind the kind of step
 * @param label the layer and operation
 * @param implementation oneDNN's name for the code, or {@code java}
 * @param milliseconds the fastest measured time
 * @param operations the number of floating-point operations, 0 if not counted
 */
public record StepTime(
    String phase,
    StepKind kind,
    String label,
    String implementation,
    double milliseconds,
    long operations) {

  /**
   * Returns the floating-point performance.
   *
   * @return the performance in GFLOP/s; 0 if operations are not counted
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
