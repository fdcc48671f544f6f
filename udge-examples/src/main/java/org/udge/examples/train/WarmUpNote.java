package org.udge.examples.train;

import java.io.PrintWriter;
import java.util.Locale;
import org.udge.training.TrainingListener;
import org.udge.training.TrainingSession;

/** Prints a note if a run ends before its warm-up. */
record WarmUpNote(int warmUpSteps, PrintWriter out) implements TrainingListener {

  @Override
  public void onStart(TrainingSession session, long epochs, int stepsPerEpoch) {
    long steps = epochs * stepsPerEpoch;
    if (warmUpSteps > steps) {
      out.printf(
          Locale.ROOT,
          "note: --warmup_iters %d exceeds the %d steps of this run, whose rate ends below --lr%n",
          warmUpSteps,
          steps);
    }
  }
}
