package org.udge.interop;

import static org.udge.internal.Preconditions.checkArgument;

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
import java.util.zip.ZipException;
import org.udge.internal.Texts;
import org.udge.internal.ZipArchive;
import org.udge.internal.ZipArchive.Entry;

/**
 * The zip file that {@code torch.save} writes: NAME/data.pkl, the pickle, and NAME/data/KEY, the
 * bytes of each storage, all uncompressed.
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

  private final ZipArchive zip;
  private final String prefix;
  private final ByteOrder byteOrder;
  private final Map<String, byte[]> storages = new HashMap<>();
  private long storedBytes;

  private TorchArchive(ZipArchive zip) throws IOException {
    this.zip = zip;
    this.prefix = findPrefix(zip);
    this.byteOrder = readByteOrder();
  }

  static TorchArchive open(Path file) throws IOException {
    ZipArchive zip;
    try {
      zip = ZipArchive.open(file);
    } catch (ZipException e) {
      throw new IOException(describeForeign(file, String.valueOf(e.getMessage())), e);
    }
    try {
      return new TorchArchive(zip);
    } catch (IOException e) {
      zip.close();
      throw e;
    }
  }

  private static String findPrefix(ZipArchive zip) throws IOException {
    List<String> pickles =
        zip.entries().stream().map(Entry::name).filter(n -> n.endsWith("/" + PICKLE)).toList();
    if (pickles.size() != 1) {
      throw new IOException(
          "it is a zip file, but not one that torch.save wrote: it has no data.pkl");
    }
    String prefix = pickles.get(0).substring(0, pickles.get(0).length() - PICKLE.length());
    if (zip.find(prefix + "constants.pkl").isPresent()) {
      throw new IOException(
          "it is a TorchScript program; save its parameters instead, as in"
              + " torch.save(model.state_dict(), file)");
    }
    return prefix;
  }

  /** Reads the byte order, which PyTorch 2.1 and later record. */
  private ByteOrder readByteOrder() throws IOException {
    if (zip.find(prefix + "byteorder").isEmpty()) {
      return ByteOrder.LITTLE_ENDIAN;
    }
    String order = Texts.shorten(new String(read("byteorder"), StandardCharsets.US_ASCII));
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
   * Returns the elements of a storage, which is read only once.
   *
   * @throws IllegalArgumentException if the length of the entry does not match the number of
   *     elements
   * @throws UncheckedIOException if the entry is damaged
   */
  Storage storage(ElementType type, String key, long elements) {
    byte[] bytes = storages.computeIfAbsent(key, this::readStorage);
    checkArgument(
        elements >= 0 && elements <= Integer.MAX_VALUE && bytes.length == elements * type.bytes(),
        "its storage %s has %s bytes, expected %s %s elements of %s bytes",
        Texts.shorten(key),
        bytes.length,
        elements,
        type,
        type.bytes());
    return new Storage(type, ByteBuffer.wrap(bytes).order(byteOrder));
  }

  private byte[] readStorage(String key) {
    try {
      byte[] bytes = read("data/" + key);
      storedBytes += bytes.length;
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the number of bytes of all storages read so far. */
  long storedBytes() {
    return storedBytes;
  }

  private byte[] read(String name) throws IOException {
    Entry entry =
        zip.find(prefix + name)
            .orElseThrow(() -> new IOException("it has no entry " + Texts.shorten(prefix + name)));
    // Compressed entries could expand far beyond the file's size.
    if (!entry.isStored()) {
      throw new IOException("its entry " + entry + " is compressed, which torch.save never does");
    }
    return zip.read(entry, Integer.MAX_VALUE - 8);
  }

  private static String describeForeign(Path file, String reason) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(LEGACY_MAGIC.length);
    }
    if (Arrays.equals(start, LEGACY_MAGIC)) {
      return "it is in PyTorch's format from before version 1.6: load and save it again with"
          + " torch.save of PyTorch 1.6 or later";
    }
    if (Arrays.equals(Arrays.copyOf(start, ZIP_MAGIC.length), ZIP_MAGIC)) {
      return "it is cut short or damaged: " + reason + " (" + Files.size(file) + " bytes found)";
    }
    return "it is not a checkpoint: expected the zip file that torch.save of PyTorch 1.6 or later"
        + " writes";
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
