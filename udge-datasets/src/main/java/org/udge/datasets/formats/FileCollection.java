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
 * Files with names, below a folder or in a zip, of which any can be read at any time.
 *
 * <p>Names are relative, their parts separated by {@code /}. What hides (a part begins with a dot,
 * or is {@code __MACOSX}) is left out. Implementations are immutable and thread-safe.
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
   * @param depth how deep to look: 1 finds the files in the folder itself
   * @return its files, listed now
   * @throws IOException if the folder, or one in it, cannot be listed, or links lead in a circle;
   *     the message names it
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
   * Some files.
   *
   * @param files any files; each is named by its path
   * @return them
   */
  public static FileCollection of(List<Path> files) {
    Map<String, Path> named = new HashMap<>();
    files.forEach(file -> named.put(file.toString(), file));
    return new Folder(Path.of(""), named);
  }

  /**
   * The files in a zip.
   *
   * @param zip the zip file; kept open until this is garbage
   * @return its files
   * @throws IOException if it cannot be read or is no zip file; the message names it
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
   * Where the files are.
   *
   * @return the folder or the zip
   */
  public final Path root() {
    return root;
  }

  /**
   * Reads a file whole.
   *
   * @param name one of {@link #names()}
   * @param limit bytes it may have at most
   * @return its bytes
   * @throws IOException if it cannot be read, is longer, or is gone; the message names it
   */
  public abstract byte[] read(String name, long limit) throws IOException;

  /**
   * What tells whether a file has changed, without reading it: its length and when it was changed
   * or its checksum.
   *
   * @param name one of {@link #names()}
   * @return a short text
   * @throws IOException if it is gone; the message names it
   */
  public abstract String fingerprint(String name) throws IOException;

  /**
   * What to call a file in messages.
   *
   * @param name one of {@link #names()}
   * @return where it is
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
