package org.udge.training;

import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.udge.Provenance;

/**
 * The result of a run of training.
 *
 * @param stopReason the reason why it ended
 * @param history one report per epoch, in order
 * @param bestEpoch the epoch with the highest validation accuracy, the first one if several are
 *     equal; empty without validation
 * @param steps the number of steps done
 * @param seconds the duration, including validation
 * @param medianStepMilliseconds the median duration of a step, without waiting for data
 * @param objective the objective that was minimized
 * @param seed the root seed
 * @param events rollbacks after divergence, in order, including those before a resumed state; empty
 *     if there were none
 * @param provenance the environment in which it ran
 */
public record TrainingResult(
    StopReason stopReason,
    List<EpochReport> history,
    OptionalLong bestEpoch,
    long steps,
    double seconds,
    double medianStepMilliseconds,
    String objective,
    long seed,
    List<DivergenceEvent> events,
    Provenance provenance) {

  /**
   * Copies the history.
   *
   * @param stopReason the reason why it ended
   * @param history one report per epoch
   * @param bestEpoch the epoch with the highest validation accuracy
   * @param steps the number of steps done
   * @param seconds the duration
   * @param medianStepMilliseconds the median duration of a step
   * @param objective the objective that was minimized
   * @param seed the root seed
   * @param events rollbacks after divergence
   * @param provenance the environment in which it ran
   */
  public TrainingResult {
    history = List.copyOf(history);
    events = List.copyOf(events);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s after %d steps, %.1f s (median step %.1f ms)%s",
        stopReason,
        steps,
        seconds,
        medianStepMilliseconds,
        bestEpoch.isPresent()
            ? String.format(
                Locale.ROOT,
                ", best epoch %d with validation accuracy %.4f",
                bestEpoch.getAsLong(),
                history.stream()
                    .filter(report -> report.epoch() == bestEpoch.getAsLong())
                    .flatMap(report -> report.validation().stream())
                    .mapToDouble(EpochReport.Validation::accuracy)
                    .max()
                    .orElse(Double.NaN))
            : "");
  }
}
