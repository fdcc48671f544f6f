package org.udge.examples.train;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Scalars for TensorBoard: a file of TFRecords, each a length, its checksum, an {@code Event}
 * protocol buffer, its checksum. The messages are so few that they are encoded by hand. Not
 * thread-safe.
 */
final class EventFile {

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
  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SIMPLE = 2;

  private final Path file;

  private EventFile(Path file) {
    this.file = file;
  }

  /** Starts a file of a name that TensorBoard looks for. */
  static EventFile create(Path folder) throws IOException {
    Instant now = Instant.now();
    Path file = folder.resolve("events.out.tfevents." + now.getEpochSecond() + ".udge");
    EventFile events = new EventFile(file);
    Message version = new Message().bytes(EVENT_FILE_VERSION, utf8("brain.Event:2"));
    Files.write(file, record(event(now, 0, version)), StandardOpenOption.CREATE_NEW);
    return events;
  }

  /** Appends a value for each name at a step. */
  void add(long step, Map<String, Double> values) throws IOException {
    Message summary = new Message();
    values.forEach(
        (name, value) ->
            summary.bytes(
                SUMMARY_VALUE,
                new Message()
                    .bytes(VALUE_TAG, utf8(name))
                    .fixed32(VALUE_SIMPLE, value.floatValue())
                    .toBytes()));
    Message content = new Message().bytes(EVENT_SUMMARY, summary.toBytes());
    Files.write(file, record(event(Instant.now(), step, content)), StandardOpenOption.APPEND);
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
