package org.udge.examples.cli;

import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;

/** A bar on the last line of a terminal, and text above it. Thread-safe. */
final class BarLine extends ConsoleProgressBarConsumer {

  private final PrintStream out;
  private String shown = "";
  private boolean closed;

  BarLine(PrintStream out) {
    super(out);
    this.out = out;
  }

  BarLine(PrintStream out, int width) {
    super(out, width);
    this.out = out;
  }

  @Override
  public synchronized void accept(String bar) {
    String cut = bar.substring(0, Math.min(bar.length(), Math.max(0, getMaxRenderedLength())));
    out.print("\r" + over(cut));
    out.flush();
    shown = cut;
  }

  /** Prints a permanent line; the bar continues below it. */
  synchronized void above(String text) {
    out.print("\r" + over(text) + System.lineSeparator() + shown);
    out.flush();
  }

  /** Padded so that nothing of the bar remains next to it. */
  private String over(String text) {
    return text + " ".repeat(Math.max(0, shown.length() - text.length()));
  }

  /** Leaves the bar where it is. Closing again has no effect. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      out.println();
      out.flush();
    }
  }
}
