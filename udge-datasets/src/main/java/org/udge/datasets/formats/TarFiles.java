package org.udge.datasets.formats;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Files in a tar archive, compressed by gzip or not, read without unpacking it. */
public final class TarFiles {

  private TarFiles() {}

  /** Receives the entries of an archive in order. */
  @FunctionalInterface
  public interface Visitor {

    /**
     * Receives an entry.
     *
     * @param entry the entry: a file, a folder, a link, ...
     * @param content the bytes of a file; may be left unread
     * @throws IOException to stop
     */
    void visit(TarEntry entry, InputStream content) throws IOException;
  }

  /**
   * An archive's description of an entry.
   *
   * @param name its name, with {@code /} between the parts
   * @param size bytes
   * @param file whether it is an ordinary file
   * @param folder whether it is a folder
   */
  public record TarEntry(String name, long size, boolean file, boolean folder) {}

  /**
   * Visits all entries of an archive.
   *
   * @param archive the archive
   * @param visitor receives each entry
   * @throws IOException if the archive cannot be read or is damaged, with a message that names it;
   *     or if the visitor throws it
   */
  public static void forEach(Path archive, Visitor visitor) throws IOException {
    try (InputStream in = new BufferedInputStream(GzipFiles.open(archive));
        TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
      TarArchiveEntry entry = next(archive, tar);
      while (entry != null) {
        boolean special =
            entry.isLink()
                || entry.isSymbolicLink()
                || entry.isFIFO()
                || entry.isCharacterDevice()
                || entry.isBlockDevice();
        boolean file = entry.isFile() && !special;
        visit(
            archive,
            new TarEntry(entry.getName(), entry.getSize(), file, entry.isDirectory()),
            tar,
            visitor);
        entry = next(archive, tar);
      }
    }
  }

  /** Records errors while an entry is read or written, to tell the two apart. */
  private static void visit(Path archive, TarEntry entry, InputStream content, Visitor visitor)
      throws IOException {
    try {
      visitor.visit(entry, content);
    } catch (IOException | RuntimeException e) {
      String message = e.getMessage() == null ? "" : e.getMessage();
      if (e instanceof IOException named && message.contains(archive.toString())) {
        throw named;
      }
      throw new IOException(
          archive + ", entry " + shortened(entry.name()) + ": " + ImageDecoder.messageOf(e), e);
    }
  }

  private static String shortened(String name) {
    return name.length() > 100 ? name.substring(0, 100) + "..." : name;
  }

  private static TarArchiveEntry next(Path archive, TarArchiveInputStream tar) throws IOException {
    try {
      return tar.getNextTarEntry();
    } catch (IOException | RuntimeException e) {
      throw new IOException(
          archive
              + " is no tar archive, or damaged at byte "
              + tar.getBytesRead()
              + ": "
              + ImageDecoder.messageOf(e),
          e);
    }
  }

  /**
   * Reads selected files of an archive completely.
   *
   * @param archive the archive
   * @param wanted selects files by name
   * @param limit the maximum size of each in bytes
   * @return their bytes by name, in the archive's order
   * @throws IOException if the archive cannot be read or is damaged, or a wanted file is too long
   */
  public static Map<String, byte[]> read(Path archive, Predicate<String> wanted, long limit)
      throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    forEach(
        archive,
        (entry, content) -> {
          if (!entry.file() || !wanted.test(entry.name())) {
            return;
          }
          if (entry.size() > limit) {
            throw new IOException(
                String.format(
                    Locale.ROOT,
                    "%s!/%s has %d bytes, expected at most %d",
                    archive,
                    entry.name(),
                    entry.size(),
                    limit));
          }
          byte[] bytes = content.readNBytes((int) entry.size());
          if (bytes.length < entry.size()) {
            throw new IOException(
                String.format(
                    Locale.ROOT,
                    "%s is cut short: %s has %d of %d bytes",
                    archive,
                    entry.name(),
                    bytes.length,
                    entry.size()));
          }
          files.put(entry.name(), bytes);
        });
    return files;
  }
}
