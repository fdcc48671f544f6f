package org.udge.examples.cli;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Tells how far long work is: rate and remaining time, on a terminal as a bar, elsewhere in lines.
 * Close it when the work ends. Not thread-safe.
 */
public final class Progress implements AutoCloseable {

  private final String task;
  private final String unit;
  private final long first;
  private final long total;
  private final PrintStream out;
  private final long start = System.nanoTime();
  private final ProgressBar bar;

  /**
   * Begins.
   *
   * @param unit what is counted, in the singular
   * @param first how many of them were done before
   * @param total how many there are
   * @param terminal whether a bar can be drawn
   */
  public Progress(
      String task, String unit, long first, long total, PrintStream out, boolean terminal) {
    this.task = task;
    this.unit = unit;
    this.first = first;
    this.total = total;
    this.out = out;
    bar =
        terminal
            ? new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(500)
                .showSpeed()
                .startsFrom(first, Duration.ZERO)
                .build()
            : null;
  }

  /** On standard error, as a bar if it is a terminal. */
  public static Progress onStandardError(String task, String unit, long total) {
    return new Progress(task, unit, 0, total, System.err, isTerminal());
  }

  /** From Java 22 on there is a console even where there is no terminal. */
  @SuppressWarnings("SystemConsoleNull")
  public static boolean isTerminal() {
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

  /** So many are done; a bar shows it. */
  public void at(long done) {
    if (bar != null) {
      bar.stepTo(done);
    }
  }

  /** So many are done, and there is something to say of them, which lines show too. */
  public void tell(long done, String message) {
    if (bar != null) {
      bar.stepTo(done);
      bar.setExtraMessage(message);
      return;
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    double rate = (done - first) / seconds;
    out.printf(
        Locale.ROOT,
        "%s: %s %d of %d, %s, %s left: %s%n",
        task,
        unit,
        done,
        total,
        rate(rate),
        time((total - done) / rate),
        message);
  }

  private String rate(double rate) {
    return rate >= 1
        ? String.format(Locale.ROOT, "%.1f %ss/s", rate, unit)
        : String.format(Locale.ROOT, "%.1f s a %s", 1 / rate, unit);
  }

  private static String time(double seconds) {
    long whole = Math.round(seconds);
    return whole >= 3600
        ? String.format("%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
        : String.format("%d:%02d", whole / 60, whole % 60);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
