package org.udge.examples;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.udge.training.EpochReport;
import org.udge.training.StepReport;
import org.udge.training.TrainingControl;
import org.udge.training.TrainingListener;
import org.udge.training.TrainingResult;
import org.udge.training.TrainingSession;

/**
 * Tells how far training is: rate, remaining time, current losses. On a terminal as a bar,
 * elsewhere as a line now and then; and a line for each epoch. Not thread-safe.
 */
final class ProgressListener implements TrainingListener {

  private final String task;
  private final PrintStream out;
  private final int printEvery;
  private final boolean terminal;
  private ProgressBar bar;
  private long firstStep;
  private long totalSteps;
  private long epochs;
  private long start;

  /**
   * Tells.
   *
   * @param printEvery steps between lines
   */
  ProgressListener(String task, PrintStream out, int printEvery, boolean terminal) {
    this.task = task;
    this.out = out;
    this.printEvery = printEvery;
    this.terminal = terminal;
  }

  /** On standard error, as a bar if it is a terminal. */
  static ProgressListener onStandardError(String task, int printEvery) {
    return new ProgressListener(task, System.err, printEvery, isTerminal());
  }

  /** From Java 22 on there is a console even where there is no terminal. */
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  @Override
  public void onStart(TrainingSession session, long wantedEpochs, int stepsPerEpoch) {
    firstStep = session.steps();
    epochs = wantedEpochs;
    totalSteps = wantedEpochs * stepsPerEpoch;
    start = System.nanoTime();
    if (terminal) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(totalSteps)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(500)
              .showSpeed()
              .startsFrom(firstStep, Duration.ZERO)
              .build();
    }
  }

  @Override
  public void onStep(StepReport report, TrainingControl control) {
    if (terminal) {
      bar.stepTo(report.step());
      bar.setExtraMessage(losses(report));
    } else if (report.step() % printEvery == 0) {
      double seconds = (System.nanoTime() - start) / 1e9;
      double rate = (report.step() - firstStep) / seconds;
      out.printf(
          Locale.ROOT,
          "%s: step %d of %d, %.1f steps/s, %s left: %s%n",
          task,
          report.step(),
          totalSteps,
          rate,
          time((totalSteps - report.step()) / rate),
          losses(report));
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
    report
        .validation()
        .ifPresent(
            validation ->
                out.printf(
                    Locale.ROOT,
                    "%s: epoch %d of %d in %.1f s: loss %.4f, validation accuracy %.4f, NLL %.4f%n",
                    task,
                    report.epoch() + 1,
                    epochs,
                    report.seconds(),
                    report.loss(),
                    validation.accuracy(),
                    validation.nll()));
  }

  @Override
  public void onEnd(TrainingResult result) {
    if (terminal) {
      bar.close();
    }
  }

  private static String time(double seconds) {
    long whole = Math.round(seconds);
    return whole >= 3600
        ? String.format("%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
        : String.format("%d:%02d", whole / 60, whole % 60);
  }
}
