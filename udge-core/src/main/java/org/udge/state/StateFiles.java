package org.udge.state;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Writes states to files and reads them: a zip with an entry for each value, named by its path and
 * type, for example {@code optimizer/memory.floats}, in big-endian order. Thread-safe.
 */
public final class StateFiles {

  private static final String MARK = "udge-state";
  private static final int FORMAT = 1;
  private static final int CHUNK = 1 << 13;

  private StateFiles() {}

  /**
   * Writes a state. The file appears under its name only when complete.
   *
   * @param state what to write
   * @param file where to; replaced if it exists
   * @throws IOException if it cannot be written
   */
  public static void write(State state, Path file) throws IOException {
    AtomicFiles.write(
        file,
        temporary -> {
          try (ZipOutputStream zip =
              new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(temporary)))) {
            zip.setLevel(Deflater.BEST_SPEED);
            DataOutputStream out = new DataOutputStream(zip);
            zip.putNextEntry(new ZipEntry(MARK));
            out.writeInt(FORMAT);
            writeEntries(state, "", zip, out);
            // Last, so that a file cut short is known to be.
            zip.putNextEntry(new ZipEntry(MARK + "-end"));
            out.flush();
          }
        });
  }

  private static void writeEntries(
      State state, String folder, ZipOutputStream zip, DataOutputStream out) throws IOException {
    for (Map.Entry<String, Object> entry : state.entries().entrySet()) {
      String path = folder + entry.getKey();
      if (entry.getValue() instanceof State child) {
        zip.putNextEntry(new ZipEntry(path + ".state"));
        writeEntries(child, path + "/", zip, out);
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
   * @param file written by {@link #write}
   * @return the state
   * @throws IOException if the file is absent, damaged, foreign or of a newer format; the message
   *     says which
   */
  public static State read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString(), null, "no such state file");
    }
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
      Entries in = new Entries(zip, Files.size(file));
      ZipEntry first = zip.getNextEntry();
      if (first == null || !first.getName().equals(MARK)) {
        throw new IOException("file " + file + " is not a state written by this library");
      }
      int format = in.readInt();
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
      return readEntries(file, zip, in);
    } catch (ZipException | EOFException | RuntimeException e) {
      // Names of entries have no checksum: damaged ones lead to all kinds of nonsense.
      throw new IOException("state file " + file + " is damaged or cut short", e);
    }
  }

  /** The numbers of entries; arrays longer than the whole file can hold are never allocated. */
  private static final class Entries extends DataInputStream {

    /** How many bytes a byte of a zip can stand for at most, roughly. */
    private static final int EXPANSION = 1_100;

    private final long limit;

    Entries(InputStream in, long fileBytes) {
      super(in);
      limit = EXPANSION * fileBytes;
    }

    /** The length of an array that follows. */
    int readCount(int bytesEach) throws IOException {
      int count = readInt();
      if (count < 0 || (long) count * bytesEach > limit) {
        throw new ZipException("an array of " + count + " numbers");
      }
      return count;
    }
  }

  private static State readEntries(Path file, ZipInputStream zip, Entries in) throws IOException {
    Map<String, State.Builder> states = new LinkedHashMap<>();
    states.put("", State.builder());
    for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      String name = entry.getName();
      if (name.equals(MARK + "-end")) {
        return assemble(states);
      }
      int dot = name.lastIndexOf('.');
      if (dot < 0) {
        throw new ZipException("entry " + name + " has no type");
      }
      String path = name.substring(0, dot);
      int slash = path.lastIndexOf('/');
      State.Builder parent = states.get(slash < 0 ? "" : path.substring(0, slash));
      if (parent == null) {
        throw new IOException("state file " + file + " is damaged at entry " + name);
      }
      readValue(name.substring(dot + 1), path, path.substring(slash + 1), parent, states, in);
    }
    throw new IOException("state file " + file + " is cut short");
  }

  private static void readValue(
      String type,
      String path,
      String key,
      State.Builder parent,
      Map<String, State.Builder> states,
      Entries in)
      throws IOException {
    switch (type) {
      case "state" -> states.put(path, State.builder());
      case "long" -> parent.put(key, in.readLong());
      case "double" -> parent.put(key, in.readDouble());
      case "text" -> parent.put(key, new String(in.readAllBytes(), StandardCharsets.UTF_8));
      case "floats" -> parent.put(key, readFloats(in));
      case "rows" -> {
        float[][] rows = new float[in.readCount(Float.BYTES)][];
        for (int i = 0; i < rows.length; i++) {
          rows[i] = readFloats(in);
        }
        parent.putRows(key, rows);
      }
      case "doubles" -> {
        double[] numbers = new double[in.readCount(Double.BYTES)];
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = in.readDouble();
        }
        parent.put(key, numbers);
      }
      case "longs" -> {
        long[] numbers = new long[in.readCount(Long.BYTES)];
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = in.readLong();
        }
        parent.put(key, numbers);
      }
      case "bytes" -> parent.put(key, in.readAllBytes());
      default -> throw new ZipException("entry " + path + " has unknown type " + type);
    }
  }

  private static float[] readFloats(Entries in) throws IOException {
    float[] numbers = new float[in.readCount(Float.BYTES)];
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK * Float.BYTES);
    for (int i = 0; i < numbers.length; i += CHUNK) {
      int count = Math.min(CHUNK, numbers.length - i);
      in.readFully(chunk.array(), 0, count * Float.BYTES);
      chunk.asFloatBuffer().get(numbers, i, count);
    }
    return numbers;
  }

  /** Puts children into parents, the deepest first. */
  private static State assemble(Map<String, State.Builder> states) {
    List<String> paths = new ArrayList<>(states.keySet());
    for (int i = paths.size() - 1; i > 0; i--) {
      String path = paths.get(i);
      int slash = path.lastIndexOf('/');
      states
          .get(slash < 0 ? "" : path.substring(0, slash))
          .put(path.substring(slash + 1), states.get(path).build());
    }
    return states.get("").build();
  }
}
