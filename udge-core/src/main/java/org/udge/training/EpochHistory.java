package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.udge.evaluation.Direction;
import org.udge.evaluation.Metric;
import org.udge.state.State;

/** Converts epoch reports to states and back. Stateless; thread-safe. */
public final class EpochHistory {

  private static final String SEPARATOR = "\n";

  private EpochHistory() {}

  /**
   * Captures reports.
   *
   * @param history in order
   * @return a state
   */
  public static State capture(List<EpochReport> history) {
    State.Builder state = State.builder().put("count", history.size());
    for (int i = 0; i < history.size(); i++) {
      state.put(Integer.toString(i), capture(history.get(i)));
    }
    return state.build();
  }

  /**
   * Reads captured reports.
   *
   * @param state from {@link #capture}
   * @return the reports in order
   * @throws IllegalArgumentException if an entry is missing or out of range
   */
  public static List<EpochReport> restore(State state) {
    List<EpochReport> history = new ArrayList<>();
    for (int i = 0; i < state.getLong("count"); i++) {
      EpochReport report = restoreReport(state.getState(Integer.toString(i)));
      checkArgument(
          history.isEmpty() || history.get(i - 1).steps() < report.steps(),
          "state entry 'history' is not in order: epoch %s ends at step %s",
          report.epoch(),
          report.steps());
      history.add(report);
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
    report.validation().ifPresent(found -> state.put("validation", captureValidation(found)));
    return state.build();
  }

  private static EpochReport restoreReport(State state) {
    return new EpochReport(
        atLeast(0, state, "epoch"),
        atLeast(1, state, "steps"),
        state.getDouble("loss"),
        named(state.getState("values")),
        state.has("validation")
            ? Optional.of(restoreValidation(state.getState("validation")))
            : Optional.empty(),
        state.getDouble("seconds"));
  }

  private static State captureValidation(EpochReport.Validation validation) {
    State.Builder state =
        State.builder()
            .put("images", validation.images())
            .put("count", validation.metrics().size());
    for (int i = 0; i < validation.metrics().size(); i++) {
      state.put(Integer.toString(i), captureMetric(validation.metrics().get(i)));
    }
    return state.build();
  }

  private static EpochReport.Validation restoreValidation(State state) {
    List<Metric> metrics = new ArrayList<>();
    for (int i = 0; i < state.getLong("count"); i++) {
      metrics.add(restoreMetric(state.getState(Integer.toString(i))));
    }
    EpochReport.Validation validation =
        new EpochReport.Validation(metrics, Ints.saturatedCast(atLeast(1, state, "images")));
    checkArgument(
        validation.accuracy() >= 0 && validation.accuracy() <= 1,
        "the accuracy in state entry 'validation' must be in [0, 1], was %s",
        validation.accuracy());
    return validation;
  }

  static State captureMetric(Metric metric) {
    return State.builder()
        .put("key", metric.key())
        .put("value", metric.value())
        .put("direction", metric.direction().name())
        .build();
  }

  static Metric restoreMetric(State state) {
    String direction = state.getString("direction");
    return new Metric(
        state.getString("key"),
        state.getDouble("value"),
        Arrays.stream(Direction.values())
            .filter(known -> known.name().equals(direction))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "state entry 'direction' must be one of "
                            + Arrays.toString(Direction.values())
                            + ", was "
                            + direction)));
  }

  private static long atLeast(long least, State state, String name) {
    long value = state.getLong(name);
    checkArgument(
        value >= least, "state entry '%s' must be at least %s, was %s", name, least, value);
    return value;
  }

  static State named(Map<String, Double> values) {
    return State.builder()
        .put("names", String.join(SEPARATOR, values.keySet()))
        .put("values", values.values().stream().mapToDouble(Double::doubleValue).toArray())
        .build();
  }

  static Map<String, Double> named(State state) {
    double[] numbers = state.getDoubles("values");
    String text = state.getString("names");
    List<String> names = text.isEmpty() ? List.of() : List.of(text.split(SEPARATOR, -1));
    checkArgument(
        names.size() == numbers.length,
        "state entry 'names' has %s names for %s values",
        names.size(),
        numbers.length);
    Map<String, Double> values = new LinkedHashMap<>();
    for (int i = 0; i < numbers.length; i++) {
      values.put(names.get(i), numbers[i]);
    }
    return values;
  }
}
