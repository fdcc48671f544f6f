package org.udge.datasets.formats;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Files in a tar archive, compressed by gzip or not, read without unpacking it. */
public final class TarFiles {

  private TarFiles() {}

  /** Takes the files of an archive in their order. */
  @FunctionalInterface
  public interface Visitor {

    /**
     * Takes an entry.
     *
     * @param entry the entry: a file, a folder, a link, ...
     * @param content the bytes of a file; read it or leave it
     * @throws IOException to stop
     */
    void visit(TarEntry entry, InputStream content) throws IOException;
  }

  /**
   * What an archive says about an entry.
   *
   * @param name its name, with {@code /} between the parts
   * @param size bytes
   * @param file whether it is an ordinary file
   * @param folder whether it is a folder
   */
  public record TarEntry(String name, long size, boolean file, boolean folder) {}

  /**
   * Goes through an archive.
   *
   * @param archive the archive
   * @param visitor takes each entry
   * @throws IOException if the archive cannot be read or is damaged, with a message that names it;
   *     or what the visitor throws
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
        visitor.visit(
            new TarEntry(entry.getName(), entry.getSize(), file, entry.isDirectory()), tar);
        entry = next(archive, tar);
      }
    }
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
   * Reads some files of an archive whole.
   *
   * @param archive the archive
   * @param wanted says which, by name
   * @param limit bytes each may have at most
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
                    "%s!/%s has %d bytes, expected at most %d",
                    archive, entry.name(), entry.size(), limit));
          }
          byte[] bytes = content.readNBytes((int) entry.size());
          if (bytes.length < entry.size()) {
            throw new IOException(
                String.format(
                    "%s is cut short: %s has %d of %d bytes",
                    archive, entry.name(), bytes.length, entry.size()));
          }
          files.put(entry.name(), bytes);
        });
    return files;
  }
}
