package org.udge.interop;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes pickles instruction by instruction, and the archives around them. */
final class Pickle {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  Pickle() {
    bytes(0x80, 4);
  }

  Pickle bytes(int... values) {
    for (int value : values) {
      out.write(value);
    }
    return this;
  }

  /** An instruction without argument. */
  Pickle op(char code) {
    return bytes(code);
  }

  Pickle text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    op('X')
        .out
        .writeBytes(
            ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(utf8.length).array());
    out.writeBytes(utf8);
    return this;
  }

  Pickle number(int value) {
    op('J')
        .out
        .writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    return this;
  }

  Pickle name(String module, String name) {
    op('c').out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** A list of the same list twice, of the same list twice, and so on. */
  Pickle doubled(int levels) {
    if (levels == 0) {
      return op(']').bytes('q', 0);
    }
    return op(']').op('(').doubled(levels - 1).bytes('h', levels - 1, 'e', 'q', levels);
  }

  /** A list in a list in itself. */
  Pickle cyclic() {
    return op(']').bytes('q', 100, ']', 'h', 100, 'a', 'a');
  }

  byte[] end() {
    op('.');
    return out.toByteArray();
  }

  /** Writes the file that torch.save would write around a pickle. */
  static void write(Path file, byte[] pickle) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      store(zip, "archive/data.pkl", pickle);
      store(zip, "archive/data/0", new byte[16]);
    }
  }

  private static void store(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    CRC32 checksum = new CRC32();
    checksum.update(bytes);
    entry.setCrc(checksum.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
  }
}
