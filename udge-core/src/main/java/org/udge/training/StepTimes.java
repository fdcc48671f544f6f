package org.udge.training;

import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.apache.commons.math3.util.ResizableDoubleArray;

/** The durations of steps. */
final class StepTimes {

  private final ResizableDoubleArray milliseconds = new ResizableDoubleArray();

  void add(long nanoseconds) {
    milliseconds.addElement(nanoseconds / 1e6);
  }

  /** Returns the median, or NaN if there was no step. */
  double medianMilliseconds() {
    return new Median().evaluate(milliseconds.getElements());
  }
}
