package org.udge.datasets.formats;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.InflaterInputStream;

/**
 * Checks the declarations of variables in a MATLAB 5 file before a library reads them, because the
 * library would allocate any length that the file declares.
 */
final class MatHeaders {

  private static final int HEADER_BYTES = 128;
  private static final int TAG_BYTES = 8;
  private static final int MATRIX = 14;
  private static final int COMPRESSED = 15;
  private static final int OPAQUE = 17;
  private static final int MOST_NAME_BYTES = 64;
  private static final int MOST_DIMENSION_BYTES = 32;

  /** The maximum expansion of a byte by Deflate. */
  private static final long LARGEST_RATIO = 1032;

  private final ByteOrder order;

  private MatHeaders(ByteOrder order) {
    this.order = order;
  }

  /** An element of a variable: its type, its length, and its content if it is short. */
  private record Element(int type, long length, ByteBuffer content) {}

  /** Refuses files with inconsistent lengths. */
  static void check(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer header = read(channel, 0, HEADER_BYTES);
      int mark = header.getShort(HEADER_BYTES - 2);
      if (mark != 0x4d49 && mark != 0x494d) {
        throw new IOException(
            "its bytes 126 and 127 are not those of a MATLAB 5 file (7.3 files are not read)");
      }
      MatHeaders headers =
          new MatHeaders(mark == 0x4d49 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
      long position = HEADER_BYTES;
      while (position < channel.size()) {
        ByteBuffer tag = read(channel, position, TAG_BYTES).order(headers.order);
        int type = tag.getInt(0);
        long length = Integer.toUnsignedLong(tag.getInt(4));
        if ((type != MATRIX && type != COMPRESSED)
            || length > channel.size() - position - TAG_BYTES) {
          throw new IOException(
              String.format(
                  Locale.ROOT,
                  "at byte %,d it has a variable of type %d and %,d bytes, expected 14 or 15 and"
                      + " at most"
                      + " %,d",
                  position,
                  type,
                  length,
                  channel.size() - position - TAG_BYTES));
        }
        channel.position(position + (type == MATRIX ? 0 : TAG_BYTES));
        // Not closed, because that would close the channel.
        InputStream raw = Channels.newInputStream(channel);
        InputStream in = type == MATRIX ? raw : new InflaterInputStream(raw);
        headers.checkVariable(new DataInputStream(in), position, length * LARGEST_RATIO);
        position += TAG_BYTES + length;
      }
    }
  }

  private static ByteBuffer read(FileChannel channel, long position, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new IOException("it ends at byte " + channel.size() + ", within a header");
      }
    }
    return bytes;
  }

  private void checkVariable(DataInputStream in, long position, long possible) throws IOException {
    Element matrix =
        new Element(intOf(in), Integer.toUnsignedLong(intOf(in)), ByteBuffer.allocate(0));
    Element flags = element(in, position, 8);
    Element sizes = element(in, position, MOST_DIMENSION_BYTES);
    Element name = element(in, position, MOST_NAME_BYTES);
    int kind = flags.content.remaining() == 8 ? flags.content.getInt(0) & 0xff : OPAQUE;
    boolean fits =
        matrix.type == MATRIX
            && matrix.length <= Math.min(possible, Integer.MAX_VALUE)
            && kind >= 1
            && kind < OPAQUE
            && sizes.length % 4 == 0
            && sizes.length >= 8
            && name.type == 1;
    if (!fits) {
      throw new IOException("its variable at byte " + position + " is damaged");
    }
    int type = intOf(in);
    long length = type >>> 16 != 0 ? type >>> 16 : Integer.toUnsignedLong(intOf(in));
    if (length > matrix.length) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "its variable at byte %d claims %d bytes of content within %d",
              position,
              length,
              matrix.length));
    }
  }

  /** Reads an element whose content must be short. */
  private Element element(DataInputStream in, long position, int most) throws IOException {
    int type = intOf(in);
    boolean small = type >>> 16 != 0;
    long length = small ? type >>> 16 : Integer.toUnsignedLong(intOf(in));
    if (length > (small ? 4 : most)) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "its variable at byte %d has a header of %d bytes, expected at most %d",
              position,
              length,
              small ? 4 : most));
    }
    int padded = small ? 4 : (int) (length + 7) / 8 * 8;
    byte[] content = in.readNBytes(padded);
    if (content.length < padded) {
      throw new IOException("its variable at byte " + position + " is cut short");
    }
    return new Element(
        type & 0xffff, length, ByteBuffer.wrap(content, 0, (int) length).order(order));
  }

  private int intOf(DataInputStream in) throws IOException {
    int bigEndian = in.readInt();
    return order == ByteOrder.BIG_ENDIAN ? bigEndian : Integer.reverseBytes(bigEndian);
  }
}
