package org.udge.state;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes files that appear under their names only once they are complete and stored on disk: the
 * content is forced to disk before the move, the folder's entry after it.
 *
 * <p>Until then the content is in a temporary file in the same folder, whose name identifies the
 * process that writes it: {@code .model.zip.udge-PID-START-HOST-RANDOM.tmp}. No two writers share a
 * temporary file. Files left behind by a killed process are removed by {@link #removeAbandoned}.
 *
 * <p>Error messages name the file to be written, the cause and a remedy.
 *
 * <p>Thread-safe.
 */
public final class AtomicFiles {

  private static final Logger LOG = LoggerFactory.getLogger(AtomicFiles.class);

  private AtomicFiles() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Writer {

    /**
     * Writes to a temporary file.
     *
     * @param temporary the file to write; exists and is empty
     * @throws IOException if writing fails
     */
    void writeTo(Path temporary) throws IOException;
  }

  /** Writes the contents of files that belong together. */
  @FunctionalInterface
  public interface GroupWriter {

    /**
     * Writes to temporary files.
     *
     * @param temporaries the files to write, in the order of the targets; they exist and are empty
     * @throws IOException if writing fails
     */
    void writeTo(List<Path> temporaries) throws IOException;
  }

  /**
   * Writes to a temporary file in the same folder and moves it into place. Missing folders are
   * created. On failure the target is unchanged and the temporary file is removed.
   *
   * @param target the file to appear; replaced if it exists
   * @param writer writes the content
   * @throws IOException if writing or moving fails
   */
  public static void write(Path target, Writer writer) throws IOException {
    try (PendingFile file = begin(target)) {
      try {
        writer.writeTo(file.path());
      } catch (IOException e) {
        throw WriteFailure.ofWriter(List.of(file), e);
      }
      file.commit();
    }
  }

  /**
   * Writes files that belong together. None of them appears before all are complete and on disk. On
   * failure all targets are unchanged and the temporary files are removed; only if the process is
   * killed between two moves, some of them are new and others old.
   *
   * @param targets the files to appear, all different; replaced if they exist
   * @param writer writes the contents
   * @throws IOException if writing or moving fails
   */
  public static void writeAll(List<Path> targets, GroupWriter writer) throws IOException {
    List<Path> different = targets.stream().map(t -> t.toAbsolutePath().normalize()).toList();
    checkArgument(
        different.stream().distinct().count() == targets.size(),
        "files that are written together must be different, were %s",
        targets);
    List<PendingFile> files = new ArrayList<>();
    try {
      for (Path target : targets) {
        files.add(begin(target));
      }
      try {
        writer.writeTo(files.stream().map(PendingFile::path).toList());
      } catch (IOException e) {
        throw WriteFailure.ofWriter(files, e);
      }
      PendingFile.commitAll(files);
    } finally {
      PendingFile.closeAll(files);
    }
  }

  /**
   * Begins a file that is written incrementally. Missing folders are created.
   *
   * @param target the file to appear on {@link PendingFile#commit()}; replaced if it exists
   * @return the pending file; close it
   * @throws IOException if no file can be created in that folder
   */
  public static PendingFile begin(Path target) throws IOException {
    return PendingFile.begin(target);
  }

  /**
   * Appends to a file. Concurrent readers may see part of the content at the end of the file, and
   * so may later ones if the process is killed meanwhile; the content may reach the disk later.
   *
   * @param file the file; must exist
   * @param content the bytes to append
   * @throws IOException if writing fails
   */
  public static void append(Path file, byte[] content) throws IOException {
    try {
      Files.write(file, content, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw WriteFailure.of(file, e);
    }
  }

  /**
   * Removes temporary files whose process has ended without removing them, because it was killed or
   * the machine failed. The files of running processes are kept, and so are those of other machines
   * that share the folder, unless they have not been modified for a day. Failures to remove a file
   * are logged.
   *
   * @param folder the folder to search, without its subfolders; may be absent
   * @return the files removed
   * @throws IOException if the folder cannot be listed
   */
  @CanIgnoreReturnValue
  public static List<Path> removeAbandoned(Path folder) throws IOException {
    List<Path> removed = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, TemporaryName.GLOB)) {
      for (Path file : files) {
        if (isAbandoned(file) && delete(file)) {
          removed.add(file);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      LOG.debug("no temporary files in {}: it is not a folder", folder, e);
    }
    return removed;
  }

  private static boolean isAbandoned(Path file) throws IOException {
    return TemporaryName.parse(file.getFileName().toString())
        .filter(name -> name.isAbandoned(file))
        .isPresent();
  }

  private static boolean delete(Path file) {
    try {
      return Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("cannot remove {}, which a process that has ended left behind", file, e);
      return false;
    }
  }
}
