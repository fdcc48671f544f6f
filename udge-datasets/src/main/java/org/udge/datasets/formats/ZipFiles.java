package org.udge.datasets.formats;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Files in a zip. The zip is closed when this object is garbage collected. */
final class ZipFiles extends FileCollection {

  /** The maximum expansion of a byte by Deflate. */
  private static final long LARGEST_RATIO = 1032;

  private final ZipFile zip;

  private ZipFiles(Path file, ZipFile zip, List<String> names) {
    super(file, names);
    this.zip = zip;
  }

  static ZipFiles open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString(), null, "expected a zip file");
    }
    try {
      ZipFile zip = new ZipFile(file.toFile());
      List<String> names =
          zip.stream()
              .filter(entry -> !entry.isDirectory())
              .map(ZipEntry::getName)
              .filter(name -> !isHidden(name))
              .distinct()
              .sorted()
              .toList();
      return new ZipFiles(file, zip, names);
    } catch (IOException | RuntimeException e) {
      throw new IOException(
          "cannot read the zip file " + file + ": " + ImageDecoder.messageOf(e), e);
    }
  }

  private ZipEntry entry(String name) {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new IllegalArgumentException("there is no file '" + name + "' in " + root());
    }
    return entry;
  }

  @Override
  public byte[] read(String name, long limit) throws IOException {
    ZipEntry entry = entry(name);
    long size = entry.getSize();
    long possible = Math.max(64, entry.getCompressedSize()) * LARGEST_RATIO;
    if (size < 0 || size > limit || size > possible) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s claims %d bytes, of which %d are stored: expected at most %d",
              describe(name),
              size,
              entry.getCompressedSize(),
              Math.min(limit, possible)));
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = in.readNBytes((int) size + 1);
      if (bytes.length != size) {
        throw new IOException("it has not the " + size + " bytes that the zip says");
      }
      return bytes;
    } catch (IOException | RuntimeException e) {
      throw new IOException("cannot read " + describe(name) + ": " + ImageDecoder.messageOf(e), e);
    }
  }

  @Override
  public String fingerprint(String name) {
    ZipEntry entry = entry(name);
    return entry.getSize() + " " + entry.getCrc();
  }

  @Override
  public String describe(String name) {
    return root() + "!/" + name;
  }
}
