package org.udge.internal;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Utf8;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * A zip file with unambiguous content.
 *
 * <p>A zip file describes its content twice: in a header before each entry and in a directory at
 * its end. Readers that trust one of the two can be shown other entries than readers that trust the
 * other. This reader accepts a file only if both agree: the entries of the directory, each with a
 * matching header, fill the file from its first byte to the directory without gap or overlap, no
 * name occurs twice, and nothing follows the directory. Comments, encryption, multiple disks and
 * methods other than "stored" and "deflated" are refused.
 *
 * <p>The content of an entry is checked while it is read: its length is the one announced, its
 * checksum matches, and its compressed bytes are used up. Memory is never allocated on the file's
 * claims alone: an announced length is bounded by what the compressed bytes can expand to, and by
 * what the caller allows.
 *
 * <p>Messages do not name the file; callers do. Not thread-safe.
 */
public final class ZipArchive implements Closeable {

  /** The largest number of bytes that one compressed byte can represent. */
  private static final int LARGEST_EXPANSION = 1032;

  private static final int MAX_DIRECTORY_BYTES = 1 << 26;
  private static final int MAX_NAME_BYTES = 1 << 10;

  private static final int LOCAL = 0x04034b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final int END64 = 0x06064b50;
  private static final int LOCATOR64 = 0x07064b50;
  private static final int DESCRIPTOR = 0x08074b50;

  private static final int LOCAL_BYTES = 30;
  private static final int CENTRAL_BYTES = 46;
  private static final int END_BYTES = 22;
  private static final int END64_BYTES = 56;
  private static final int LOCATOR64_BYTES = 20;

  private static final long MARK16 = 0xffffL;
  private static final long MARK32 = 0xffffffffL;
  private static final int EXTRA64 = 1;

  /** Compression levels, a data descriptor, and names in UTF-8. */
  private static final int KNOWN_FLAGS = 0b1000_0000_1110;

  private static final int HAS_DESCRIPTOR = 1 << 3;

  private static final int STORED = 0;
  private static final int DEFLATED = 8;

  private final RandomAccessFile file;
  private final long fileSize;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /** The directory's description of an entry. Immutable. */
  public static final class Entry {

    private final String name;
    private final byte[] nameBytes;
    private final int flags;
    private final int method;
    private final long checksum;
    private final long compressedSize;
    private final long size;
    private final long start;
    private long dataStart;

    private Entry(
        byte[] nameBytes,
        int flags,
        int method,
        long checksum,
        long compressedSize,
        long size,
        long start) {
      this.name = new String(nameBytes, StandardCharsets.UTF_8);
      this.nameBytes = nameBytes;
      this.flags = flags;
      this.method = method;
      this.checksum = checksum;
      this.compressedSize = compressedSize;
      this.size = size;
      this.start = start;
    }

    /**
     * Returns the name, including folders.
     *
     * @return for example {@code configuration.json}
     */
    public String name() {
      return name;
    }

    /**
     * Returns the length of the content.
     *
     * @return bytes, at least 0
     */
    public long size() {
      return size;
    }

    /**
     * Returns the length of the content as stored in the file.
     *
     * @return bytes, at least 0
     */
    public long compressedSize() {
      return compressedSize;
    }

    /**
     * Returns whether the content is stored in the file without compression.
     *
     * @return true for the method "stored"
     */
    public boolean isStored() {
      return method == STORED;
    }

    @Override
    public String toString() {
      return name.length() > 100 ? name.substring(0, 100) + "..." : name;
    }
  }

  private ZipArchive(RandomAccessFile file) throws IOException {
    this.file = file;
    this.fileSize = file.length();
    readDirectory();
  }

