package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.LinkedHashMap;
import java.util.Map;
import org.udge.state.State;
import org.udge.state.Stateful;

/** Means of losses and metrics over the steps of an epoch. */
final class EpochMeans implements Stateful {

  private final Map<String, Double> sums = new LinkedHashMap<>();
  private double lossSum;
  private long count;

  void add(StepReport report) {
    count++;
    lossSum += report.loss();
    report.values().forEach((name, value) -> sums.merge(name, value, Double::sum));
  }

  long count() {
    return count;
  }

  double loss() {
    return lossSum / count;
  }

  Map<String, Double> values() {
    Map<String, Double> means = new LinkedHashMap<>();
    sums.forEach((name, sum) -> means.put(name, sum / count));
    return means;
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
