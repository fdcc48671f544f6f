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
 * A file in the making: its content goes to a temporary file, and it appears under its name when it
 * is committed. Closed without that, it leaves nothing behind.
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
      throw new IOException("cannot write " + target + ": it is no name of a file");
    }
    try {
      Files.createDirectories(folder);
      // Not createTempFile: its files can be read by their owner only.
      return new PendingFile(
          target, Files.createFile(folder.resolve(TemporaryName.unique(target))));
    } catch (IOException e) {
      throw WriteFailure.of(target, e);
    }
  }

  /**
   * Returns the temporary file.
   *
   * @return where the content goes
   */
  public Path path() {
    return temporary;
  }

  Path target() {
    return target;
  }

  /**
   * Words for a failure of writing to {@link #path()}: the file, what is wrong and what helps.
   *
   * @param cause what was thrown
   * @return what to throw instead; the cause itself where it says what is wrong already
   */
  public IOException failure(IOException cause) {
    return WriteFailure.ofWriter(List.of(this), cause);
  }

  /**
   * Forces the content to the disk and puts it in place.
   *
   * @throws IOException if that fails; the target is as it was
   * @throws IllegalStateException if called twice
   */
  public void commit() throws IOException {
    commitAll(List.of(this));
  }

  /** Puts all in place or none. */
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

  /** Elsewhere than on POSIX systems folders cannot be opened, and need not be. */
  private void forceFolder() throws IOException {
    Path folder = requireNonNull(target.toAbsolutePath().getParent());
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  /** What a target was before the move, for the time until all are moved. */
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

    /** A second name takes no space and no time, where the file system has such. */
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

  /** Ends writing; what has not been committed is deleted. Closing again does nothing. */
  @Override
  public void close() throws IOException {
    if (!committed) {
      Files.deleteIfExists(temporary);
    }
  }
}
