package org.udge.datasets.formats;

import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Named files below a folder or in a zip, with random access.
 *
 * <p>Names are relative, with parts separated by {@code /}. Hidden files (a part starts with a dot,
 * or is {@code __MACOSX}) are ignored. Implementations are immutable and thread-safe.
 */
public abstract sealed class FileCollection permits FileCollection.Folder, ZipFiles {

  private final Path root;
  private final List<String> names;

  FileCollection(Path root, List<String> names) {
    this.root = root;
    this.names = names;
  }

  /**
   * The files below a folder. Links are followed.
   *
   * @param folder the folder
   * @param depth search depth: 1 finds the files in the folder itself
   * @return its files, listed now
   * @throws IOException if the folder, or one in it, cannot be listed, or links form a cycle; the
   *     message names it
   */
  public static FileCollection folder(Path folder, int depth) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new NotDirectoryException(folder + ": expected a folder");
    }
    Map<String, Path> files = new HashMap<>();
    Files.walkFileTree(
        folder,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        depth,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = folder.relativize(file).toString().replace('\\', '/');
            if (attributes.isRegularFile() && !isHidden(name)) {
              files.put(name, file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof FileSystemLoopException) {
              throw new IOException(file + " is a link to a folder that it is in: remove it", e);
            }
            throw new IOException(
                "cannot read " + file + ": " + ImageDecoder.messageOf(e) + ", no permission?", e);
          }
        });
    return new Folder(folder, files);
  }

  /**
   * A collection of given files.
   *
   * @param files any files; each is named by its path
   * @return the collection
   */
  public static FileCollection of(List<Path> files) {
    Map<String, Path> named = new HashMap<>();
    files.forEach(file -> named.put(file.toString(), file));
    return new Folder(Path.of(""), named);
  }

  /**
   * The files in a zip.
   *
   * @param zip the zip file; kept open until this object is garbage collected
   * @return its files
   * @throws IOException if it cannot be read or is not a zip file; the message names it
   */
  public static FileCollection zip(Path zip) throws IOException {
    return ZipFiles.open(zip);
  }

  static boolean isHidden(String name) {
    return name.startsWith(".") || name.contains("/.") || name.startsWith("__MACOSX");
  }

  /**
   * Names of all files, sorted.
   *
   * @return the names
   */
  public final List<String> names() {
    return names;
  }

  /**
   * The location of the files.
   *
   * @return the folder or the zip
   */
  public final Path root() {
    return root;
  }

  /**
   * Reads a complete file.
   *
   * @param name one of {@link #names()}
   * @param limit the maximum size in bytes
   * @return its bytes
   * @throws IOException if it cannot be read, is longer, or no longer exists; the message names it
   */
  public abstract byte[] read(String name, long limit) throws IOException;

  /**
   * A fingerprint that shows whether a file has changed, without reading it: its length, and its
   * modification time or checksum.
   *
   * @param name one of {@link #names()}
   * @return a short text
   * @throws IOException if it no longer exists; the message names it
   */
  public abstract String fingerprint(String name) throws IOException;

  /**
   * The name of a file for messages.
   *
   * @param name one of {@link #names()}
   * @return its location
   */
  public abstract String describe(String name);

  @Override
  public final String toString() {
    return root + " (" + names.size() + " files)";
  }

  /** Files below a folder. */
  static final class Folder extends FileCollection {

    private final Map<String, Path> files;

    Folder(Path root, Map<String, Path> files) {
      super(root, files.keySet().stream().sorted().toList());
      this.files = files;
    }

    private Path file(String name) {
      Path file = files.get(name);
      if (file == null) {
        throw new IllegalArgumentException("there is no file '" + name + "' in " + root());
      }
      return file;
    }

    @Override
    public byte[] read(String name, long limit) throws IOException {
      Path file = file(name);
      if (!Files.isRegularFile(file)) {
        throw new NoSuchFileException(file.toString(), null, "the file is gone");
      }
      long size = Files.size(file);
      if (size > limit) {
        throw new IOException(file + " has " + size + " bytes, expected at most " + limit);
      }
      return Files.readAllBytes(file);
    }

    @Override
    public String fingerprint(String name) throws IOException {
      Path file = file(name);
      return Files.size(file) + " " + Files.getLastModifiedTime(file).toMillis();
    }

    @Override
    public String describe(String name) {
      return file(name).toString();
    }
  }
}
