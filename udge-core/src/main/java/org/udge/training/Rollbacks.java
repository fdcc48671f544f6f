package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.loss.Remedy;
import org.udge.random.RandomStreams;
import org.udge.state.State;
import org.udge.state.Stateful;

/**
 * The snapshots of a guarded run and its rollbacks so far. Without a guard it does nothing.
 *
 * <p>The newest snapshot contains an update that no step has judged yet: it is only a candidate,
 * and becomes the rollback target when the next snapshot is taken, after that many more good steps.
 */
final class Rollbacks implements Stateful {

  private static final Logger LOG = LoggerFactory.getLogger(Rollbacks.class);

  private final Optional<DivergenceGuard> guard;
  private final long snapshotEvery;

  private final List<DivergenceEvent> events = new ArrayList<>();
  private double rateFactor = 1;
  private Optional<State> lastGood = Optional.empty();
  private Optional<State> candidate = Optional.empty();

  Rollbacks(Optional<DivergenceGuard> guard, long snapshotEvery) {
    this.guard = guard;
    this.snapshotEvery = snapshotEvery;
  }

  List<DivergenceEvent> events() {
    return List.copyOf(events);
  }

  /** Returns the factor of the learning rate that remedies have set. */
  double rateFactor() {
    return rateFactor;
  }

  /**
   * Returns other streams after a rollback: chains must take another path than the one that
   * diverged.
   */
  RandomStreams renewed(RandomStreams streams) {
    return events.isEmpty() ? streams : streams.child("rollback " + events.size());
  }

  DivergenceGuard.Verdict judge(StepReport report) {
    return guard.isPresent()
        ? guard.get().inspect(report, events.size())
        : new DivergenceGuard.Verdict.Proceed();
  }

  DivergenceGuard.Verdict judge(NonFiniteLossException failure) {
    return guard.orElseThrow(() -> failure).inspect(failure, events.size());
  }

  /**
   * Takes a snapshot if one is due and has not been taken yet.
   *
   * @param steps the number of steps done
   * @param capture takes a snapshot, which contains the events of all rollbacks so far
   */
  void takeSnapshots(long steps, Supplier<State> capture) {
    if (guard.isEmpty()) {
      return;
    }
    if (lastGood.isEmpty()) {
      lastGood = Optional.of(capture.get());
    }
    if (steps % snapshotEvery == 0 && !isOf(lastGood, steps) && !isOf(candidate, steps)) {
      lastGood = candidate.or(() -> lastGood);
      candidate = Optional.of(capture.get());
    }
  }

  private static boolean isOf(Optional<State> snapshot, long steps) {
    return snapshot.filter(state -> state.getLong("steps") == steps).isPresent();
  }

  /** Returns the state to roll back to. */
  State lastGood() {
    return lastGood.orElseThrow();
  }

  /**
   * Called after {@link #lastGood} was restored: records a rollback. The next one returns to the
   * present state.
   */
  void rolledBack(DivergenceEvent event, Supplier<State> capture) {
    LOG.warn("training diverged: {}", event);
    events.add(event);
    for (Remedy remedy : event.remedies()) {
      if (remedy instanceof Remedy.LowerRate lower) {
        rateFactor *= lower.factor();
      }
    }
    if (guard.isPresent()) {
      lastGood = Optional.of(capture.get());
    }
    candidate = Optional.empty();
  }

  /** Called after {@link #lastGood} was restored for the last time. */
  void gaveUp() {
    candidate = Optional.empty();
  }

  void captureSnapshots(State.Builder state) {
    lastGood.ifPresent(snapshot -> state.put("lastGood", snapshot));
    candidate.ifPresent(snapshot -> state.put("candidate", snapshot));
  }

  void restoreSnapshots(State state) {
    lastGood = snapshot(state, "lastGood");
    candidate = snapshot(state, "candidate");
  }

  private static Optional<State> snapshot(State state, String name) {
    return state.has(name) ? Optional.of(state.getState(name)) : Optional.empty();
  }

  @Override
  public State captureState() {
    return State.builder()
        .put("rateFactor", rateFactor)
        .put("events", DivergenceHistory.capture(events))
        .build();
  }

  @Override
  public void restoreState(State state) {
    events.clear();
    events.addAll(events(state));
    rateFactor = rateFactor(state);
  }

  /** Returns the events of a captured state. */
  static List<DivergenceEvent> events(State state) {
    rateFactor(state);
    return DivergenceHistory.restore(state.getState("events"));
  }

  @CanIgnoreReturnValue
  private static double rateFactor(State state) {
    double factor = state.getDouble("rateFactor");
    checkArgument(
        factor > 0 && factor <= 1, "state entry 'rateFactor' must be in (0, 1], was %s", factor);
    return factor;
  }
}
