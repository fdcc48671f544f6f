package org.udge.loss;

import static org.udge.internal.Preconditions.checkArgument;

/**
 * A target distribution over C classes that assigns one probability to the label and another to
 * every other class: 1 - smoothing and smoothing / (C - 1).
 */
record TargetWeights(double label, double other) {

  static void checkSmoothing(double smoothing) {
    checkArgument(
        smoothing >= 0 && smoothing < 1, "smoothing must be in [0, 1), was %s", smoothing);
  }

  static TargetWeights of(double smoothing, int classes) {
    if (smoothing == 0) {
      return new TargetWeights(1, 0);
    }
    double limit = 1 - 1.0 / classes;
    checkArgument(
        smoothing < limit,
        "smoothing must be below %s to leave the label the most probable of %s classes, was %s",
        limit,
        classes,
        smoothing);
    return new TargetWeights(1 - smoothing, smoothing / (classes - 1));
  }

  double of(int target, int label) {
    return target == label ? this.label : other;
  }
}
