package org.udge.interop;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The zip that {@code torch.save} writes: NAME/data.pkl, the pickle, and NAME/data/KEY, the bytes
 * of each storage, none of them compressed.
 *
 * <p>Not thread-safe. Messages do not name the file: {@link PyTorchCheckpoint} does.
 */
final class TorchArchive implements Closeable {

  /** Elements in the archive's byte order. Tensors that share elements share a storage. */
  record Storage(ElementType type, ByteBuffer data) {}

  private static final String PICKLE = "data.pkl";
  private static final byte[] ZIP_MAGIC = {'P', 'K', 3, 4};

  /** A legacy file starts with the pickle of the number 0x1950a86a20f9469cfc6c. */
  private static final byte[] LEGACY_MAGIC = {
    (byte) 0x80, 2, (byte) 0x8a, 10, 0x6c, (byte) 0xfc, (byte) 0x9c, 0x46
  };

  private final ZipFile zip;
  private final String prefix;
  private final ByteOrder byteOrder;
  private final Map<String, byte[]> storages = new HashMap<>();

  /** Entries may overlap in the file, but not so that they take more memory than the file. */
  private long unreadBytes;

  private TorchArchive(ZipFile zip, long fileBytes) throws IOException {
    this.zip = zip;
    this.unreadBytes = fileBytes;
    this.prefix = findPrefix(zip);
    this.byteOrder = readByteOrder();
  }

  static TorchArchive open(Path file) throws IOException {
    ZipFile zip;
    try {
      zip = new ZipFile(file.toFile());
    } catch (ZipException e) {
      throw new IOException(describeForeign(file), e);
    }
    try {
      return new TorchArchive(zip, Files.size(file));
    } catch (IOException e) {
      zip.close();
      throw e;
    }
  }

  private static String findPrefix(ZipFile zip) throws IOException {
    List<String> names = zip.stream().map(ZipEntry::getName).toList();
    List<String> pickles = names.stream().filter(n -> n.endsWith("/" + PICKLE)).toList();
    if (pickles.size() != 1) {
      throw new IOException(
          "it is a zip file, but not one that torch.save wrote: it has no data.pkl");
    }
    String prefix = pickles.get(0).substring(0, pickles.get(0).length() - PICKLE.length());
    if (names.contains(prefix + "constants.pkl")) {
      throw new IOException(
          "it is a TorchScript program; save its parameters instead, as in"
              + " torch.save(model.state_dict(), file)");
    }
    return prefix;
  }

  /** PyTorch 2.1 and later say in which byte order they wrote. */
  private ByteOrder readByteOrder() throws IOException {
    if (zip.getEntry(prefix + "byteorder") == null) {
      return ByteOrder.LITTLE_ENDIAN;
    }
    String order = new String(read("byteorder"), StandardCharsets.US_ASCII);
    return switch (order) {
      case "little" -> ByteOrder.LITTLE_ENDIAN;
      case "big" -> ByteOrder.BIG_ENDIAN;
      default -> throw new IOException("its byte order is '" + order + "', not little or big");
    };
  }

  byte[] pickle() throws IOException {
    return read(PICKLE);
  }

  /**
   * The elements of a storage, read once.
   *
   * @throws IllegalArgumentException if the entry does not have as many bytes as the elements need
   * @throws UncheckedIOException if the entry is damaged
   */
  Storage storage(ElementType type, String key, long elements) {
    byte[] bytes = storages.computeIfAbsent(key, this::readStorage);
    checkArgument(
        elements >= 0 && elements <= Integer.MAX_VALUE && bytes.length == elements * type.bytes(),
        "its storage %s has %s bytes, expected %s %s elements of %s bytes",
        key,
        bytes.length,
        elements,
        type,
        type.bytes());
    return new Storage(type, ByteBuffer.wrap(bytes).order(byteOrder));
  }

  private byte[] readStorage(String key) {
    try {
      return read("data/" + key);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private byte[] read(String name) throws IOException {
    ZipEntry entry = zip.getEntry(prefix + name);
    if (entry == null) {
      throw new IOException("it has no entry " + prefix + name);
    }
    // Compressed entries could grow far beyond the file's size.
    if (entry.getMethod() != ZipEntry.STORED || entry.getCompressedSize() != entry.getSize()) {
      throw new IOException("its entry " + entry + " is compressed, which torch.save never does");
    }
    if (entry.getSize() > Math.min(unreadBytes, Integer.MAX_VALUE - 8)) {
      throw new IOException(
          "its entry " + entry + " claims " + entry.getSize() + " bytes, more than can be read");
    }
    unreadBytes -= entry.getSize();
    byte[] bytes = new byte[(int) entry.getSize()];
    try (InputStream in = zip.getInputStream(entry)) {
      int found = in.readNBytes(bytes, 0, bytes.length);
      if (found < bytes.length) {
        throw new IOException(
            "its entry " + entry + " is cut short: " + found + " of " + bytes.length + " bytes");
      }
    }
    CRC32 checksum = new CRC32();
    checksum.update(bytes);
    if (checksum.getValue() != entry.getCrc()) {
      throw new IOException("its entry " + entry + " is damaged: the checksum differs");
    }
    return bytes;
  }

  private static String describeForeign(Path file) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(LEGACY_MAGIC.length);
    }
    if (Arrays.equals(start, LEGACY_MAGIC)) {
      return "it is in PyTorch's format of before version 1.6: load and save it again with"
          + " torch.save of PyTorch 1.6 or later";
    }
    if (Arrays.equals(Arrays.copyOf(start, ZIP_MAGIC.length), ZIP_MAGIC)) {
      return "it is cut short or damaged: the directory that ends a zip file is missing ("
          + Files.size(file)
          + " bytes found)";
    }
    return "it is not a checkpoint: expected the zip file that torch.save of PyTorch 1.6 or later"
        + " writes";
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
