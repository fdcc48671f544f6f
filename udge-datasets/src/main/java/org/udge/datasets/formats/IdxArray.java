package org.udge.datasets.formats;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * An array of bytes in the idx format of MNIST: two zero bytes, the type (8: unsigned bytes, the
 * only supported type), the number of dimensions, each dimension as a big-endian 32-bit number,
 * then the elements in row-major order. The file may be compressed by gzip.
 *
 * <p>Source: <a href="http://yann.lecun.com/exdb/mnist/">LeCun, Cortes and Burges, the MNIST
 * database</a>, "file formats".
 *
 * @param sizes the dimensions
 * @param values the elements
 */
public record IdxArray(int[] sizes, byte[] values) {

  private static final int UNSIGNED_BYTES = 8;
  private static final int MAX_DIMENSIONS = 4;

  /**
   * Reads a file.
   *
   * @param file an idx file of unsigned bytes, compressed or not
   * @param dimensions the required number of dimensions
   * @return the array
   * @throws IOException if the file cannot be read, has another format, type or number of
   *     dimensions, or has fewer or more elements than it declares; the message names it
   */
  public static IdxArray read(Path file, int dimensions) throws IOException {
    try (InputStream in = GzipFiles.open(file)) {
      return read(in, dimensions);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(
          "cannot read the idx file " + file + ": " + ImageDecoder.messageOf(e), e);
    }
  }

  private static IdxArray read(InputStream in, int dimensions) throws IOException {
    byte[] magic = header(in, 0, 4);
    if (magic[0] != 0 || magic[1] != 0) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "its first bytes are %02x %02x, expected two zeros as in every idx file",
              magic[0],
              magic[1]));
    }
    if (magic[2] != UNSIGNED_BYTES) {
      throw new IOException(
          "its byte 2 says elements of type " + (magic[2] & 0xff) + ", expected 8: unsigned bytes");
    }
    if (magic[3] != dimensions || dimensions > MAX_DIMENSIONS) {
      throw new IOException(
          "its byte 3 says " + (magic[3] & 0xff) + " dimensions, expected " + dimensions);
    }
    int[] sizes = new int[dimensions];
    long elements = 1;
    for (int d = 0; d < dimensions; d++) {
      byte[] size = header(in, 4 + 4 * d, 4);
      sizes[d] =
          (size[0] & 0xff) << 24
              | (size[1] & 0xff) << 16
              | (size[2] & 0xff) << 8
              | (size[3] & 0xff);
      if (sizes[d] < 0) {
        throw new IOException("its dimension " + d + " is " + Integer.toUnsignedString(sizes[d]));
      }
      elements = Math.min(Long.MAX_VALUE >> 32, elements) * sizes[d];
    }
    if (elements > Integer.MAX_VALUE - 8) {
      throw new IOException(
          "its dimensions " + Arrays.toString(sizes) + " are more than 2^31 elements");
    }
    return new IdxArray(sizes, elements(in, sizes, (int) elements));
  }

  private static byte[] header(InputStream in, int position, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new IOException("it ends at byte " + (position + bytes.length) + ", in its header");
    }
    return bytes;
  }

  /** Allocates while reading, so that a short file cannot request much memory. */
  private static byte[] elements(InputStream in, int[] sizes, int count) throws IOException {
    byte[] values = in.readNBytes(count);
    if (values.length < count) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "its dimensions %s need %,d elements, it holds %,d: it is cut short",
              Arrays.toString(sizes),
              count,
              values.length));
    }
    if (in.read() >= 0) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "it goes on after the %,d elements of its dimensions %s",
              count,
              Arrays.toString(sizes)));
    }
    return values;
  }
}
