package org.udge.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateTest {

  @TempDir private Path folder;

  private static State example() {
    float[] many = new float[20_000];
    for (int i = 0; i < many.length; i++) {
      many[i] = i / 7f;
    }
    return State.builder()
        .put("whole", 1L << 40)
        .put("real", Math.PI)
        .put("text", "grüße, a/b.c")
        .put("floats", many)
        .put("none", new float[0])
        .put("doubles", new double[] {Double.NaN, -0.0, 1e300})
        .put("longs", new long[] {-1, 5})
        .put("bytes", new byte[] {1, 2, 3})
        .put("layer1.0.conv1", State.builder().put("deep", State.empty()).put("x", 3).build())
        .build();
  }

  @Test
  void survives_a_file() throws IOException {
    Path file = folder.resolve("deep/er/run.state");
    StateFiles.write(example(), file);
    State read = StateFiles.read(file);
    assertThat(read).isEqualTo(example()).hasSameHashCodeAs(example());
    assertThat(read.getString("text")).isEqualTo("grüße, a/b.c");
    assertThat(read.getState("layer1.0.conv1").getLong("x")).isEqualTo(3);
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void shares_no_memory_with_its_makers_and_readers() {
    float[] values = {1, 2};
    State state = State.builder().put("v", values).build();
    values[0] = 9;
    state.getFloats("v")[1] = 9;
    assertThat(state.getFloats("v")).containsExactly(1, 2);
  }

  @Test
  void names_absent_entries_and_wrong_types() {
    assertThatThrownBy(() -> example().getLong("missing"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'missing'");
    assertThatThrownBy(() -> example().getLong("text"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'text' is a String, expected a Long");
  }

  @Test
  void refuses_an_entry_twice() {
    assertThatThrownBy(() -> State.builder().put("a", 1).put("a", 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'a' was put twice");
  }

  @Test
  void refuses_files_cut_short_at_any_length() throws IOException {
    Path file = folder.resolve("run.state");
    StateFiles.write(example(), file);
    byte[] all = Files.readAllBytes(file);
    // The last bytes are the zip's own directory, which a sequential reader does not need.
    int meaningful = indexOfCentralDirectory(all);
    for (int length = 0; length < meaningful - 20; length += 97) {
      Files.write(file, Arrays.copyOf(all, length));
      assertThatThrownBy(() -> StateFiles.read(file))
          .as("length %s", length)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("run.state");
    }
  }

  @Test
  void a_flipped_bit_anywhere_is_refused_or_does_no_harm() throws IOException {
    State small =
        State.builder()
            .put("floats", new float[] {1, 2, 3})
            .put("longs", new long[] {4, 5})
            .put("inner", State.builder().put("real", 0.5).put("text", "some text").build())
            .build();
    Path file = folder.resolve("run.state");
    StateFiles.write(small, file);
    byte[] intact = Files.readAllBytes(file);
    int refused = 0;
    for (int at = 0; at < indexOfCentralDirectory(intact); at++) {
      byte[] damaged = intact.clone();
      damaged[at] ^= (byte) (1 << at % 8);
      Files.write(file, damaged);
      try {
        State read = StateFiles.read(file);
        // Names have no checksum: whoever asks for one that is not there is told so.
        assertThat(read.equals(small) || !hasAllNames(read)).as("byte %s", at).isTrue();
      } catch (IOException e) {
        assertThat(e).as("byte %s", at).hasMessageContaining("run.state");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(200);
  }

  private static boolean hasAllNames(State read) {
    return read.has("floats")
        && read.has("longs")
        && read.has("inner")
        && read.getState("inner").has("real")
        && read.getState("inner").has("text");
  }

  @Test
  void refuses_newer_formats() throws IOException {
    Path file = folder.resolve("run.state");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("udge-state"));
      new DataOutputStream(zip).writeInt(99);
    }
    assertThatThrownBy(() -> StateFiles.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("run.state has format 99")
        .hasMessageContaining("newer version");
  }

  private static int indexOfCentralDirectory(byte[] zip) {
    for (int i = 0; i < zip.length - 3; i++) {
      if (zip[i] == 'P' && zip[i + 1] == 'K' && zip[i + 2] == 1 && zip[i + 3] == 2) {
        return i;
      }
    }
    throw new AssertionError("no central directory");
  }

  @Test
  void refuses_foreign_and_absent_files() throws IOException {
    Path file = folder.resolve("other");
    assertThatThrownBy(() -> StateFiles.read(file)).hasMessageContaining("no such state file");
    Files.writeString(file, "hello");
    assertThatThrownBy(() -> StateFiles.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a state");
  }

  private void assertRefused(String reason, ZipWriter writer) throws IOException {
    Path file = folder.resolve("run.state");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      DataOutputStream out = new DataOutputStream(zip);
      zip.putNextEntry(new ZipEntry("udge-state"));
      out.writeInt(1);
      writer.write(zip, out);
      zip.putNextEntry(new ZipEntry("udge-state-end"));
    }
    assertThatThrownBy(() -> StateFiles.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("run.state")
        .hasMessageContaining(reason);
  }

  private interface ZipWriter {
    void write(ZipOutputStream zip, DataOutputStream out) throws IOException;
  }

  @Test
  void refuses_lengths_beyond_what_is_left() throws IOException {
    for (String type : new String[] {"floats", "doubles", "longs", "rows"}) {
      for (int length : new int[] {-1, 3, 1_000_000, Integer.MAX_VALUE}) {
        assertRefused(
            "run.state",
            (zip, out) -> {
              zip.putNextEntry(new ZipEntry("a." + type));
              out.writeInt(length);
              out.writeLong(7);
            });
      }
    }
    assertRefused(
        "8 bytes left for 1000000 values",
        (zip, out) -> {
          zip.putNextEntry(new ZipEntry("a.floats"));
          out.writeInt(1_000_000);
          out.writeLong(7);
        });
  }

  @Test
  void refuses_values_of_other_lengths_than_their_entries() throws IOException {
    assertRefused(
        "has 4 bytes too many",
        (zip, out) -> {
          zip.putNextEntry(new ZipEntry("a.long"));
          out.writeLong(1);
          out.writeInt(1);
        });
  }

  @Test
  void refuses_zip_bombs() throws IOException {
    assertRefused(
        "when unpacked",
        (zip, out) -> {
          zip.putNextEntry(new ZipEntry("a.bytes"));
          for (int i = 0; i < 1 << 10; i++) {
            out.write(new byte[1 << 18]);
          }
        });
  }

  @Test
  void refuses_states_in_states_without_end() throws IOException {
    assertRefused(
        "too deep",
        (zip, out) -> {
          for (int depth = 1; depth < 100; depth++) {
            zip.putNextEntry(new ZipEntry("a" + "/a".repeat(depth - 1) + ".state"));
          }
        });
  }

  @Test
  void states_of_nothing_but_zeros_are_no_bombs() throws IOException {
    Path file = folder.resolve("run.state");
    State zeros = State.builder().put("moments", new double[3_000_000]).build();
    StateFiles.write(zeros, file);
    assertThat(StateFiles.read(file)).isEqualTo(zeros);
  }

  @Test
  void refuses_to_write_what_could_not_be_read() {
    State nested = State.empty();
    for (int i = 0; i < 40; i++) {
      nested = State.builder().put("a", nested).build();
    }
    State deep = nested;
    assertThatThrownBy(() -> StateFiles.write(deep, folder.resolve("run.state")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nested at most 32 deep");
  }
}
