package org.udge.training;

import com.google.common.primitives.Ints;
import java.util.ArrayList;
import java.util.List;
import org.udge.loss.Remedy;
import org.udge.state.State;

/** Converts divergence events to states and back. Stateless; thread-safe. */
public final class DivergenceHistory {

  private DivergenceHistory() {}

  /**
   * Captures events.
   *
   * @param events in order
   * @return a state
   */
  public static State capture(List<DivergenceEvent> events) {
    State.Builder state = State.builder().put("count", events.size());
    for (int i = 0; i < events.size(); i++) {
      state.put(Integer.toString(i), capture(events.get(i)));
    }
    return state.build();
  }

  /**
   * Reads captured events.
   *
   * @param state from {@link #capture}
   * @return the events in order
   * @throws IllegalArgumentException if an entry is missing or out of range
   */
  public static List<DivergenceEvent> restore(State state) {
    List<DivergenceEvent> events = new ArrayList<>();
    for (int i = 0; i < state.getLong("count"); i++) {
      events.add(restoreEvent(state.getState(Integer.toString(i))));
    }
    return events;
  }

  private static State capture(DivergenceEvent event) {
    return State.builder()
        .put("step", event.step())
        .put("cause", event.cause().name())
        .put("quantity", event.quantity())
        .put("value", event.value())
        .put("limit", event.limit())
        .put("rollback", event.rollback())
        .put("remedies", Remedy.capture(event.remedies()))
        .build();
  }

  private static DivergenceEvent restoreEvent(State state) {
    return new DivergenceEvent(
        state.getLong("step"),
        DivergenceEvent.Cause.valueOf(state.getString("cause")),
        state.getString("quantity"),
        state.getDouble("value"),
        state.getDouble("limit"),
        Ints.saturatedCast(state.getLong("rollback")),
        Remedy.restore(state.getState("remedies")));
  }
}
