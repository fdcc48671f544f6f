package org.udge.training.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads files for TensorBoard: each event's fields by name, its scalars by tag; no other values.
 */
final class Events {

  private Events() {}

  static List<Map<String, Object>> read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Map<String, Object>> events = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] length = new byte[8];
      bytes.get(length);
      assertThat(bytes.getInt()).isEqualTo(EventRecords.maskedChecksum(length));
      byte[] data = new byte[(int) wrap(length).getLong()];
      bytes.get(data);
      assertThat(bytes.getInt()).isEqualTo(EventRecords.maskedChecksum(data));
      Map<String, Object> event = new LinkedHashMap<>();
      parseEvent(wrap(data), event);
      events.add(event);
    }
    return events;
  }

  private static ByteBuffer wrap(byte... data) {
    return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void parseEvent(ByteBuffer in, Map<String, Object> event) {
    while (in.hasRemaining()) {
      int key = (int) varint(in);
      switch (key) {
        case 1 << 3 | 1 -> event.put("time", in.getDouble());
        case 2 << 3 -> event.put("step", varint(in));
        case 3 << 3 | 2 -> event.put("version", text(in));
        case 5 << 3 | 2 -> parseSummary(part(in), event);
        case 7 << 3 | 2 -> parseSessionLog(part(in), event);
        default -> throw new AssertionError("unexpected key " + key);
      }
    }
  }

  private static void parseSummary(ByteBuffer in, Map<String, Object> event) {
    while (in.hasRemaining()) {
      assertThat(varint(in)).isEqualTo(1 << 3 | 2);
      ByteBuffer value = part(in);
      assertThat(varint(value)).isEqualTo(1 << 3 | 2);
      String tag = text(value);
      if (varint(value) == (2 << 3 | 5)) {
        event.put(tag, value.getFloat());
      }
    }
  }

  private static void parseSessionLog(ByteBuffer in, Map<String, Object> event) {
    assertThat(varint(in)).isEqualTo(1 << 3);
    event.put("session_status", varint(in));
  }

  private static ByteBuffer part(ByteBuffer in) {
    byte[] data = new byte[(int) varint(in)];
    in.get(data);
    return wrap(data);
  }

  private static String text(ByteBuffer in) {
    return new String(part(in).array(), StandardCharsets.UTF_8);
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }
}
