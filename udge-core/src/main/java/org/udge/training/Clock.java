package org.udge.training;

import com.google.common.base.Stopwatch;
import java.util.concurrent.TimeUnit;

/** Elapsed time, accumulated over several executions of the program. */
final class Clock {

  private final Stopwatch watch = Stopwatch.createUnstarted();
  private double secondsBefore;

  void start() {
    if (!watch.isRunning()) {
      watch.start();
    }
  }

  void stop() {
    if (watch.isRunning()) {
      watch.stop();
    }
  }

  double seconds() {
    return secondsBefore + watch.elapsed(TimeUnit.NANOSECONDS) / 1e9;
  }

  /** Continues from a time, running or stopped as before. */
  void set(double seconds) {
    boolean running = watch.isRunning();
    watch.reset();
    secondsBefore = seconds;
    if (running) {
      watch.start();
    }
  }
}
