package org.udge.examples.cli;

import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Descriptions of failures: one line, with advice. */
final class Failure {

  private static final double BYTES_OF_GIGABYTE = 1 << 30;

  private Failure() {}

  static String message(Throwable failure) {
    Optional<OutOfMemoryError> memory = outOfMemory(failure);
    if (memory.isPresent()) {
      return outOfMemory(memory.get());
    }
    Throwable cause = failure;
    while (isWrapper(cause) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof FileSystemException file && file.getReason() == null) {
      return ofFile(file);
    }
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return oneLine(message);
  }

  private static boolean isWrapper(Throwable failure) {
    return failure instanceof UncheckedIOException
        || failure instanceof ExecutionException
        || failure instanceof CompletionException;
  }

  /**
   * The runtime's message contains only the file; the kind of error is the class of the exception.
   */
  private static String ofFile(FileSystemException failure) {
    String file = failure.getFile();
    if (failure instanceof AccessDeniedException) {
      return "no permission for " + file + ": allow access (chmod), or choose another";
    }
    if (failure instanceof NoSuchFileException) {
      return "no such file or folder: " + file;
    }
    if (failure instanceof NotDirectoryException) {
      return file + " is a file, where a folder is expected";
    }
    return file + ": " + failure.getClass().getSimpleName().replace("Exception", "");
  }

  private static Optional<OutOfMemoryError> outOfMemory(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof OutOfMemoryError memory) {
        return Optional.of(memory);
      }
    }
    return Optional.empty();
  }

  private static String outOfMemory(OutOfMemoryError error) {
    String said = Optional.ofNullable(error.getMessage()).orElse("");
    boolean heap =
        said.contains("Java heap space")
            || said.contains("GC overhead")
            || said.contains("array size");
    String gigabytes =
        String.format(Locale.ROOT, "%.1f GB", Runtime.getRuntime().maxMemory() / BYTES_OF_GIGABYTE);
    return heap
        ? "out of memory: the Java heap may have "
            + gigabytes
            + ". Give it more, java -Xmx8g -jar ..., or use smaller batches, buffers or networks"
        : "out of memory outside the Java heap ("
            + oneLine(said)
            + "): allow more, java"
            + " -Dorg.bytedeco.javacpp.maxbytes=16g -Dorg.bytedeco.javacpp.maxphysicalbytes=24g"
            + " -jar"
            + " ..., or use smaller batches or networks";
  }

  static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
