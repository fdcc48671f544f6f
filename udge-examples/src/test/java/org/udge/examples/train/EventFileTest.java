package org.udge.examples.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {

  @TempDir private Path folder;

  @Test
  void parses_back() throws IOException {
    EventFile events = EventFile.create(folder);
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss", 1.5);
    values.put("validation/accuracy", 0.25);
    events.add(300, values);
    events.add(1L << 40, Map.of("loss", -2.0));

    List<Map<String, Object>> parsed = read();
    assertThat(parsed).hasSize(3);
    assertThat(parsed.get(0)).containsEntry("version", "brain.Event:2").containsEntry("step", 0L);
    assertThat(parsed.get(1))
        .containsEntry("step", 300L)
        .containsEntry("loss", 1.5f)
        .containsEntry("validation/accuracy", 0.25f);
    assertThat(parsed.get(2)).containsEntry("step", 1L << 40).containsEntry("loss", -2f);
    assertThat((double) parsed.get(1).get("time"))
        .isCloseTo(System.currentTimeMillis() / 1e3, within(3600.0));
  }

  @Test
  void masks_checksums_as_tfrecords_do() {
    // CRC-32C of "123456789" is e3069283.
    int expected = Integer.rotateRight(0xe3069283, 15) + 0xa282ead8;
    assertThat(EventFile.maskedChecksum("123456789".getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo(expected);
  }

  private List<Map<String, Object>> read() throws IOException {
    Path file;
    try (Stream<Path> files = Files.list(folder)) {
      file = files.findFirst().orElseThrow();
    }
    assertThat(file.getFileName().toString()).contains("tfevents");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Map<String, Object>> events = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] length = new byte[8];
      bytes.get(length);
      assertThat(bytes.getInt()).isEqualTo(EventFile.maskedChecksum(length));
      byte[] data = new byte[(int) wrap(length).getLong()];
      bytes.get(data);
      assertThat(bytes.getInt()).isEqualTo(EventFile.maskedChecksum(data));
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
      assertThat(varint(value)).isEqualTo(2 << 3 | 5);
      event.put(tag, value.getFloat());
    }
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
