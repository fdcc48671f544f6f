package org.udge.training;

import static org.udge.internal.Preconditions.checkArgument;

import org.udge.state.State;

/**
 * The position of a run, and the grouping of its steps into updates: a fixed number of consecutive
 * steps, and the remaining ones at the end of an epoch.
 */
final class Position {

  /** In custom loops, all steps belong to one epoch. */
  private static final int ENDLESS = Integer.MAX_VALUE;

  private final int stepsPerUpdate;
  private long steps;
  private int stepsPerEpoch = ENDLESS;

  Position(int stepsPerUpdate) {
    this.stepsPerUpdate = stepsPerUpdate;
  }

  /** Returns the number of steps done. */
  long steps() {
    return steps;
  }

  int stepsPerEpoch() {
    return stepsPerEpoch;
  }

  /** Sets the length of epochs, which cannot be changed afterwards. */
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

  /** Returns the epoch of the next step. */
  long epoch() {
    return steps / stepsPerEpoch;
  }

  /** Returns whether the next step is the first of an epoch. */
  boolean isBetweenEpochs() {
    return steps % stepsPerEpoch == 0;
  }

  /** Returns whether no update is in progress. */
  boolean isBetweenUpdates() {
    return isBetweenUpdates(steps);
  }

  private boolean isBetweenUpdates(long done) {
    return done % stepsPerEpoch % stepsPerUpdate == 0;
  }

  /** Returns the number of steps in the update that the next step belongs to. */
  int stepsOfUpdate() {
    return stepsOfUpdate(steps);
  }

  private int stepsOfUpdate(long done) {
    long inEpoch = done % stepsPerEpoch;
    return (int) Math.min(stepsPerUpdate, stepsPerEpoch - (inEpoch - inEpoch % stepsPerUpdate));
  }

  /** Returns the number of updates done. */
  long updates() {
    long perEpoch = (stepsPerEpoch - 1L) / stepsPerUpdate + 1;
    return epoch() * perEpoch + steps % stepsPerEpoch / stepsPerUpdate;
  }

  /** Refuses a limit whose last steps would not complete an update. */
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
