package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import org.udge.state.State;

/**
 * How far a run is, and which of its steps make an update together: so many in turn, and at an
 * epoch's end those that are left.
 */
final class Position {

  /** In loops of one's own: all steps are of one epoch. */
  private static final int ENDLESS = Integer.MAX_VALUE;

  private final int stepsPerUpdate;
  private long steps;
  private int stepsPerEpoch = ENDLESS;

  Position(int stepsPerUpdate) {
    this.stepsPerUpdate = stepsPerUpdate;
  }

  /** Steps done. */
  long steps() {
    return steps;
  }

  int stepsPerEpoch() {
    return stepsPerEpoch;
  }

  /** Epochs have a length from now on; it never changes again. */
  void setStepsPerEpoch(int count) {
    checkArgument(
        stepsPerEpoch == ENDLESS || stepsPerEpoch == count,
        "the run so far had epochs of %s steps, these data make epochs of %s",
        stepsPerEpoch,
        count);
    stepsPerEpoch = count;
  }

  void advance() {
    steps++;
  }

  /** The epoch of the next step. */
  long epoch() {
    return steps / stepsPerEpoch;
  }

  /** Whether the next step is the first of an epoch. */
  boolean isBetweenEpochs() {
    return steps % stepsPerEpoch == 0;
  }

  /** Whether no update is under way. */
  boolean isBetweenUpdates() {
    return isBetweenUpdates(steps);
  }

  private boolean isBetweenUpdates(long done) {
    return done % stepsPerEpoch % stepsPerUpdate == 0;
  }

  /** How many steps make the update that the next step belongs to. */
  int stepsOfUpdate() {
    return stepsOfUpdate(steps);
  }

  private int stepsOfUpdate(long done) {
    long inEpoch = done % stepsPerEpoch;
    return (int) Math.min(stepsPerUpdate, stepsPerEpoch - (inEpoch - inEpoch % stepsPerUpdate));
  }

  /** Updates done. */
  long updates() {
    long perEpoch = (stepsPerEpoch - 1L) / stepsPerUpdate + 1;
    return epoch() * perEpoch + steps % stepsPerEpoch / stepsPerUpdate;
  }

  /** Refuses an end of which the last steps would make no update. */
  void checkLimit(long limit) {
    long under = limit % stepsPerEpoch % stepsPerUpdate;
    checkArgument(
        isBetweenUpdates(limit),
        "a limit of %s steps is inside an update of %s steps; the nearest that are not are %s and"
            + " %s",
        limit,
        stepsOfUpdate(limit),
        limit - under,
        limit - under + stepsOfUpdate(limit));
  }

  void capture(State.Builder state) {
    state.put("steps", steps).put("stepsPerEpoch", stepsPerEpoch);
  }

  void restore(RunState state) {
    steps = state.steps();
    stepsPerEpoch = state.stepsPerEpoch();
  }
}
