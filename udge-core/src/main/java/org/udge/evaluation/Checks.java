package org.udge.evaluation;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import org.udge.data.Batch;
import org.udge.engine.Logits;

/** Checks that several evaluators share. */
final class Checks {

  private Checks() {}

  /** Logits must be finite and of at least two classes, labels one for each row and in range. */
  static void logitsAndLabels(Logits logits, int[] labels) {
    checkArgument(
        logits.classes() > 1, "there must be at least 2 classes, was %s", logits.classes());
    checkArgument(
        logits.rows() == labels.length,
        "there must be a label for each row of logits: %s rows, %s labels",
        logits.rows(),
        labels.length);
    for (int i = 0; i < labels.length; i++) {
      checkArgument(labels[i] != Batch.UNLABELED, "image %s has no label", i);
      checkArgument(
          labels[i] >= 0 && labels[i] < logits.classes(),
          "labels must be 0 to %s, that of image %s is %s",
          logits.classes() - 1,
          i,
          labels[i]);
    }
    finite(logits);
  }

  static void finite(Logits logits) {
    if (logits.isFinite()) {
      return;
    }
    for (int i = 0; i < logits.rows(); i++) {
      checkArgument(
          Arrays.stream(logits.row(i)).allMatch(Double::isFinite),
          "logits must be finite numbers, those of image %s are %s",
          i,
          Arrays.toString(logits.row(i)));
    }
  }

  /** Scores must be there and be numbers; infinite ones can be ranked and are let through. */
  static double[] scores(String name, double[] scores) {
    checkArgument(scores.length > 0, "%s scores must not be empty", name);
    for (int i = 0; i < scores.length; i++) {
      checkArgument(!Double.isNaN(scores[i]), "%s score of image %s is NaN", name, i);
    }
    return scores;
  }

  static double positive(String name, double value) {
    checkArgument(
        value > 0 && Double.isFinite(value), "%s must be positive and finite, was %s", name, value);
    return value;
  }

  static int atLeast(int least, String name, int value) {
    checkArgument(value >= least, "%s must be at least %s, was %s", name, least, value);
    return value;
  }

  static double probability(String name, double value) {
    checkArgument(value > 0 && value < 1, "%s must be above 0 and below 1, was %s", name, value);
    return value;
  }
}
