package org.udge.examples.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.udge.examples.cli.RunFolder;
import org.udge.examples.plots.TrainingCurvesPlot;
import org.udge.training.EpochReport;
import org.udge.training.StopReason;
import org.udge.training.TrainingControl;
import org.udge.training.TrainingListener;
import org.udge.training.TrainingResult;
import org.udge.training.TrainingSession;

/**
 * Draws training curves occasionally and at the end, but not if the run was told to end, because
 * there may not be time.
 */
record CurvePlots(RunFolder folder, int every) implements TrainingListener {

  @Override
  public void onEpoch(TrainingSession session, EpochReport report, TrainingControl control) {
    if ((report.epoch() + 1) % every == 0) {
      draw(session.history());
    }
  }

  @Override
  public void onEnd(TrainingResult result) {
    if (!result.history().isEmpty() && result.stopReason() != StopReason.REQUESTED) {
      draw(result.history());
    }
  }

  private void draw(List<EpochReport> history) {
    try {
      TrainingCurvesPlot.of(history, terms(history.get(0)), folder.path().getFileName().toString())
          .write(folder.path(), "training");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> terms(EpochReport report) {
    return report.values().keySet().stream().filter(name -> !name.contains("/")).toList();
  }
}
