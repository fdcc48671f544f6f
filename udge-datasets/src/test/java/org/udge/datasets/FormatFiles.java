package org.udge.datasets;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Small files in the true formats: made by other programs (resources), or written byte by byte. */
public final class FormatFiles {

  private FormatFiles() {}

  /** A file of the folder {@code formats} of the test resources. */
  public static byte[] resource(String name) {
    try (InputStream in = FormatFiles.class.getResourceAsStream("/formats/" + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Path copy(String resource, Path target) throws IOException {
    Files.createDirectories(target.getParent());
    return Files.write(target, resource(resource));
  }

  /** Pixel k of image i of the resources. */
  public static int pixel(int image, int k) {
    return (37 * image + 13 * k) % 256;
  }

  /** An idx file of unsigned bytes. */
  public static byte[] idx(byte[] values, int... sizes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(0x800 + sizes.length);
    for (int size : sizes) {
      out.writeInt(size);
    }
    out.write(values);
    return bytes.toByteArray();
  }

  public static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  public static Path zip(Path file, Map<String, byte[]> entries) throws IOException {
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        out.putNextEntry(new ZipEntry(entry.getKey()));
        out.write(entry.getValue());
        out.closeEntry();
      }
    }
    return file;
  }

  public static Path tarGz(Path file, Map<String, byte[]> entries) throws IOException {
    try (TarArchiveOutputStream out =
        new TarArchiveOutputStream(new GZIPOutputStream(Files.newOutputStream(file)))) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        TarArchiveEntry header = new TarArchiveEntry(entry.getKey(), true);
        header.setSize(entry.getValue().length);
        out.putArchiveEntry(header);
        out.write(entry.getValue());
        out.closeArchiveEntry();
      }
    }
    return file;
  }

  /**
   * A batch as Python 2's cPickle wrote it (protocol 2, byte strings), with the array's class and
   * the type as given.
   */
  public static byte[] python2Pickle(
      String labelKey, byte[] pixels, String reconstruct, int... labels) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.write(new byte[] {(byte) 0x80, 2, '}', 'q', 1, '('});
    shortString(out, "batch_label");
    shortString(out, "training batch 1 of 5");
    shortString(out, labelKey);
    out.write(new byte[] {']', 'q', 2, '('});
    for (int label : labels) {
      out.write(new byte[] {'K', (byte) label});
    }
    out.write('e');
    shortString(out, "data");
    out.write(("c" + reconstruct + "\n").getBytes(StandardCharsets.US_ASCII));
    out.write("cnumpy\nndarray\nK\0\u0085".getBytes(StandardCharsets.ISO_8859_1));
    shortString(out, "b");
    out.write(new byte[] {(byte) 0x87, 'R', '(', 'K', 1});
    out.write(new byte[] {'K', (byte) labels.length, 'M', 0, 12, (byte) 0x86});
    out.write("cnumpy\ndtype\n".getBytes(StandardCharsets.US_ASCII));
    shortString(out, "u1");
    out.write(new byte[] {'K', 0, 'K', 1, (byte) 0x87, 'R', '(', 'K', 3});
    shortString(out, "|");
    out.write("NNNJ\377\377\377\377J\377\377\377\377K\0tb".getBytes(StandardCharsets.ISO_8859_1));
    out.write((byte) 0x89);
    out.write('T');
    out.writeInt(Integer.reverseBytes(pixels.length));
    out.write(pixels);
    out.write("tbu.".getBytes(StandardCharsets.US_ASCII));
    return bytes.toByteArray();
  }

  private static void shortString(DataOutputStream out, String text) throws IOException {
    out.write('U');
    out.write(text.length());
    out.write(text.getBytes(StandardCharsets.US_ASCII));
  }
}
