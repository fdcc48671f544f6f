package org.udge.state;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Thrown when a file could not be written. States the file, the cause and a remedy: the system
 * reports "No space left on device" without the file, or the file without the cause.
 */
final class WriteFailure extends IOException {

  private static final long serialVersionUID = 1;

  private final String reason;

  private WriteFailure(List<Path> targets, String reason, IOException cause) {
    super(
        "cannot write "
            + targets.stream().map(Path::toString).collect(Collectors.joining(" and "))
            + ": "
            + reason,
        cause);
    this.reason = reason;
  }

  /** Describes a failure of this library's own operations: creating, forcing or moving a file. */
  static IOException of(Path target, IOException cause) {
    return new WriteFailure(List.of(target), reason(target, cause), cause);
  }

  /**
   * Describes an exception thrown by a writer. The writer may also read, and its exception may
   * already be specific: then it is returned unchanged.
   */
  static IOException ofWriter(List<PendingFile> files, IOException cause) {
    List<Path> targets = files.stream().map(PendingFile::target).toList();
    boolean ours =
        cause instanceof FileSystemException system
            ? isOneOf(files, system.getFile())
            : knownReason(cause).isPresent();
    return ours ? new WriteFailure(targets, reason(targets.get(0), cause), cause) : cause;
  }

  private static boolean isOneOf(List<PendingFile> files, String name) {
    return name != null
        && files.stream()
            .flatMap(file -> Stream.of(file.path(), file.target()))
            .anyMatch(path -> path.toString().equals(name));
  }

  private static String reason(Path target, IOException cause) {
    Path folder = requireNonNull(target.toAbsolutePath().getParent());
    Optional<String> known = knownReason(cause);
    if (known.isPresent()) {
      return known.get();
    }
    if (cause instanceof AccessDeniedException) {
      return "no permission: allow writing in " + folder + ", or choose another folder";
    }
    if (cause instanceof NoSuchFileException) {
      return (Files.isDirectory(folder) ? "it" : "its folder " + folder)
          + " was deleted or moved meanwhile: leave a run's files alone until it ends";
    }
    if (cause instanceof FileAlreadyExistsException exists) {
      return exists.getFile() + " is a file, and a folder is needed there: choose another folder";
    }
    return said(cause).isEmpty() ? cause.toString() : said(cause);
  }

  /** Returns the reason, if the system's message is a known one about disks and names. */
  private static Optional<String> knownReason(IOException cause) {
    if (cause instanceof WriteFailure failure) {
      return Optional.of(failure.reason);
    }
    String said = said(cause).toLowerCase(Locale.ROOT);
    if (said.contains("no space left on device") || said.contains("not enough space on the disk")) {
      return Optional.of("the disk is full: free space, or choose a folder on another disk");
    }
    if (said.contains("quota exceeded")) {
      return Optional.of("the disk quota is used up: free space, or choose another folder");
    }
    if (said.equals("file too large")) {
      return Optional.of(
          "it is larger than the limit on file sizes here: raise the limit (ulimit -f)");
    }
    if (said.contains("read-only file system")) {
      return Optional.of("its file system is read-only: choose a folder that can be written to");
    }
    if (said.contains("file name too long")) {
      return Optional.of("the name is too long for this file system: choose a shorter one");
    }
    if (said.contains("is a directory") || said.contains("directory not empty")) {
      return Optional.of("a folder of that name is in the way: remove it, or choose another name");
    }
    return Optional.empty();
  }

  /** Returns the message without the names of files, which may contain anything. */
  private static String said(IOException cause) {
    return Optional.ofNullable(
            cause instanceof FileSystemException system ? system.getReason() : cause.getMessage())
        .orElse("");
  }
}
