package org.udge.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZipArchiveTest {

  private static final byte[] LONG_TEXT =
      "0123456789".repeat(5000).getBytes(StandardCharsets.UTF_8);
  private static final byte[] SHORT_TEXT = "short".getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;
  private Path file;
  private byte[] bytes;

  /** Two compressed entries, whose sizes follow them, and a stored one in between. */
  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("a.zip");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("long"));
      zip.write(LONG_TEXT);
      ZipEntry stored = new ZipEntry("stored");
      stored.setMethod(ZipEntry.STORED);
      stored.setSize(SHORT_TEXT.length);
      CRC32 checksum = new CRC32();
      checksum.update(SHORT_TEXT);
      stored.setCrc(checksum.getValue());
      zip.putNextEntry(stored);
      zip.write(SHORT_TEXT);
      zip.putNextEntry(new ZipEntry("empty"));
    }
    bytes = out.toByteArray();
    Files.write(file, bytes);
  }

  private ByteBuffer buffer() {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private int directory() {
    return buffer().getInt(bytes.length - 22 + 16);
  }

  /** Where a local header or a directory's entry starts. */
  private int find(int from, int signature) {
    int at = from;
    while (buffer().getInt(at) != signature) {
      at++;
    }
    return at;
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused() throws IOException {
    Files.write(file, bytes);
    return assertThatThrownBy(
            () -> {
              try (ZipArchive zip = ZipArchive.open(file)) {
                for (ZipArchive.Entry entry : zip.entries()) {
                  zip.read(entry, 1 << 20);
                }
              }
            })
        .isInstanceOf(IOException.class);
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(Consumer<ByteBuffer> change)
      throws IOException {
    change.accept(buffer());
    return assertRefused();
  }

  private void insert(int at, byte[] more) {
    byte[] changed = new byte[bytes.length + more.length];
    System.arraycopy(bytes, 0, changed, 0, at);
    System.arraycopy(more, 0, changed, at, more.length);
    System.arraycopy(bytes, at, changed, at + more.length, bytes.length - at);
    bytes = changed;
  }

  @Test
  void reads_what_java_writes() throws IOException {
    try (ZipArchive zip = ZipArchive.open(file)) {
      assertThat(zip.entries())
          .extracting(ZipArchive.Entry::name)
          .containsExactly("long", "stored", "empty");
      assertThat(zip.read(zip.find("long").orElseThrow(), 50_000)).isEqualTo(LONG_TEXT);
      assertThat(zip.read(zip.find("stored").orElseThrow(), 5)).isEqualTo(SHORT_TEXT);
      assertThat(zip.find("stored").orElseThrow().isStored()).isTrue();
      assertThat(zip.read(zip.find("empty").orElseThrow(), 0)).isEmpty();
      assertThat(zip.find("other")).isEmpty();
    }
  }

  @Test
  void streams_give_single_bytes_and_pieces() throws IOException {
    try (ZipArchive zip = ZipArchive.open(file);
        InputStream in = zip.open(zip.find("long").orElseThrow())) {
      assertThat(in.available()).isEqualTo(50_000);
      assertThat(in.read()).isEqualTo('0');
      assertThat(in.readNBytes(10_000)).isEqualTo(Arrays.copyOfRange(LONG_TEXT, 1, 10_001));
      assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(LONG_TEXT, 10_001, 50_000));
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void reads_an_empty_archive() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new ZipOutputStream(out).close();
    Files.write(file, out.toByteArray());
    try (ZipArchive zip = ZipArchive.open(file)) {
      assertThat(zip.entries()).isEmpty();
    }
  }

  @Test
  void reads_more_entries_than_the_first_edition_of_the_format_can_count() throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < 70_000; i++) {
        zip.putNextEntry(new ZipEntry("e" + i));
      }
    }
    try (ZipArchive zip = ZipArchive.open(file)) {
      assertThat(zip.entries()).hasSize(70_000);
    }
  }

  @Test
  void refuses_entries_above_a_limit() throws IOException {
    try (ZipArchive zip = ZipArchive.open(file)) {
      ZipArchive.Entry entry = zip.find("long").orElseThrow();
      assertThatThrownBy(() -> zip.read(entry, 49_999))
          .isInstanceOf(ZipException.class)
          .hasMessage("entry long has 50000 bytes, expected at most 49999");
      assertThatThrownBy(() -> zip.limitExpansion(List.of(entry), 10, 40_000))
          .isInstanceOf(ZipException.class)
          .hasMessageContaining("would become more than 10 times as many when unpacked");
      zip.limitExpansion(List.of(entry), 1000, 0);
      zip.limitExpansion(List.of(entry), 1, 50_000);
    }
  }

  @Test
  void refuses_bytes_before_the_first_entry() throws IOException {
    insert(0, new byte[7]);
    assertRefused();
    // Also where all places say so.
    write();
    insert(0, new byte[7]);
    ByteBuffer all = buffer();
    for (int at = directory() + 7, i = 0; i < 3; i++) {
      all.putInt(at + 42, all.getInt(at + 42) + 7);
      at = i < 2 ? find(at + 1, 0x02014b50) : at;
    }
    all.putInt(bytes.length - 22 + 16, directory() + 7);
    assertRefused().hasMessageContaining("bytes before its first entry");
  }

  @Test
  void refuses_bytes_after_the_directory() throws IOException {
    insert(bytes.length, new byte[1]);
    assertRefused().hasMessageContaining("something after its end");
  }

  @Test
  void refuses_bytes_between_entries_and_directory() throws IOException {
    int directory = directory();
    insert(directory, new byte[40]);
    buffer().putInt(bytes.length - 22 + 16, directory + 40);
    assertRefused().hasMessageContaining("in no entry");
  }

  @Test
  void refuses_a_comment() throws IOException {
    insert(bytes.length, "comment".getBytes(StandardCharsets.UTF_8));
    assertRefused(all -> all.putShort(bytes.length - 7 - 2, (short) 7));
  }

  @Test
  void refuses_names_that_differ() throws IOException {
    assertRefused(all -> all.put(30, (byte) 'L'))
        .hasMessageContaining("whose header has another name");
  }

  @Test
  void refuses_sizes_that_differ() throws IOException {
    int stored = find(1, 0x04034b50);
    assertRefused(all -> all.putInt(stored + 22, 4)).hasMessageContaining("other sizes");
    write();
    assertRefused(all -> all.putInt(directory() + 24, 49_999)).hasMessageContaining("other sizes");
    write();
    assertRefused(all -> all.putInt(directory() + 16, 1)).hasMessageContaining("other sizes");
  }

  @Test
  void refuses_overlapping_entries() throws IOException {
    int second = find(directory() + 1, 0x02014b50);
    assertRefused(all -> all.putInt(second + 42, 10)).hasMessageContaining("overlaps");
  }

  @Test
  void refuses_entries_that_start_beyond_the_directory() throws IOException {
    int second = find(directory() + 1, 0x02014b50);
    int third = find(second + 1, 0x02014b50);
    assertRefused(all -> all.putInt(second + 42, 1 << 20).putInt(third + 42, 1 << 21))
        .hasMessage("entry stored does not start before the directory");
    // The first then seems to have room for a header longer than the file.
    write();
    assertRefused(
            all ->
                all.putInt(second + 42, 1 << 20)
                    .putInt(third + 42, 1 << 21)
                    .putShort(28, (short) -1))
        .hasMessage("entry stored does not start before the directory");
  }

  @Test
  void refuses_two_entries_of_one_name() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("one"));
      zip.putNextEntry(new ZipEntry("two"));
    }
    bytes =
        new String(out.toByteArray(), StandardCharsets.ISO_8859_1)
            .replace("two", "one")
            .getBytes(StandardCharsets.ISO_8859_1);
    assertRefused().hasMessage("it has two entries named one");
  }

  @Test
  void refuses_encryption() throws IOException {
    int second = find(directory() + 1, 0x02014b50);
    assertRefused(all -> all.putShort(second + 8, (short) 1)).hasMessageContaining("encrypted");
  }

  @Test
  void refuses_what_no_compression_can_give() throws IOException {
    assertRefused(all -> all.putInt(directory() + 24, 2_000_000_000))
        .hasMessageContaining("cannot have 2000000000 bytes");
  }

  @Test
  void refuses_damaged_content() throws IOException {
    int stored = find(1, 0x04034b50);
    assertRefused(all -> all.put(stored + 30 + "stored".length(), (byte) 'S'))
        .hasMessageContaining("checksum");
  }

  @Test
  void any_file_cut_short_is_refused() throws IOException {
    byte[] whole = bytes;
    for (int length = 0; length < whole.length; length += 3) {
      bytes = Arrays.copyOf(whole, length);
      assertRefused();
    }
  }
}
