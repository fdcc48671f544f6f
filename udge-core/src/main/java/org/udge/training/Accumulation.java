package org.udge.training;

/**
 * Which steps make an update together: so many in turn, and at an epoch's end those that are left.
 *
 * @param steps of an update
 * @param stepsPerEpoch steps of an epoch
 */
record Accumulation(int steps, int stepsPerEpoch) {

  private long inEpoch(long done) {
    return done % stepsPerEpoch;
  }

  /** Whether after so many steps no update is under way. */
  boolean isComplete(long done) {
    return inEpoch(done) % steps == 0;
  }

  /** How many steps make the update that the step after so many belongs to. */
  int stepsOfUpdate(long done) {
    long first = inEpoch(done) / steps * steps;
    return (int) Math.min(steps, stepsPerEpoch - first);
  }

  /** Updates that so many steps have made. */
  long updates(long done) {
    long perEpoch = (stepsPerEpoch - 1L) / steps + 1;
    return done / stepsPerEpoch * perEpoch + inEpoch(done) / steps;
  }
}
