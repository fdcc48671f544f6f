package org.udge.examples.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.udge.training.EpochReport;
import org.udge.training.StepReport;
import org.udge.training.TrainingControl;
import org.udge.training.TrainingListener;
import org.udge.training.TrainingSession;

/**
 * Shows the progress of training: rate, remaining time, current losses. On a terminal it is a bar,
 * elsewhere an occasional line, the first after the first step; each epoch has a line. Close it
 * when training ends, successfully or not. Not thread-safe.
 */
public final class ProgressListener implements TrainingListener, AutoCloseable {

  private final String task;
  private final PrintStream out;
  private final int printEvery;
  private final boolean terminal;
  private Optional<Progress> progress = Optional.empty();
  private long epochs;

  /**
   * Creates a listener.
   *
   * @param printEvery steps after which a line is printed, unless one was due earlier by time
   */
  public ProgressListener(String task, PrintStream out, int printEvery, boolean terminal) {
    this.task = task;
    this.out = out;
    this.printEvery = printEvery;
    this.terminal = terminal;
  }

  /** On standard error, as a bar if it is a terminal. */
  public static ProgressListener onStandardError(String task, int printEvery) {
    return new ProgressListener(task, System.err, printEvery, Progress.isTerminal());
  }

  @Override
  public void onStart(TrainingSession session, long wantedEpochs, int stepsPerEpoch) {
    epochs = wantedEpochs;
    close();
    long steps = wantedEpochs * stepsPerEpoch;
    progress = Optional.of(new Progress(task, "step", session.steps(), steps, out, terminal));
  }

  @Override
  public void onStep(StepReport report, TrainingControl control) {
    if (report.step() % printEvery == 0) {
      progress.orElseThrow().tell(report.step(), losses(report));
    } else {
      progress.orElseThrow().at(report.step(), () -> losses(report));
    }
  }

  private static String losses(StepReport report) {
    return String.format(
        Locale.ROOT,
        "loss %.4f%s",
        report.loss(),
        report.values().entrySet().stream()
            .filter(value -> !value.getKey().contains("/"))
            .map(value -> String.format(Locale.ROOT, "%s %.4f", value.getKey(), value.getValue()))
            .collect(Collectors.joining(", ", " (", ")")));
  }

  @Override
  public void onEpoch(TrainingSession session, EpochReport report, TrainingControl control) {
    progress
        .orElseThrow()
        .say(
            String.format(
                Locale.ROOT,
                "%s: epoch %d of %d in %.1f s: loss %.4f%s",
                task,
                report.epoch() + 1,
                epochs,
                report.seconds(),
                report.loss(),
                report.validation().map(ProgressListener::words).orElse("")));
  }

  private static String words(EpochReport.Validation validation) {
    return String.format(
        Locale.ROOT,
        ", validation accuracy %.4f, NLL %.4f",
        validation.accuracy(),
        validation.nll());
  }

  @Override
  public void close() {
    progress.ifPresent(Progress::close);
    progress = Optional.empty();
  }
}
