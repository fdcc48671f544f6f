package org.udge.examples.train;

import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.udge.training.StepReport;
import org.udge.training.TrainingControl;
import org.udge.training.TrainingListener;

/**
 * Ends a run in an orderly way when the process is asked to end, by Ctrl-C, SIGTERM or SIGHUP: the
 * step is finished, and the process waits until this object is closed. The exit status is then that
 * of the signal, 128 more than its number: 130 for SIGINT, 143 for SIGTERM.
 */
final class Interruption implements TrainingListener, AutoCloseable {

  /** The exit status if the process is not ended by the signal itself. */
  static final int STATUS = 130;

  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook = new Thread(this::onShutdown, "end training");
  private volatile boolean requested;

  private Interruption() {}

  /** Starts now; messages are written to standard error. */
  static Interruption await() {
    Interruption interruption = new Interruption();
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  private void onShutdown() {
    requested = true;
    System.err.printf(
        Locale.ROOT,
        "%ntrain: ending after this step, to go on later (kill -9 %d ends at once)%n",
        ProcessHandle.current().pid());
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the process was asked to end. */
  boolean requested() {
    return requested;
  }

  @Override
  public void onStep(StepReport report, TrainingControl control) {
    if (requested) {
      control.requestStop();
    }
  }

  /** Called when the run has ended and everything is saved, so the process may end. */
  @Override
  public void close() {
    closed.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook is running, or will run and find this closed.
      requested = true;
    }
  }
}
