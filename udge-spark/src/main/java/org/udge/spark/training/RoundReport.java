package org.udge.spark.training;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The report of a round.
 *
 * @param round number of the round, from 1
 * @param steps local steps that each worker has done since training began
 * @param epoch the epoch of the round's steps, from 0
 * @param loss mean weighted loss over the round's steps of all workers
 * @param values means of the terms' values and metrics over the same
 * @param seconds seconds from the start of the round to the common parameters
 * @param stepSeconds seconds of the slowest worker's local steps
 * @param bytes bytes of parameters sent to the workers and back, uncompressed: 4 bytes per
 *     parameter, in both directions, for each worker
 */
public record RoundReport(
    long round,
    long steps,
    long epoch,
    double loss,
    Map<String, Double> values,
    double seconds,
    double stepSeconds,
    long bytes) {

  /**
   * Copies the values.
   *
   * @param round from 1
   * @param steps of each worker since training began
   * @param epoch from 0
   * @param loss mean weighted loss
   * @param values means by name
   * @param seconds of the round
   * @param stepSeconds of the slowest worker's local steps
   * @param bytes of parameters sent
   */
  public RoundReport {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }
}
