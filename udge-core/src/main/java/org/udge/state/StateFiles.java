package org.udge.state;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipOutputStream;
import org.udge.internal.ZipArchive;
import org.udge.internal.ZipArchive.Entry;

/**
 * Writes and reads state files: a zip file with an entry per value, named by its path and type, for
 * example {@code optimizer/memory.floats}, in big-endian order. Thread-safe.
 */
public final class StateFiles {

  private static final String MARK = "udge-state";
  private static final int FORMAT = 1;
  private static final int CHUNK = 1 << 13;
  private static final int MAX_DEPTH = 32;

  /** In UTF-8 and with a type, these are at most the 1,024 bytes allowed for a name. */
  private static final int MAX_PATH = 240;

  /**
   * Memories that still contain zeros compress well, but the parameters stored with them do not.
   */
  private static final int MAX_EXPANSION = 64;

  private static final long FLOOR = 1 << 24;

  private StateFiles() {}

  /**
   * Writes a state. The file appears under its name only once it is complete.
   *
   * @param state the state to write
   * @param file the file to write; replaced if it exists
   * @throws IOException if the file cannot be written
   * @throws IllegalArgumentException if states are nested more than 32 deep
   */
  public static void write(State state, Path file) throws IOException {
    AtomicFiles.write(
        file,
        temporary -> {
          write(state, temporary, Deflater.BEST_SPEED);
          if (isBomb(temporary)) {
            write(state, temporary, Deflater.NO_COMPRESSION);
          }
        });
  }

  /**
   * Returns whether {@link #read} would refuse a file because it is much smaller than its content.
   */
  private static boolean isBomb(Path file) throws IOException {
    try (ZipArchive zip = ZipArchive.open(file)) {
      return zip.expandsBeyond(zip.entries(), MAX_EXPANSION, FLOOR);
    }
  }

  private static void write(State state, Path file, int level) throws IOException {
    try (ZipOutputStream zip =
        new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      zip.setLevel(level);
      DataOutputStream out = new DataOutputStream(zip);
      zip.putNextEntry(new ZipEntry(MARK));
      out.writeInt(FORMAT);
      writeEntries(state, "", 0, zip, out);
      // Last, so that a truncated file can be recognized.
      zip.putNextEntry(new ZipEntry(MARK + "-end"));
      out.flush();
    }
  }

  private static void writeEntries(
      State state, String folder, int depth, ZipOutputStream zip, DataOutputStream out)
      throws IOException {
    checkArgument(
        depth < MAX_DEPTH && folder.length() <= MAX_PATH,
        "states are nested at most %s deep, with names of at most %s characters together",
        MAX_DEPTH,
        MAX_PATH);
    for (Map.Entry<String, Object> entry : state.entries().entrySet()) {
      String path = folder + entry.getKey();
      if (entry.getValue() instanceof State child) {
        zip.putNextEntry(new ZipEntry(path + ".state"));
        writeEntries(child, path + "/", depth + 1, zip, out);
      } else {
        zip.putNextEntry(new ZipEntry(path + "." + type(entry.getValue())));
        writeValue(entry.getValue(), out);
      }
      out.flush();
    }
  }

  private static String type(Object value) {
    if (value instanceof Long) {
      return "long";
    } else if (value instanceof Double) {
      return "double";
    } else if (value instanceof String) {
      return "text";
    } else if (value instanceof float[]) {
      return "floats";
    } else if (value instanceof double[]) {
      return "doubles";
    } else if (value instanceof long[]) {
      return "longs";
    } else if (value instanceof float[][]) {
      return "rows";
    }
    return "bytes";
  }

