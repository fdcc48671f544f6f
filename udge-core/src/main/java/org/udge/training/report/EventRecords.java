package org.udge.training.report;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** TFRecords: the length, its checksum, the data, their checksum. */
final class EventRecords {

  /** The part of file names by which TensorBoard recognizes event files. */
  static final String NAME = "events.out.tfevents";

  private static final int CHECKSUM_MASK = 0xa282ead8;

  /** Images are the largest records, at a few megabytes. */
  private static final long MAX_RECORD_BYTES = 256L << 20;

  private EventRecords() {}

  /** Receives the data of one record. */
  interface Reader {
    void read(byte[] data) throws IOException;
  }

  static byte[] record(byte[] data) {
    byte[] length = littleEndian(Long.BYTES).putLong(data.length).array();
    return littleEndian(length.length + data.length + 2 * Integer.BYTES)
        .put(length)
        .putInt(maskedChecksum(length))
        .put(data)
        .putInt(maskedChecksum(data))
        .array();
  }

  /**
   * Returns a checksum in the masked form of TFRecords, which keeps a checksum of checksums useful.
   */
  static int maskedChecksum(byte[] data) {
    CRC32C checksum = new CRC32C();
    checksum.update(data);
    return Integer.rotateRight((int) checksum.getValue(), 15) + CHECKSUM_MASK;
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns the event files of a folder in order of creation; none if it is not a folder. */
  static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().contains(NAME)).sorted().toList();
    }
  }

  /** Reads records up to the first incomplete one, such as the last record of a killed process. */
  static void read(Path file, Reader reader) throws IOException {
    try (InputStream stream = new BufferedInputStream(Files.newInputStream(file));
        DataInputStream in = new DataInputStream(stream)) {
      byte[] length = new byte[Long.BYTES];
      while (in.readNBytes(length, 0, length.length) == length.length) {
        long size = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
        boolean whole = maskedChecksum(length) == Integer.reverseBytes(in.readInt());
        if (!whole || size < 0 || size > MAX_RECORD_BYTES) {
          return;
        }
        byte[] data = in.readNBytes((int) size);
        if (data.length < size || maskedChecksum(data) != Integer.reverseBytes(in.readInt())) {
          return;
        }
        reader.read(data);
      }
    } catch (EOFException e) {
      return; // Within a checksum of the last record.
    }
  }
}
