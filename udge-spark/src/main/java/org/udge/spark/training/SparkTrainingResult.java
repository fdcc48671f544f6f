package org.udge.spark.training;

import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.udge.training.DivergenceEvent;
import org.udge.training.EpochReport;
import org.udge.training.StopReason;

/**
 * The result of training on Spark.
 *
 * @param stopReason the reason why it ended
 * @param history a report for each epoch, in order; steps are those of each worker
 * @param bestEpoch the epoch that is best on the validation images, the first of several; empty
 *     without validation
 * @param rounds number of completed rounds
 * @param steps number of local steps completed by each worker
 * @param workers number of workers
 * @param seconds duration, including validation, checkpoints and the time before a resumed
 *     checkpoint
 * @param bytes bytes of parameters sent to the workers and back, see {@link RoundReport#bytes}
 * @param events rollbacks after divergence, in order
 */
public record SparkTrainingResult(
    StopReason stopReason,
    List<EpochReport> history,
    OptionalLong bestEpoch,
    long rounds,
    long steps,
    int workers,
    double seconds,
    long bytes,
    List<DivergenceEvent> events) {

  /**
   * Copies the lists.
   *
   * @param stopReason the reason why it ended
   * @param history a report for each epoch
   * @param bestEpoch the epoch that is best on the validation images
   * @param rounds number of completed rounds
   * @param steps local steps of each worker
   * @param workers number of workers
   * @param seconds duration
   * @param bytes bytes of parameters sent
   * @param events rollbacks after divergence
   */
  public SparkTrainingResult {
    history = List.copyOf(history);
    events = List.copyOf(events);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s after %d rounds, %d steps on each of %d workers, %.1f s, %.1f MB of parameters sent%s",
        stopReason,
        rounds,
        steps,
        workers,
        seconds,
        bytes / 1e6,
        bestEpoch.isPresent() ? ", best epoch " + bestEpoch.getAsLong() : "");
  }
}
