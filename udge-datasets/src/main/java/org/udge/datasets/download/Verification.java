package org.udge.datasets.download;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Verifies size and checksum of files. */
final class Verification {

  private Verification() {}

  static boolean fits(Path file, RemoteFile expected) throws IOException {
    return Files.size(file) == expected.size() && sha256(file).equals(expected.sha256());
  }

  static void require(Path file, RemoteFile expected) throws IOException {
    long size = Files.size(file);
    if (size != expected.size()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has %,d bytes, expected %,d: it is not the published file, or incomplete",
              file,
              size,
              expected.size()));
    }
    String sha256 = sha256(file);
    if (!sha256.equals(expected.sha256())) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has the SHA-256 %s, expected %s: it is not the published file",
              file,
              sha256,
              expected.sha256()));
    }
  }

  private static String sha256(Path file) throws IOException {
    return com.google.common.io.Files.asByteSource(file.toFile()).hash(Hashing.sha256()).toString();
  }
}
