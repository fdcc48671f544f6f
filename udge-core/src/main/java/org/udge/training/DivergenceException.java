package org.udge.training;

import static java.util.stream.Collectors.joining;

import java.util.List;

/** Thrown when training diverged more often than the guard may roll back. */
public final class DivergenceException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final transient List<DivergenceEvent> events;
  private final transient TrainingResult result;

  DivergenceException(List<DivergenceEvent> events, TrainingResult result) {
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
   * Returns all divergence events, including the last one.
   *
   * @return the events in order
   */
  public List<DivergenceEvent> events() {
    return events;
  }

  /**
   * Returns the result of training up to the last good state, which the model holds, with {@link
   * StopReason#DIVERGED} and all {@link #events()}.
   *
   * @return the result
   */
  public TrainingResult result() {
    return result;
  }
}
