package org.udge.state;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** Writes files that appear under their names only when complete. Thread-safe. */
public final class AtomicFiles {

  private AtomicFiles() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Writer {

    /**
     * Writes to a temporary file.
     *
     * @param temporary where to; exists and is empty
     * @throws IOException if writing fails
     */
    void writeTo(Path temporary) throws IOException;
  }

  /**
   * Writes to a temporary file in the same folder and moves it into place. Missing folders are
   * made. On failure the target stays as it was and the temporary file is removed.
   *
   * @param target the file to appear; replaced if it exists
   * @param writer writes the content
   * @throws IOException if writing or moving fails
   */
  public static void write(Path target, Writer writer) throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    // Not createTempFile: its files can be read by their owner only.
    Path temporary =
        Files.createFile(folder.resolve("." + target.getFileName() + "." + UUID.randomUUID()));
    try {
      writer.writeTo(temporary);
      try {
        Files.move(
            temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
