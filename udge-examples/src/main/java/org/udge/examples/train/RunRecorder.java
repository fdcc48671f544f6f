package org.udge.examples.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.udge.examples.cli.RunFolder;
import org.udge.examples.plots.TrainingCurvesPlot;
import org.udge.state.State;
import org.udge.state.StateFiles;
import org.udge.training.EpochReport;
import org.udge.training.TrainingControl;
import org.udge.training.TrainingListener;
import org.udge.training.TrainingResult;
import org.udge.training.TrainingSession;

/** Keeps a run folder up to date while training goes on: progress, checkpoints, the best model. */
final class RunRecorder implements TrainingListener {

  private final RunFolder folder;
  private final int checkpointEvery;
  private final int plotEvery;
  private final EventFile events;
  private double best = Double.NEGATIVE_INFINITY;
  private Optional<EpochReport> savedModel = Optional.empty();

  RunRecorder(RunFolder folder, int checkpointEvery, int plotEvery) throws IOException {
    this.events = EventFile.create(folder.path());
    this.folder = folder;
    this.checkpointEvery = checkpointEvery;
    this.plotEvery = plotEvery;
  }

  @Override
  public void onStart(TrainingSession session, long epochs, int stepsPerEpoch) {
    try {
      for (EpochReport report : session.history()) {
        isBest(report);
        events.add(report.steps(), scalars(report));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onEpoch(TrainingSession session, EpochReport report, TrainingControl control) {
    try {
      events.add(report.steps(), scalars(report));
      ProgressTable.write(folder.file("progress.csv"), session.history());
      if ((report.epoch() + 1) % plotEvery == 0) {
        drawCurves(session.history());
      }
      State state = session.captureState();
      StateFiles.write(state, folder.file(RunFolder.LAST_STATE));
      if (checkpointEvery > 0 && (report.epoch() + 1) % checkpointEvery == 0) {
        StateFiles.write(state, folder.file("ckpt_" + report.epoch() + ".state"));
      }
      if (isBest(report)) {
        session.model().save(folder.file(RunFolder.MODEL));
        savedModel = Optional.of(report);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onEnd(TrainingResult result) {
    try {
      if (!result.history().isEmpty()) {
        drawCurves(result.history());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of the epoch whose model is in the folder. */
  Optional<EpochReport> savedModel() {
    return savedModel;
  }

  private void drawCurves(List<EpochReport> history) throws IOException {
    TrainingCurvesPlot.of(history, terms(history.get(0)), folder.path().getFileName().toString())
        .write(folder.path(), "training");
  }

  private static Map<String, Double> scalars(EpochReport report) {
    Map<String, Double> scalars = new LinkedHashMap<>();
    scalars.put("loss", report.loss());
    report
        .validation()
        .ifPresent(
            validation -> {
              scalars.put("validation/accuracy", validation.accuracy());
              scalars.put("validation/nll", validation.nll());
            });
    report.values().forEach((name, value) -> scalars.put("train/" + name, value));
    return scalars;
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
