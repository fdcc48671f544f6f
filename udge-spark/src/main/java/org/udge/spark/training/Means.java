package org.udge.spark.training;

import static org.udge.internal.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.udge.state.State;
import org.udge.training.StepReport;

/** Sums over the steps of all workers, of which means are made. Immutable. */
record Means(long count, double loss, Map<String, Double> values) {

  private static final String SEPARATOR = "\n";

  static Means none() {
    return new Means(0, 0, Map.of());
  }

  Means plus(List<StepReport> reports) {
    double losses = loss;
    Map<String, Double> sums = new LinkedHashMap<>(values);
    for (StepReport report : reports) {
      losses += report.loss();
      report.values().forEach((name, value) -> sums.merge(name, value, Double::sum));
    }
    return new Means(count + reports.size(), losses, sums);
  }

  double meanLoss() {
    return loss / count;
  }

  Map<String, Double> meanValues() {
    Map<String, Double> means = new LinkedHashMap<>();
    values.forEach((name, sum) -> means.put(name, sum / count));
    return means;
  }

  State capture() {
    return State.builder()
        .put("count", count)
        .put("loss", loss)
        .put("names", String.join(SEPARATOR, values.keySet()))
        .put("sums", values.values().stream().mapToDouble(Double::doubleValue).toArray())
        .build();
  }

  static Means restore(State state) {
    double[] sums = state.getDoubles("sums");
    String text = state.getString("names");
    List<String> names =
        text.isEmpty() ? List.of() : new ArrayList<>(List.of(text.split(SEPARATOR, -1)));
    checkArgument(
        names.size() == sums.length,
        "state entry 'names' has %s names for %s sums",
        names.size(),
        sums.length);
    Map<String, Double> values = new LinkedHashMap<>();
    for (int i = 0; i < sums.length; i++) {
      values.put(names.get(i), sums[i]);
    }
    return new Means(state.getLong("count"), state.getDouble("loss"), values);
  }
}
