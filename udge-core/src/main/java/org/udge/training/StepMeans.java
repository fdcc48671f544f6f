package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.LinkedHashMap;
import java.util.Map;
import org.udge.state.State;
import org.udge.state.Stateful;

/**
 * Means of losses and metrics over steps: of an epoch, of a row in a table, of several workers.
 *
 * <p>Not thread-safe.
 */
public final class StepMeans implements Stateful {

  private final Map<String, Double> sums = new LinkedHashMap<>();
  private double lossSum;
  private long count;

  /** Creates means over no steps. */
  public StepMeans() {}

  /**
   * Adds a step.
   *
   * @param report the report of the step
   */
  public void add(StepReport report) {
    count++;
    lossSum += report.loss();
    report.values().forEach((name, value) -> sums.merge(name, value, Double::sum));
  }

  /**
   * Returns the number of steps added.
   *
   * @return the number of steps
   */
  public long count() {
    return count;
  }

  /**
   * Returns the mean loss.
   *
   * @return the mean; NaN if no step was added
   */
  public double loss() {
    return lossSum / count;
  }

  /**
   * Returns the means of the terms' values and metrics.
   *
   * @return a new map, in the order in which names first occurred
   */
  public Map<String, Double> values() {
    Map<String, Double> means = new LinkedHashMap<>();
    sums.forEach((name, sum) -> means.put(name, sum / count));
    return means;
  }

  /** Removes all steps. */
  public void clear() {
    sums.clear();
    lossSum = 0;
    count = 0;
  }

  /**
   * Returns a copy of these means, independent of later changes.
   *
   * @return a copy
   */
  public StepMeans copy() {
    StepMeans copy = new StepMeans();
    copy.sums.putAll(sums);
    copy.lossSum = lossSum;
    copy.count = count;
    return copy;
  }

  @Override
  public State captureState() {
    return State.builder()
        .put("count", count)
        .put("loss", lossSum)
        .put("values", EpochHistory.named(sums))
        .build();
  }

  @Override
  public void restoreState(State state) {
    count = state.getLong("count");
    checkArgument(count >= 0, "state entry 'count' of means must not be negative, was %s", count);
    lossSum = state.getDouble("loss");
    sums.clear();
    sums.putAll(EpochHistory.named(state.getState("values")));
  }
}
