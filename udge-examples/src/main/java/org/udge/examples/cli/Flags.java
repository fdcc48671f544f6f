package org.udge.examples.cli;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Attributes failures to flags. */
public final class Flags {

  private Flags() {}

  /** Work that a flag's value requires. */
  @FunctionalInterface
  public interface Work<T> {
    T run() throws IOException;
  }

  /**
   * Performs work; the messages of failures are prefixed with the flag's name.
   *
   * @throws IOException if the value is a file that cannot be used, or is not of the expected kind
   */
  public static <T> T naming(String flag, Work<T> work) throws IOException {
    try {
      return work.run();
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      throw new IOException(flag + ": " + Failure.message(e), e);
    }
  }
}
