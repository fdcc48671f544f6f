package org.udge.training;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Optional;

/** Training diverged more often than it was allowed to. */
public final class DivergenceException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final transient List<DivergenceEvent> events;
  private final transient Optional<TrainingResult> result;

  DivergenceException(List<DivergenceEvent> events) {
    this(events, Optional.empty());
  }

  DivergenceException(List<DivergenceEvent> events, TrainingResult result) {
    this(events, Optional.of(result));
  }

  private DivergenceException(List<DivergenceEvent> events, Optional<TrainingResult> result) {
    super(message(events));
    this.events = List.copyOf(events);
    this.result = result;
  }

  private static String message(List<DivergenceEvent> events) {
    int rollbacks = events.get(events.size() - 1).rollback() - 1;
    return "training diverged again after "
        + rollbacks
        + (rollbacks == 1 ? " rollback" : " rollbacks")
        + ": "
        + events.stream().map(DivergenceEvent::toString).collect(joining("; "))
        + ". Try what the guard has not: "
        + advice(events.get(events.size() - 1).cause())
        + ".";
  }

  private static String advice(DivergenceEvent.Cause cause) {
    return switch (cause) {
      case NOT_FINITE, LOSS ->
          "a lower learning rate, a longer warm-up, more noise on the training images, a smaller"
              + " weight of the sampled terms, or a larger energy penalty";
      case ENERGY_GAP ->
          "more Langevin steps from the start, a lower learning rate, or a larger energy penalty";
      case SATURATION ->
          "clamped samples and gradients, a smaller Langevin step size, or a class-conditional"
              + " Gaussian start";
    };
  }

  /**
   * What happened, the last event included.
   *
   * @return the events in order
   */
  public List<DivergenceEvent> events() {
    return events;
  }

  /**
   * How training went until then: of the last good state, which the model holds, with {@link
   * StopReason#DIVERGED} and all {@link #events()}.
   *
   * @return the result; empty where {@link DivergenceGuard#failure} made this exception
   */
  public Optional<TrainingResult> result() {
    return result;
  }
}
