package org.udge.training.report;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.udge.state.AtomicFiles;

/**
 * Writes events for TensorBoard: a file of TFRecords, each a length, its checksum, an {@code Event}
 * protocol buffer, its checksum. The messages are so few that they are encoded by hand.
 *
 * <p>Each call appends to the file, which TensorBoard may read meanwhile; there is nothing to
 * close. Not thread-safe.
 *
 * @see <a
 *     href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/event.proto">
 *     event.proto</a>
 */
public final class TensorBoardWriter {

  private static final int CHECKSUM_MASK = 0xa282ead8;

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  // Field numbers of tensorflow/core/util/event.proto and framework/summary.proto.
  private static final int EVENT_WALL_TIME = 1;
  private static final int EVENT_STEP = 2;
  private static final int EVENT_FILE_VERSION = 3;
  private static final int EVENT_SUMMARY = 5;
  private static final int EVENT_SESSION_LOG = 7;
  private static final int SESSION_STATUS = 1;
  private static final int SESSION_START = 1;
  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SIMPLE = 2;

  /** So that two files of a second have different names. */
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Path file;

  private TensorBoardWriter(Path file) {
    this.file = file;
  }

  /**
   * Starts a file of a name that TensorBoard looks for.
   *
   * @param folder where to; made if it is missing
   * @return the writer
   * @throws IOException if the file cannot be written
   */
  public static TensorBoardWriter create(Path folder) throws IOException {
    Files.createDirectories(folder);
    Instant now = Instant.now();
    String name =
        String.format(
            Locale.ROOT,
            "events.out.tfevents.%d.%d.%d.udge",
            now.getEpochSecond(),
            ProcessHandle.current().pid(),
            COUNT.getAndIncrement());
    TensorBoardWriter events = new TensorBoardWriter(folder.resolve(name));
    Files.createFile(events.file);
    events.append(now, 0, new Message().bytes(EVENT_FILE_VERSION, utf8("brain.Event:2")));
    return events;
  }

  /**
   * The file.
   *
   * @return its name, which begins with {@code events.out.tfevents}
   */
  public Path file() {
    return file;
  }

  /**
   * Appends numbers.
   *
   * @param step where on the axis
   * @param values numbers by tag; a tag's part before the first slash is the group it is shown in
   * @throws IOException if the file cannot be written
   */
  public void scalars(long step, Map<String, Double> values) throws IOException {
    Message summary = new Message();
    values.forEach(
        (name, value) ->
            summary.bytes(
                SUMMARY_VALUE,
                new Message()
                    .bytes(VALUE_TAG, utf8(name))
                    .fixed32(VALUE_SIMPLE, value.floatValue())
                    .toBytes()));
    append(Instant.now(), step, new Message().bytes(EVENT_SUMMARY, summary.toBytes()));
  }

  /**
   * Takes back what was written of later steps: training was rolled back, and goes over them again.
   *
   * @param step the last that still counts
   * @throws IOException if the file cannot be written
   */
  public void rollBack(long step) throws IOException {
    // TensorBoard drops what has this event's step or a later one.
    Message start = new Message().varint(SESSION_STATUS, SESSION_START);
    append(Instant.now(), step + 1, new Message().bytes(EVENT_SESSION_LOG, start.toBytes()));
  }

  private void append(Instant time, long step, Message content) throws IOException {
    AtomicFiles.append(file, record(event(time, step, content)));
  }

  private static byte[] event(Instant time, long step, Message content) {
    return new Message()
        .fixed64(EVENT_WALL_TIME, time.toEpochMilli() / 1e3)
        .varint(EVENT_STEP, step)
        .append(content)
        .toBytes();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] record(byte[] data) {
    byte[] length = littleEndian(Long.BYTES).putLong(data.length).array();
    return littleEndian(length.length + data.length + 2 * Integer.BYTES)
        .put(length)
        .putInt(maskedChecksum(length))
        .put(data)
        .putInt(maskedChecksum(data))
        .array();
  }

  /** TFRecords rotate and shift checksums, so that a checksum of checksums stays useful. */
  static int maskedChecksum(byte[] data) {
    CRC32C checksum = new CRC32C();
    checksum.update(data);
    return Integer.rotateRight((int) checksum.getValue(), 15) + CHECKSUM_MASK;
  }

  private static ByteBuffer littleEndian(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** A protocol buffer in the making. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private Message key(int field, int wireType) {
      return rawVarint((long) field << 3 | wireType);
    }

    private Message rawVarint(long value) {
      long rest = value;
      while ((rest & ~0x7fL) != 0) {
        out.write((int) ((rest & 0x7f) | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
      return this;
    }

    private Message raw(byte[] data) {
      out.writeBytes(data);
      return this;
    }

    Message varint(int field, long value) {
      return key(field, VARINT).rawVarint(value);
    }

    Message fixed64(int field, double value) {
      return key(field, FIXED64).raw(littleEndian(Double.BYTES).putDouble(value).array());
    }

    Message fixed32(int field, float value) {
      return key(field, FIXED32).raw(littleEndian(Float.BYTES).putFloat(value).array());
    }

    Message bytes(int field, byte[] data) {
      return key(field, BYTES).rawVarint(data.length).raw(data);
    }

    Message append(Message other) {
      return raw(other.toBytes());
    }

    byte[] toBytes() {
      return out.toByteArray();
    }
  }
}
