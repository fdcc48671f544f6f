package org.udge.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.udge.examples.plots.TrainingCurvesPlot;
import org.udge.state.State;
import org.udge.state.StateFiles;
import org.udge.training.EpochReport;
import org.udge.training.TrainingControl;
import org.udge.training.TrainingListener;
import org.udge.training.TrainingSession;

/** Keeps a run folder up to date while training goes on: progress, checkpoints, the best model. */
final class RunRecorder implements TrainingListener {

  static final String LAST = "last.state";
  static final String MODEL = "model.zip";

  private final RunFolder folder;
  private final int checkpointEvery;
  private double best = Double.NEGATIVE_INFINITY;

  RunRecorder(RunFolder folder, int checkpointEvery) {
    this.folder = folder;
    this.checkpointEvery = checkpointEvery;
  }

  @Override
  public void onStart(TrainingSession session, long epochs, int stepsPerEpoch) {
    session.history().forEach(this::isBest);
  }

  @Override
  public void onEpoch(TrainingSession session, EpochReport report, TrainingControl control) {
    try {
      ProgressTable.write(folder.file("progress.csv"), session.history());
      TrainingCurvesPlot.of(
              session.history(), terms(report), folder.path().getFileName().toString())
          .write(folder.path(), "training");
      State state = session.captureState();
      StateFiles.write(state, folder.file(LAST));
      if (checkpointEvery > 0 && (report.epoch() + 1) % checkpointEvery == 0) {
        StateFiles.write(state, folder.file("ckpt_" + report.epoch() + ".state"));
      }
      if (isBest(report)) {
        session.model().save(folder.file(MODEL));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> terms(EpochReport report) {
    return report.values().keySet().stream().filter(name -> !name.contains("/")).toList();
  }

  private boolean isBest(EpochReport report) {
    double accuracy = report.validation().map(EpochReport.Validation::accuracy).orElse(best);
    boolean better = accuracy > best;
    best = Math.max(best, accuracy);
    return better;
  }
}
