package org.udge.interop;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.udge.internal.Texts;

/**
 * The header of an npy file, as specified by NumPy's {@code numpy.lib.format}.
 *
 * @param type the type of the elements
 * @param order their byte order
 * @param fortranOrder whether the first index varies fastest in the file
 * @param shape sizes
 * @param bytes the length of the header, at whose end the elements start
 */
record NpyHeader(
    ElementType type, ByteOrder order, boolean fortranOrder, long[] shape, long bytes) {

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  private static final Map<String, ElementType> TYPES =
      Map.of(
          "f8", ElementType.FLOAT64,
          "f4", ElementType.FLOAT32,
          "f2", ElementType.FLOAT16,
          "i8", ElementType.INT64,
          "i4", ElementType.INT32,
          "i2", ElementType.INT16,
          "i1", ElementType.INT8,
          "u1", ElementType.UINT8,
          "b1", ElementType.BOOL);

  /** NumPy's own limit. Longer headers belong to records of many named fields. */
  private static final int MAX_TEXT = 10_000;

  /** NumPy's own limit. */
  private static final int MAX_RANK = 64;

  /**
   * Sufficient for any shape, so that the number of rows can be filled in last without moving
   * anything.
   */
  private static final int WRITTEN_BYTES = 192;

  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*('[^']*'|\\[.*?\\])\\s*,");
  private static final Pattern ORDER =
      Pattern.compile("'fortran_order'\\s*:\\s*(True|False)\\s*[,}]");
  private static final Pattern SHAPE = Pattern.compile("'shape'\\s*:\\s*\\(([\\d\\s,]*)\\)");

  /** Reads a header; messages do not name the file. */
  static NpyHeader read(InputStream in) throws IOException {
    byte[] start = in.readNBytes(8);
    if (start.length < 8 || !Arrays.equals(start, 0, 6, MAGIC, 0, 6)) {
      throw new IOException(
          "it is not a NumPy array: its first bytes are not those of an npy file");
    }
    int version = start[6];
    if (version < 1 || version > 3) {
      throw new IOException(
          "it is of version " + version + " of the npy format, expected 1, 2 or 3");
    }
    int lengthBytes = version == 1 ? 2 : 4;
    int length = littleEndian(readFully(in, lengthBytes));
    if (length < 0 || length > MAX_TEXT) {
      throw new IOException("its header claims " + length + " bytes, expected at most " + MAX_TEXT);
    }
    String text = new String(readFully(in, length), StandardCharsets.UTF_8);
    return parse(text, 8 + lengthBytes + length);
  }

  private static NpyHeader parse(String text, long bytes) throws IOException {
    String descr = find(DESCR, text).replace("'", "");
    boolean fortranOrder = find(ORDER, text).equals("True");
    long[] shape = parseShape(find(SHAPE, text));
    ElementType type = descr.length() == 3 ? TYPES.get(descr.substring(1)) : null;
    if (type == null || "<>|=".indexOf(descr.charAt(0)) < 0) {
      String known = TYPES.keySet().stream().sorted().collect(Collectors.joining(", "));
      throw new IOException(
          "its elements are of the type " + Texts.shorten(descr) + ", expected one of " + known);
    }
    ByteOrder order = descr.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    return new NpyHeader(type, order, fortranOrder, shape, bytes);
  }

  private static String find(Pattern pattern, String text) throws IOException {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IOException(
          "its header is not that of an npy file: " + Texts.shorten(text.strip()));
    }
    return matcher.group(1);
  }

  private static long[] parseShape(String sizes) throws IOException {
    try {
      long[] shape =
          Arrays.stream(sizes.split(","))
              .map(String::strip)
              .filter(size -> !size.isEmpty())
              .mapToLong(Long::parseLong)
              .toArray();
      if (shape.length > MAX_RANK) {
        throw new IOException(
            "it has " + shape.length + " dimensions, expected at most " + MAX_RANK);
      }
      return shape;
    } catch (NumberFormatException e) {
      throw new IOException(
          "its shape is (" + Texts.shorten(sizes) + "), expected whole numbers", e);
    }
  }

  private static byte[] readFully(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("it is cut short within its header");
    }
    return bytes;
  }

  private static int littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(Arrays.copyOf(bytes, 4)).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }

  /** Returns a version 1 header of constant length: little-endian, row-major. */
  static byte[] write(ElementType type, long... shape) {
    // As Python writes tuples; ND4J's reader accepts a trailing comma for a vector.
    String sizes = Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(", "));
    sizes += shape.length == 1 ? "," : "";
    String text =
        String.format(
            Locale.ROOT,
            "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }",
            descr(type),
            sizes);
    ByteBuffer header = ByteBuffer.allocate(WRITTEN_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    header.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (WRITTEN_BYTES - 10));
    header.put(text.getBytes(StandardCharsets.US_ASCII));
    Arrays.fill(header.array(), header.position(), WRITTEN_BYTES - 1, (byte) ' ');
    header.array()[WRITTEN_BYTES - 1] = '\n';
    return header.array();
  }

  private static String descr(ElementType type) {
    String code =
        TYPES.entrySet().stream()
            .filter(entry -> entry.getValue() == type)
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("NumPy has no elements of " + type));
    return (type.bytes() == 1 ? "|" : "<") + code;
  }
}
