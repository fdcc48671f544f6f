package org.udge.datasets.download;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.udge.datasets.formats.TarFiles;

/**
 * Unpacks tar archives and zips into a temporary folder, and moves the files into place once all
 * are complete.
 */
final class Unpacker {

  /** The maximum ratio of an archive's content to its size. */
  static final int LARGEST_RATIO = 16;

  private static final int MOST_FILES = 1 << 20;
  private static final int BUFFER = 1 << 16;

  private final Path archive;
  private final Path folder;
  private final long limit;
  private long written;
  private int files;

  private Unpacker(Path archive, Path folder) throws IOException {
    this.archive = archive;
    this.folder = folder;
    this.limit = Files.size(archive) * LARGEST_RATIO + BUFFER;
  }

  /** Unpacks an archive, replacing existing files of the same names. */
  static void unpack(Path archive, Path folder, String name) throws IOException {
    Path temporary = folder.resolve(prefix(name) + UUID.randomUUID());
    Files.createDirectory(temporary);
    try {
      Unpacker unpacker = new Unpacker(archive, temporary);
      if (archive.getFileName().toString().endsWith(".zip")) {
        unpacker.zip();
      } else {
        TarFiles.forEach(
            archive,
            (entry, content) ->
                unpacker.entry(entry.name(), entry.file(), entry.folder(), content));
      }
      for (Path file : filesIn(temporary)) {
        Path target = folder.resolve(temporary.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.move(file, target, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      remove(temporary);
    }
  }

  /** Removes the remains of a killed process. */
  static void removeLeftovers(Path folder, String name) throws IOException {
    List<Path> leftovers = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, prefix(name) + "*")) {
      entries.forEach(leftovers::add);
    }
    for (Path leftover : leftovers) {
      remove(leftover);
    }
  }

  private static String prefix(String name) {
    return "." + name + ".unpacking-";
  }

  private void zip() throws IOException {
    try (ZipInputStream zip =
        new ZipInputStream(new BufferedInputStream(Files.newInputStream(archive), BUFFER))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        entry(entry.getName(), !entry.isDirectory(), entry.isDirectory(), zip);
      }
    } catch (IllegalArgumentException e) {
      throw refused("it is damaged (" + e.getMessage() + ")");
    }
    if (files == 0) {
      throw refused("it is not a zip, or empty");
    }
  }

  private void entry(String name, boolean file, boolean isFolder, InputStream content)
      throws IOException {
    Path target = place(name);
    if (isFolder) {
      Files.createDirectories(target);
      return;
    }
    if (!file) {
      throw refused(
          String.format(Locale.ROOT, "its entry '%s' is a link or a device", shortened(name)));
    }
    if (++files > MOST_FILES) {
      throw refused("it has more than " + MOST_FILES + " files");
    }
    Files.createDirectories(target.getParent());
    try (OutputStream out = Files.newOutputStream(target)) {
      byte[] buffer = new byte[BUFFER];
      for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
        written += read;
        if (written > limit) {
          throw refused(
              String.format(
                  Locale.ROOT,
                  "its content is more than %d times its size: a decompression bomb?",
                  LARGEST_RATIO));
        }
        out.write(buffer, 0, read);
      }
    }
  }

  /** The destination of an entry, strictly below the folder. */
  private Path place(String name) throws IOException {
    boolean strange =
        name.isEmpty()
            || name.startsWith("/")
            || name.indexOf('\\') >= 0
            || name.indexOf(':') >= 0
            || name.indexOf('\0') >= 0;
    if (!strange) {
      Path target = folder.resolve(name).normalize();
      boolean climbs = List.of(name.split("/", -1)).contains("..");
      if (!climbs && target.startsWith(folder) && !target.equals(folder)) {
        return target;
      }
    }
    throw refused(
        String.format(Locale.ROOT, "its entry '%s' leads out of the folder", shortened(name)));
  }

  private IOException refused(String why) {
    return new IOException("cannot unpack " + archive + ": " + why + ". Nothing is unpacked");
  }

  private static String shortened(String name) {
    return name.length() > 100 ? name.substring(0, 100) + "..." : name;
  }

  private static List<Path> filesIn(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            files.add(file);
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }

  private static void remove(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
