package org.udge.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.udge.state.State;

/** Puts epoch reports into states and back. */
final class EpochHistory {

  private static final String SEPARATOR = "\n";

  private EpochHistory() {}

  static State capture(List<EpochReport> history) {
    State.Builder state = State.builder().put("count", history.size());
    for (int i = 0; i < history.size(); i++) {
      state.put(Integer.toString(i), capture(history.get(i)));
    }
    return state.build();
  }

  static List<EpochReport> restore(State state) {
    List<EpochReport> history = new ArrayList<>();
    for (int i = 0; i < state.getLong("count"); i++) {
      history.add(restoreReport(state.getState(Integer.toString(i))));
    }
    return history;
  }

  private static State capture(EpochReport report) {
    State.Builder state =
        State.builder()
            .put("epoch", report.epoch())
            .put("steps", report.steps())
            .put("loss", report.loss())
            .put("values", named(report.values()))
            .put("seconds", report.seconds());
    report
        .validation()
        .ifPresent(
            v -> state.put("accuracy", v.accuracy()).put("nll", v.nll()).put("images", v.images()));
    return state.build();
  }

  private static EpochReport restoreReport(State state) {
    Optional<EpochReport.Validation> validation =
        state.has("accuracy")
            ? Optional.of(
                new EpochReport.Validation(
                    state.getDouble("accuracy"),
                    state.getDouble("nll"),
                    (int) state.getLong("images")))
            : Optional.empty();
    return new EpochReport(
        state.getLong("epoch"),
        state.getLong("steps"),
        state.getDouble("loss"),
        named(state.getState("values")),
        validation,
        state.getDouble("seconds"));
  }

  static State named(Map<String, Double> values) {
    return State.builder()
        .put("names", String.join(SEPARATOR, values.keySet()))
        .put("values", values.values().stream().mapToDouble(Double::doubleValue).toArray())
        .build();
  }

  static Map<String, Double> named(State state) {
    double[] numbers = state.getDoubles("values");
    Map<String, Double> values = new LinkedHashMap<>();
    if (numbers.length > 0) {
      String[] names = state.getString("names").split(SEPARATOR, -1);
      for (int i = 0; i < names.length; i++) {
        values.put(names[i], numbers[i]);
      }
    }
    return values;
  }
}
