package org.udge.examples.cli;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows the progress of long work: rate and remaining time. On a terminal it is a bar; elsewhere it
 * is printed in lines, the first after the first unit of work, when the remaining time can be
 * estimated, and further ones at intervals of time. Close it when the work ends. Not thread-safe.
 */
public final class Progress implements AutoCloseable {

  private static final Duration BETWEEN_LINES = Duration.ofSeconds(30);

  private final String task;
  private final String unit;
  private final long first;
  private final long total;
  private final PrintStream out;
  private final LongSupplier nanoTime;
  private final long start;
  private final Optional<Bar> bar;
  private OptionalLong lastLine = OptionalLong.empty();

  private record Bar(ProgressBar bar, BarLine line) {}

  /**
   * Starts showing progress.
   *
   * @param unit the unit that is counted, in the singular
   * @param first number of units done before
   * @param total total number of units
   * @param terminal whether a bar can be drawn
   */
  public Progress(
      String task, String unit, long first, long total, PrintStream out, boolean terminal) {
    this(
        task,
        unit,
        first,
        total,
        out,
        terminal ? Optional.of(new BarLine(out)) : Optional.empty(),
        System::nanoTime);
  }

  Progress(
      String task,
      String unit,
      long first,
      long total,
      PrintStream out,
      Optional<BarLine> line,
      LongSupplier nanoTime) {
    this.task = task;
    this.unit = unit;
    this.first = first;
    this.total = total;
    this.out = out;
    this.nanoTime = nanoTime;
    start = nanoTime.getAsLong();
    bar = line.map(this::bar);
  }

  private Bar bar(BarLine line) {
    ProgressBar drawn =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(total)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(500)
            .setConsumer(line)
            .showSpeed()
            .startsFrom(first, Duration.ZERO)
            .build();
    return new Bar(drawn, line);
  }

  /** On standard error, as a bar if it is a terminal. */
  public static Progress onStandardError(String task, String unit, long total) {
    return new Progress(task, unit, 0, total, System.err, isTerminal());
  }

  /** From Java 22 on, there is a console even without a terminal. */
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

  /** Sets the number of units done. */
  public void at(long done) {
    at(done, () -> "");
  }

  /** Sets the number of units done, with a text about them. */
  public void at(long done, Supplier<String> message) {
    if (bar.isPresent()) {
      draw(bar.get(), done, message.get());
    } else if (isDue()) {
      print(done, message.get());
    }
  }

  /**
   * Sets the number of units done, and prints a text about them in a line, whether one is due or
   * not.
   */
  public void tell(long done, String message) {
    if (bar.isPresent()) {
      draw(bar.get(), done, message);
    } else {
      print(done, message);
    }
  }

  /** Prints a permanent line, independent of the bar. */
  public void say(String text) {
    if (bar.isPresent()) {
      bar.get().line.above(text);
    } else {
      out.println(text);
    }
  }

  private boolean isDue() {
    return lastLine.isEmpty()
        || nanoTime.getAsLong() - lastLine.getAsLong() >= BETWEEN_LINES.toNanos();
  }

  private static void draw(Bar bar, long done, String message) {
    bar.bar.stepTo(done);
    bar.bar.setExtraMessage(message.isEmpty() ? "" : " " + message);
  }

  private void print(long done, String message) {
    long now = nanoTime.getAsLong();
    lastLine = OptionalLong.of(now);
    double rate = (done - first) / ((now - start) / 1e9);
    out.printf(
        Locale.ROOT,
        "%s: %s %d of %d, %s, %s left%s%n",
        task,
        unit,
        done,
        total,
        rate(rate),
        time((total - done) / rate),
        message.isEmpty() ? "" : ": " + message);
  }

  private String rate(double rate) {
    return rate >= 1
        ? String.format(Locale.ROOT, "%.1f %ss/s", rate, unit)
        : String.format(Locale.ROOT, "%.1f s per %s", 1 / rate, unit);
  }

  private static String time(double seconds) {
    long whole = Math.round(seconds);
    return whole >= 3600
        ? String.format(Locale.ROOT, "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60);
  }

  @Override
  public void close() {
    bar.ifPresent(
        drawn -> {
          drawn.bar.close();
          // A bar that is closed before it was first drawn does not end its line.
          drawn.line.close();
        });
  }
}
