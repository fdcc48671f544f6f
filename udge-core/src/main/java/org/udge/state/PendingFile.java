package org.udge.state;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkState;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A file under construction: its content is written to a temporary file, and it appears under its
 * name when it is committed. If it is closed without being committed, it leaves nothing behind.
 *
 * <pre>{@code
 * try (PendingFile file = AtomicFiles.begin(folder.resolve("table.csv"))) {
 *   Files.writeString(file.path(), "a,b\n");
 *   file.commit();
 * }
 * }</pre>
 *
 * <p>Not thread-safe.
 */
public final class PendingFile implements AutoCloseable {

  private final Path target;
  private final Path temporary;
  private boolean committed;

  private PendingFile(Path target, Path temporary) {
    this.target = target;
    this.temporary = temporary;
  }

  static PendingFile begin(Path target) throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException("cannot write " + target + ": it is not a file name");
    }
    try {
      Files.createDirectories(folder);
      // Not createTempFile: its files are readable by their owner only.
      return new PendingFile(
          target, Files.createFile(folder.resolve(TemporaryName.unique(target))));
    } catch (IOException e) {
      throw WriteFailure.of(target, e);
    }
  }

  /**
   * Returns the temporary file.
   *
   * @return the file to write the content to
   */
  public Path path() {
    return temporary;
  }

  Path target() {
    return target;
  }

  /**
   * Describes a failure to write to {@link #path()}: the file, the cause and a remedy.
   *
   * @param cause the exception thrown
   * @return the exception to throw instead; the cause itself if its message is already specific
   */
  public IOException failure(IOException cause) {
    return WriteFailure.ofWriter(List.of(this), cause);
  }

  /**
   * Forces the content to disk and moves it into place.
   *
   * @throws IOException if that fails, in which case the target is unchanged
   * @throws IllegalStateException if called twice
   */
  public void commit() throws IOException {
    commitAll(List.of(this));
  }

  /** Moves all files into place, or none. */
  static void commitAll(List<PendingFile> files) throws IOException {
    for (PendingFile file : files) {
      checkState(!file.committed, "%s is finished", file.target);
      file.force();
    }
    List<Backup> moved = new ArrayList<>();
    try {
      for (PendingFile file : files) {
        if (files.size() > 1) {
          moved.add(Backup.of(file.target));
        }
      }
      for (PendingFile file : files) {
        file.move();
      }
    } catch (IOException e) {
      for (Backup backup : moved) {
        try {
          backup.restore();
        } catch (IOException another) {
          e.addSuppressed(another);
        }
      }
      throw e;
    } finally {
      for (Backup backup : moved) {
        Files.deleteIfExists(backup.copy);
      }
    }
  }

  private void force() throws IOException {
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      channel.force(true);
    } catch (IOException e) {
      throw WriteFailure.of(target, e);
    }
  }

  private void move() throws IOException {
    try {
      moveInto(temporary, target);
      committed = true;
      forceFolder();
    } catch (IOException e) {
      throw WriteFailure.of(target, e);
    }
  }

  private static void moveInto(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /**
   * Forces the folder's entry to disk. On systems other than POSIX, folders cannot be opened, and
   * need not be.
   */
  private void forceFolder() throws IOException {
    Path folder = requireNonNull(target.toAbsolutePath().getParent());
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /** The previous content of a target, kept until all files are moved. */
  private record Backup(Path target, Path copy, boolean existed) {

    static Backup of(Path target) throws IOException {
      Path copy = target.toAbsolutePath().resolveSibling(TemporaryName.unique(target));
      boolean exists = Files.exists(target);
      try {
        if (Files.isDirectory(target)) {
          throw new IOException("Is a directory");
        }
        if (exists) {
          copy(target, copy);
        }
      } catch (IOException e) {
        throw WriteFailure.of(target, e);
      }
      return new Backup(target, copy, exists);
    }

    /**
     * Copies the target, by a hard link if the file system supports it, which takes no space and no
     * time.
     */
    private static void copy(Path target, Path copy) throws IOException {
      try {
        Files.createLink(copy, target);
      } catch (IOException | UnsupportedOperationException e) {
        Files.copy(target, copy);
      }
    }

    void restore() throws IOException {
      if (existed) {
        moveInto(copy, target);
      } else {
        Files.deleteIfExists(target);
      }
    }
  }

  static void closeAll(List<PendingFile> files) throws IOException {
    for (PendingFile file : files) {
      file.close();
    }
  }

  /**
   * Ends writing; deletes the content if it has not been committed. Closing again has no effect.
   */
  @Override
  public void close() throws IOException {
    if (!committed) {
      Files.deleteIfExists(temporary);
    }
  }
}
