package org.udge.training;

import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.udge.Provenance;

/**
 * How training went.
 *
 * @param stopReason why it ended
 * @param history a report for each epoch, in order
 * @param bestEpoch the epoch with the highest validation accuracy, the first of several; empty
 *     without validation
 * @param steps steps done
 * @param seconds duration, validation included
 * @param medianStepMilliseconds median duration of a step, without waiting for data
 * @param objective what was minimized
 * @param seed the root seed
 * @param events rollbacks after divergence, in order, those before a resumed state included; empty
 *     if there was none
 * @param provenance where it ran
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
   * @param stopReason why it ended
   * @param history a report for each epoch
   * @param bestEpoch the epoch with the highest validation accuracy
   * @param steps steps done
   * @param seconds duration
   * @param medianStepMilliseconds median duration of a step
   * @param objective what was minimized
   * @param seed the root seed
   * @param events rollbacks after divergence
   * @param provenance where it ran
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