  private static void writeValue(Object value, DataOutputStream out) throws IOException {
    if (value instanceof Long number) {
      out.writeLong(number);
    } else if (value instanceof Double number) {
      out.writeDouble(number);
    } else if (value instanceof String text) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } else if (value instanceof float[] numbers) {
      writeFloats(numbers, out);
    } else if (value instanceof float[][] rows) {
      out.writeInt(rows.length);
      for (float[] row : rows) {
        writeFloats(row, out);
      }
    } else if (value instanceof double[] numbers) {
      out.writeInt(numbers.length);
      for (double number : numbers) {
        out.writeDouble(number);
      }
    } else if (value instanceof long[] numbers) {
      out.writeInt(numbers.length);
      for (long number : numbers) {
        out.writeLong(number);
      }
    } else {
      out.write((byte[]) value);
    }
  }

  private static void writeFloats(float[] numbers, DataOutputStream out) throws IOException {
    out.writeInt(numbers.length);
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK * Float.BYTES);
    for (int i = 0; i < numbers.length; i += CHUNK) {
      int count = Math.min(CHUNK, numbers.length - i);
      chunk.asFloatBuffer().put(numbers, i, count);
      out.write(chunk.array(), 0, count * Float.BYTES);
    }
  }

  /**
   * Reads a state.
   *
   * @param file a file written by {@link #write}
   * @return the state
   * @throws IOException if the file is absent, damaged, not a state or of a newer format; the
   *     message states which
   */
  public static State read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString(), null, "no such state file");
    }
    try (ZipArchive zip = ZipArchive.open(file)) {
      List<Entry> entries = zip.entries();
      if (entries.isEmpty() || !entries.get(0).name().equals(MARK)) {
        throw new IOException("file " + file + " is not a state written by this library");
      }
      int format = ByteBuffer.wrap(zip.read(entries.get(0), Integer.BYTES)).getInt();
      if (format > FORMAT) {
        throw new IOException(
            "state file "
                + file
                + " has format "
                + format
                + ", this version reads up to "
                + FORMAT
                + ": use a newer version of this library");
      }
      zip.limitExpansion(entries, MAX_EXPANSION, FLOOR);
      return readEntries(zip, entries);
    } catch (ZipException | EOFException e) {
      throw new IOException(
          "state file " + file + " is not a state, or is damaged or cut short: " + e.getMessage(),
          e);
    } catch (RuntimeException e) {
      throw new IOException("state file " + file + " is damaged", e);
    }
  }

  private static State readEntries(ZipArchive zip, List<Entry> entries) throws IOException {
    Map<String, State.Builder> states = new LinkedHashMap<>();
    states.put("", State.builder());
    for (Entry entry : entries.subList(1, entries.size())) {
      String name = entry.name();
      if (name.equals(MARK + "-end")) {
        return assemble(states);
      }
      int dot = name.lastIndexOf('.');
      if (dot < 0) {
        throw new ZipException("entry " + entry + " has no type");
      }
      String path = name.substring(0, dot);
      int slash = path.lastIndexOf('/');
      State.Builder parent = states.get(slash < 0 ? "" : path.substring(0, slash));
      if (parent == null || path.chars().filter(c -> c == '/').count() >= MAX_DEPTH) {
        throw new ZipException("entry " + entry + " is in no state, or too deep in one");
      }
      if (name.endsWith(".state")) {
        states.put(path, State.builder());
      } else {
        try (Values in = new Values(zip, entry)) {
          in.readTo(parent, path.substring(slash + 1), name.substring(dot + 1));
        }
      }
    }
    throw new ZipException("its last entry is missing");
  }

  /** Reads all numbers of an entry; never allocates an array larger than the entry could fill. */
  private static final class Values extends DataInputStream {

    private final Entry entry;
    private long remaining;

    Values(ZipArchive zip, Entry entry) throws IOException {
      super(zip.open(entry));
      this.entry = entry;
      this.remaining = entry.size();
    }

    void readTo(State.Builder parent, String key, String type) throws IOException {
      switch (type) {
        case "long" -> parent.put(key, count(1, Long.BYTES).readLong());
        case "double" -> parent.put(key, count(1, Double.BYTES).readDouble());
        case "text" -> parent.put(key, new String(readBytes(), StandardCharsets.UTF_8));
        case "floats" -> parent.put(key, readFloats());
        case "rows" -> parent.putRows(key, readRows());
        case "doubles" -> {
          double[] numbers = new double[readLength(Double.BYTES)];
          for (int i = 0; i < numbers.length; i++) {
            numbers[i] = readDouble();
          }
          parent.put(key, numbers);
        }
        case "longs" -> {
          long[] numbers = new long[readLength(Long.BYTES)];
          for (int i = 0; i < numbers.length; i++) {
            numbers[i] = readLong();
          }
          parent.put(key, numbers);
        }
        case "bytes" -> parent.put(key, readBytes());
        default -> throw new ZipException("entry " + entry + " is of an unknown type");
      }
      if (remaining != 0) {
        throw new ZipException("entry " + entry + " has " + remaining + " bytes too many");
      }
    }

    /**
     * Returns the length of the array that follows, which must fit into the remainder of the entry.
     */
    private int readLength(int bytesEach) throws IOException {
      int length = count(1, Integer.BYTES).readInt();
      count(length, bytesEach);
      return length;
    }

    @CanIgnoreReturnValue
    private Values count(long length, int bytesEach) throws ZipException {
      if (length < 0 || length > remaining / bytesEach) {
        throw new ZipException(
            "entry "
                + entry
                + " has "
                + remaining
                + " bytes left for "
                + length
                + " values of "
                + bytesEach
                + " bytes");
      }
      remaining -= length * bytesEach;
      return this;
    }

    private byte[] readBytes() throws IOException {
      if (remaining > Integer.MAX_VALUE - 8) {
        throw new ZipException("entry " + entry + " has " + remaining + " bytes");
      }
      remaining = 0;
      return readAllBytes();
    }

    private float[] readFloats() throws IOException {
      float[] numbers = new float[readLength(Float.BYTES)];
      ByteBuffer chunk = ByteBuffer.allocate(Math.min(CHUNK, numbers.length) * Float.BYTES);
      for (int i = 0; i < numbers.length; i += CHUNK) {
        int count = Math.min(CHUNK, numbers.length - i);
        readFully(chunk.array(), 0, count * Float.BYTES);
        chunk.asFloatBuffer().get(numbers, i, count);
      }
      return numbers;
    }

    private float[][] readRows() throws IOException {
      int rows = count(1, Integer.BYTES).readInt();
      // Each row has its own length, and all rows but a few have at least one number.
      if (rows < 0 || rows > Math.max(1000, remaining / (Integer.BYTES + Float.BYTES))) {
        throw new ZipException("entry " + entry + " cannot have " + rows + " rows");
      }
      float[][] numbers = new float[rows][];
      for (int i = 0; i < rows; i++) {
        numbers[i] = readFloats();
      }
      return numbers;
    }
  }

  /** Adds children to their parents, the deepest first. */
  private static State assemble(Map<String, State.Builder> states) {
    List<String> paths = new ArrayList<>(states.keySet());
    for (int i = paths.size() - 1; i > 0; i--) {
      String path = paths.get(i);
      int slash = path.lastIndexOf('/');
      requireNonNull(states.get(slash < 0 ? "" : path.substring(0, slash)))
          .put(path.substring(slash + 1), requireNonNull(states.get(path)).build());
    }
    return requireNonNull(states.get("")).build();
  }
}