  /**
   * Opens a file, reads its directory and compares it with the headers of the entries.
   *
   * @param path a zip file
   * @return the archive; close it after use
   * @throws ZipException if it is not a zip file, is cut short, or contradicts itself
   * @throws IOException if the file cannot be read
   */
  public static ZipArchive open(Path path) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "r");
    try {
      return new ZipArchive(file);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Returns all entries.
   *
   * @return an unmodifiable list in the order of their positions in the file
   */
  public List<Entry> entries() {
    return List.copyOf(entries.values());
  }

  /**
   * Returns one entry.
   *
   * @param name the name of the entry
   * @return the entry; empty if there is none
   */
  public Optional<Entry> find(String name) {
    return Optional.ofNullable(entries.get(name));
  }

  /**
   * Returns whether the content is far larger than the file, without reading any of it.
   *
   * @param wanted the entries to consider
   * @param ratio the allowed ratio of the total content to the length of the file
   * @param floor the number of bytes allowed in any case
   * @return true if they have more
   */
  public boolean expandsBeyond(Collection<Entry> wanted, int ratio, long floor) {
    long left = Math.max(floor, ratio * fileSize);
    for (Entry entry : wanted) {
      left -= Math.min(entry.size, left + 1);
    }
    return left < 0;
  }

  /**
   * Refuses content that is far larger than the file, before any of it is read.
   *
   * @param wanted the entries that will be read
   * @param ratio the allowed ratio of the total content to the length of the file
   * @param floor the number of bytes allowed in any case
   * @throws ZipException if they have more
   */
  public void limitExpansion(Collection<Entry> wanted, int ratio, long floor) throws ZipException {
    check(
        !expandsBeyond(wanted, ratio, floor),
        "its %s bytes would become more than %s times as many when unpacked",
        fileSize,
        ratio);
  }

  /**
   * Reads an entry.
   *
   * @param entry one of {@link #entries()}
   * @param limit the largest number of bytes allowed
   * @return the content
   * @throws ZipException if it is longer than the limit, or damaged
   * @throws IOException if the file cannot be read
   */
  public byte[] read(Entry entry, int limit) throws IOException {
    if (entry.size > limit) {
      throw new ZipException(
          String.format(
              Locale.ROOT, "entry %s has %d bytes, expected at most %d", entry, entry.size, limit));
    }
    byte[] content = new byte[(int) entry.size];
    try (InputStream in = open(entry)) {
      // Cannot be short: the stream would have thrown.
      in.readNBytes(content, 0, content.length);
    }
    return content;
  }

  /**
   * Returns the content of an entry. Only one stream can be read at a time.
   *
   * <p>The read that delivers the last byte throws if the entry is damaged, so a caller that has
   * read all of it knows that it is intact.
   *
   * @param entry one of {@link #entries()}
   * @return a buffered stream of {@link Entry#size()} bytes; close it after use
   * @throws IOException if the file cannot be read
   */
  public InputStream open(Entry entry) throws IOException {
    return new Content(requireNonNull(entry));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private void readDirectory() throws IOException {
    if (fileSize < END_BYTES) {
      throw new ZipException("it has " + fileSize + " bytes, too few for a zip file");
    }
    long end = fileSize - END_BYTES;
    ByteBuffer last = bytes(end, END_BYTES);
    if (last.getInt(0) != END || last.getShort(20) != 0) {
      throw new ZipException(
          "the directory that ends a zip file is missing: it is not a zip file, is cut short, or has"
              + " something after its end");
    }
    long count = Short.toUnsignedLong(last.getShort(10));
    long size = Integer.toUnsignedLong(last.getInt(12));
    long start = Integer.toUnsignedLong(last.getInt(16));
    check(last.getInt(4) == 0 && last.getShort(8) == last.getShort(10), "it has several parts");
    if (start + size != end) {
      ByteBuffer large = largeEnd(end);
      check(
          count == MARK16 || count == large.getLong(32), "its directory has two different counts");
      check(size == MARK32 || size == large.getLong(40), "its directory has two different sizes");
      check(
          start == MARK32 || start == large.getLong(48),
          "its directory has two different positions");
      count = large.getLong(32);
      size = large.getLong(40);
      start = large.getLong(48);
      end -= LOCATOR64_BYTES + END64_BYTES;
    }
    check(
        size >= 0 && start >= 0 && size <= end && start == end - size,
        "its directory is not at the position given in its end record");
    check(size <= MAX_DIRECTORY_BYTES, "its directory has %s bytes", size);
    check(
        count >= 0 && count <= size / CENTRAL_BYTES,
        "its directory does not have %s entries",
        count);
    List<Entry> found = parseDirectory(bytes(start, (int) size), (int) count);
    found.sort(Comparator.comparingLong(entry -> entry.start));
    for (Entry entry : found) {
      check(
          entry.start >= 0 && entry.start < start,
          "entry %s does not start before the directory",
          entry);
    }
    for (int i = 0; i < found.size(); i++) {
      Entry entry = found.get(i);
      checkHeader(entry, i == 0 ? 0 : -1, i + 1 < found.size() ? found.get(i + 1).start : start);
      check(entries.put(entry.name, entry) == null, "it has two entries named %s", entry);
    }
    check(!found.isEmpty() || start == 0, "it has bytes before its directory, but no entry");
  }

  /**
   * Reads the record of files with more or larger entries than the first edition of the format
   * allows.
   */
  private ByteBuffer largeEnd(long end) throws IOException {
    long place = end - LOCATOR64_BYTES - END64_BYTES;
    check(place >= 0, "its directory is not at the position given in its end record");
    ByteBuffer large = bytes(place, END64_BYTES + LOCATOR64_BYTES);
    check(
        large.getInt(0) == END64
            && large.getLong(4) == END64_BYTES - 12
            && large.getInt(16) == 0
            && large.getInt(20) == 0
            && large.getLong(24) == large.getLong(32)
            && large.getInt(END64_BYTES) == LOCATOR64
            && large.getInt(END64_BYTES + 4) == 0
            && large.getLong(END64_BYTES + 8) == place
            && large.getInt(END64_BYTES + 16) <= 1,
        "its directory is not at the position given in its end record");
    return large;
  }

  private List<Entry> parseDirectory(ByteBuffer directory, int count) throws IOException {
    List<Entry> found = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      found.add(parseEntry(directory));
    }
    check(!directory.hasRemaining(), "its directory has something after its last entry");
    return found;
  }

  private static Entry parseEntry(ByteBuffer directory) throws IOException {
    check(directory.remaining() >= CENTRAL_BYTES, "its directory is cut short");
    ByteBuffer fixed = take(directory, CENTRAL_BYTES);
    check(fixed.getInt(0) == CENTRAL, "its directory is damaged");
    int nameBytes = Short.toUnsignedInt(fixed.getShort(28));
    int extraBytes = Short.toUnsignedInt(fixed.getShort(30));
    check(directory.remaining() >= nameBytes + extraBytes, "its directory is cut short");
    byte[] name = new byte[nameBytes];
    directory.get(name);
    checkName(name);
    Sizes sizes = Sizes.of(fixed, 24, 20, 42, take(directory, extraBytes));
    Entry entry =
        new Entry(
            name,
            Short.toUnsignedInt(fixed.getShort(8)),
            Short.toUnsignedInt(fixed.getShort(10)),
            Integer.toUnsignedLong(fixed.getInt(16)),
            sizes.compressed,
            sizes.plain,
            sizes.start);
    check(fixed.getShort(32) == 0 && fixed.getShort(34) == 0, "entry %s has a comment", entry);
    check((entry.flags & ~KNOWN_FLAGS) == 0, "entry %s is encrypted or patched", entry);
    check(entry.method == STORED || entry.method == DEFLATED, "entry %s is unreadable", entry);
    check(
        entry.size >= 0
            && entry.compressedSize >= 0
            && (entry.method == STORED
                ? entry.size == entry.compressedSize
                : entry.size / LARGEST_EXPANSION <= entry.compressedSize),
        "entry %s cannot have %s bytes in %s",
        entry,
        entry.size,
        entry.compressedSize);
    return entry;
  }

  private static void checkName(byte[] name) throws IOException {
    check(
        name.length > 0 && name.length <= MAX_NAME_BYTES,
        "an entry's name has %s bytes, expected 1 to %s",
        name.length,
        MAX_NAME_BYTES);
    check(
        Utf8.isWellFormed(name) && indexOfControl(name) < 0, "the name of an entry is not a text");
  }

  private static int indexOfControl(byte[] name) {
    for (int i = 0; i < name.length; i++) {
      if (name[i] >= 0 && name[i] < ' ') {
        return i;
      }
    }
    return -1;
  }

  /**
   * Compares an entry's own header with the directory; its data must end where the next entry
   * starts.
   */
  private void checkHeader(Entry entry, long expectedStart, long next) throws IOException {
    check(
        expectedStart < 0 || entry.start == expectedStart,
        "it has bytes before its first entry, %s",
        entry);
    check(
        entry.start >= 0 && next - entry.start >= LOCAL_BYTES + entry.nameBytes.length,
        "entry %s overlaps another",
        entry);
    ByteBuffer header = bytes(entry.start, LOCAL_BYTES);
    int nameBytes = Short.toUnsignedInt(header.getShort(26));
    int extraBytes = Short.toUnsignedInt(header.getShort(28));
    long dataStart = entry.start + LOCAL_BYTES + nameBytes + extraBytes;
    check(
        header.getInt(0) == LOCAL && nameBytes == entry.nameBytes.length && dataStart <= next,
        "entry %s is not at the position given in the directory",
        entry);
    ByteBuffer more = bytes(entry.start + LOCAL_BYTES, nameBytes + extraBytes);
    byte[] name = new byte[nameBytes];
    more.get(name);
    check(
        Arrays.equals(name, entry.nameBytes),
        "the directory lists an entry %s whose header has another name",
        entry);
    check(
        Short.toUnsignedInt(header.getShort(6)) == entry.flags
            && Short.toUnsignedInt(header.getShort(8)) == entry.method,
        "the header of entry %s contradicts the directory",
        entry);
    Sizes own = Sizes.of(header, 22, 18, -1, take(more, extraBytes));
    long checksum = Integer.toUnsignedLong(header.getInt(14));
    boolean later = (entry.flags & HAS_DESCRIPTOR) != 0;
    check(
        agree(own.plain, entry.size, later)
            && agree(own.compressed, entry.compressedSize, later)
            && agree(checksum, entry.checksum, later),
        "entry %s has other sizes than in the directory",
        entry);
    check(entry.compressedSize <= next - dataStart, "entry %s overlaps another", entry);
    checkAfter(entry, dataStart + entry.compressedSize, next);
    entry.dataStart = dataStart;
  }

  private static boolean agree(long header, long directory, boolean later) {
    return header == directory || (later && header == 0);
  }

  /**
   * Checks that there is nothing between an entry's data and the next entry but its sizes, if
   * announced.
   */
  private void checkAfter(Entry entry, long dataEnd, long next) throws IOException {
    long gap = next - dataEnd;
    if ((entry.flags & HAS_DESCRIPTOR) == 0) {
      check(gap == 0, "it has %s bytes after entry %s that are in no entry", gap, entry);
      return;
    }
    check(
        gap == 12 || gap == 16 || gap == 20 || gap == 24,
        "it has %s bytes after entry %s that are in no entry",
        gap,
        entry);
    ByteBuffer descriptor = bytes(dataEnd, (int) gap);
    boolean marked = gap == 16 || gap == 24;
    check(!marked || descriptor.getInt() == DESCRIPTOR, "entry %s has a damaged end", entry);
    long checksum = Integer.toUnsignedLong(descriptor.getInt());
    boolean large = gap >= 20;
    long compressed = large ? descriptor.getLong() : Integer.toUnsignedLong(descriptor.getInt());
    long plain = large ? descriptor.getLong() : Integer.toUnsignedLong(descriptor.getInt());
    check(
        checksum == entry.checksum && compressed == entry.compressedSize && plain == entry.size,
        "entry %s has other sizes than in the directory",
        entry);
  }

  /** Lengths and position, from their short fields or from the extra field for large ones. */
  private record Sizes(long plain, long compressed, long start) {

    static Sizes of(ByteBuffer fixed, int plainAt, int compressedAt, int startAt, ByteBuffer extra)
        throws IOException {
      ByteBuffer large = ByteBuffer.allocate(0);
      while (extra.hasRemaining()) {
        check(extra.remaining() >= 4, "an extra field is cut short");
        int tag = Short.toUnsignedInt(extra.getShort());
        int length = Short.toUnsignedInt(extra.getShort());
        check(length <= extra.remaining(), "an extra field is cut short");
        ByteBuffer value = take(extra, length);
        if (tag == EXTRA64) {
          check(!large.hasRemaining(), "an entry has its sizes twice");
          large = value;
        }
      }
      long plain = size(fixed, plainAt, large);
      long compressed = size(fixed, compressedAt, large);
      return new Sizes(plain, compressed, startAt < 0 ? 0 : size(fixed, startAt, large));
    }

    private static long size(ByteBuffer fixed, int at, ByteBuffer large) {
      long value = Integer.toUnsignedLong(fixed.getInt(at));
      return value == MARK32 && large.remaining() >= Long.BYTES ? large.getLong() : value;
    }
  }

  private static ByteBuffer take(ByteBuffer from, int length) {
    ByteBuffer part = from.slice(from.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    from.position(from.position() + length);
    return part;
  }

  private ByteBuffer bytes(long position, int length) throws IOException {
    byte[] bytes = new byte[length];
    file.seek(position);
    file.readFully(bytes);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void check(boolean holds, String message, Object... values) throws ZipException {
    if (!holds) {
      String text = message;
      for (Object value : values) {
        text = text.replaceFirst("%s", Matcher.quoteReplacement(String.valueOf(value)));
      }
      throw new ZipException(text);
    }
  }

  /** Reads the compressed bytes of an entry. */
  private final class Raw extends InputStream {

    private long position;
    private long remaining;

    Raw(Entry entry) {
      position = entry.dataStart;
      remaining = entry.compressedSize;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (remaining == 0) {
        return -1;
      }
      file.seek(position);
      int count = file.read(target, offset, (int) Math.min(length, remaining));
      if (count > 0) {
        position += count;
        remaining -= count;
      }
      return count;
    }
  }

  /** Reads the content of an entry, with the length and checksum given in the directory. */
  private final class Content extends InputStream {

    private final Entry entry;
    private final Raw raw;
    private final Inflater inflater = new Inflater(true);
    private final InputStream in;
    private final CRC32 checksum = new CRC32();
    private final byte[] buffer = new byte[1 << 13];
    private int next;
    private int limit;
    private long remaining;

    Content(Entry entry) throws IOException {
      this.entry = entry;
      this.raw = new Raw(entry);
      this.in = entry.method == DEFLATED ? new InflaterInputStream(raw, inflater, 1 << 13) : raw;
      this.remaining = entry.size;
      if (remaining == 0) {
        checkEnd();
      }
    }

    @Override
    public int read() throws IOException {
      return fill() ? Byte.toUnsignedInt(buffer[next++]) : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (next == limit && length >= buffer.length) {
        return take(target, offset, length);
      }
      if (!fill()) {
        return -1;
      }
      int count = Math.min(length, limit - next);
      System.arraycopy(buffer, next, target, offset, count);
      next += count;
      return count;
    }

    @Override
    public int available() {
      return (int) Math.min(Integer.MAX_VALUE, remaining + limit - next);
    }

    private boolean fill() throws IOException {
      if (next == limit) {
        next = 0;
        limit = Math.max(0, take(buffer, 0, buffer.length));
      }
      return next < limit;
    }

    private int take(byte[] target, int offset, int length) throws IOException {
      if (remaining == 0) {
        return -1;
      }
      int count = in.read(target, offset, (int) Math.min(length, remaining));
      check(count > 0, "entry %s ends %s bytes early", entry, remaining);
      checksum.update(target, offset, count);
      remaining -= count;
      if (remaining == 0) {
        checkEnd();
      }
      return count;
    }

    private void checkEnd() throws IOException {
      check(
          in.read() < 0 && raw.remaining == 0 && inflater.getRemaining() == 0,
          "entry %s is longer than its %s bytes",
          entry,
          entry.size);
      check(
          checksum.getValue() == entry.checksum,
          "entry %s is damaged: the checksum differs",
          entry);
    }

    @Override
    public void close() {
      inflater.end();
    }
  }
}
