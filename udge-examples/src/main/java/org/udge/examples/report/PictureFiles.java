package org.udge.examples.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;

/** Image files for pages. */
final class PictureFiles {

  static final long MAX_BYTES = 16L << 20;

  private PictureFiles() {}

  /** The file as a data URI. */
  static String inAddress(Path file) throws IOException {
    return "data:" + mediaType(file) + ";base64," + Base64.getEncoder().encodeToString(read(file));
  }

  static String mediaType(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".png")
        ? "image/png"
        : "image/jpeg";
  }

  static byte[] read(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_BYTES) {
      throw new IOException(file + " has " + size + " bytes, more than " + MAX_BYTES);
    }
    return Files.readAllBytes(file);
  }
}
