package org.udge.examples.cli;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Says which flag a failure belongs to. */
public final class Flags {

  private Flags() {}

  /** Work that a flag's value asks for. */
  @FunctionalInterface
  public interface Work<T> {
    T run() throws IOException;
  }

  /**
   * Does work; what fails in it is told with the flag's name before it.
   *
   * @throws IOException if the value is a file that cannot be used, or is not what is wanted
   */
  public static <T> T naming(String flag, Work<T> work) throws IOException {
    try {
      return work.run();
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      throw new IOException(flag + ": " + Failure.message(e), e);
    }
  }
}
