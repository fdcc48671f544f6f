package org.udge;

import static org.udge.internal.Preconditions.checkArgument;

import com.google.common.io.CountingInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import org.bytedeco.javacpp.indexer.Bfloat16Indexer;
import org.bytedeco.javacpp.indexer.HalfIndexer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.options.ArrayOptionsHelper;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.internal.Texts;

/**
 * Reads the parameter vector in ND4J's array format: two buffers, of which the first describes
 * shape and order and the second holds the numbers. Each starts with its allocation mode, length
 * and type.
 *
 * <p>The array is allocated according to the network, not according to the file; the file's own
 * description is checked against the network, and against the number of bytes present, before any
 * memory is allocated.
 */
final class ParameterReader {

  /** Older versions of ND4J wrote 4-byte lengths together with these modes. */
  private static final Set<String> SHORT_LENGTH = Set.of("DIRECT", "HEAP", "JAVACPP");

  private static final Set<String> LONG_LENGTH = Set.of("LONG_SHAPE", "MIXED_DATA_TYPES");

  private static final int CHUNK = 1 << 13;

  private final CountingInputStream counter;
  private final DataInputStream in;
  private final long expected;

  /** The header that precedes a buffer's numbers. */
  private record Header(long length, String type) {}

  private ParameterReader(InputStream in, long expected) {
    this.counter = new CountingInputStream(in);
    this.in = new DataInputStream(counter);
    this.expected = expected;
  }

  /**
   * Reads parameters.
   *
   * @param in the entry's stream, buffered
   * @param bytes the length of the entry
   * @param expected the number of parameters of the network, at least 1
   * @return a row vector
   * @throws IOException if the entry cannot be read
   * @throws IllegalArgumentException if it does not hold that many parameters; the message states
   *     what differs
   */
  static INDArray read(InputStream in, long bytes, long expected) throws IOException {
    return new ParameterReader(in, expected).read(bytes);
  }

  private INDArray read(long bytes) throws IOException {
    DataType described = readShape();
    Header header = readHeader();
    checkArgument(
        header.length == expected,
        "it holds %s numbers, expected the network's %s parameters",
        header.length,
        expected);
    DataType type = type(header.type);
    checkArgument(
        described == DataType.UNKNOWN || described == type,
        "its numbers are of type %s, but its description says %s",
        type,
        described);
    long needed = counter.getCount() + Math.multiplyExact(expected, (long) type.width());
    checkArgument(
        bytes == needed,
        "it has %s bytes, expected %s for %s parameters of type %s",
        bytes,
        needed,
        expected,
        type);
    INDArray parameters = Nd4j.createUninitialized(type, 1, expected);
    copy(type, parameters.data());
    return parameters;
  }

  /** Reads the description of a row vector; anything else is refused. */
  private DataType readShape() throws IOException {
    Header header = readHeader();
    checkArgument(
        header.length == 6 || header.length == 8,
        "its shape has %s numbers, expected those of a row vector",
        header.length);
    checkArgument(
        header.type.equals("LONG") || header.type.equals("INT"),
        "its shape is of type %s, expected LONG or INT",
        Texts.shorten(header.type));
    long[] shape = new long[(int) header.length];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = header.type.equals("LONG") ? in.readLong() : in.readInt();
    }
    int rank = shape.length / 2 - 2;
    long order = shape[shape.length - 1];
    checkArgument(
        shape[0] == rank
            && (rank == 1 || shape[1] == 1)
            && shape[rank] == expected
            && (shape[2 * rank] == 1 || expected == 1)
            && (order == 'c' || order == 'f'),
        "its shape is %s, expected a row vector of the network's %s parameters without gaps",
        Arrays.toString(shape),
        expected);
    long options = shape[shape.length - 3];
    return options == 0 || header.type.equals("INT")
        ? DataType.UNKNOWN
        : ArrayOptionsHelper.dataType(options);
  }

  private Header readHeader() throws IOException {
    String allocation = in.readUTF();
    boolean shortLength = SHORT_LENGTH.contains(allocation);
    checkArgument(
        shortLength || LONG_LENGTH.contains(allocation),
        "it is allocated as '%s', unknown here",
        Texts.shorten(allocation));
    return new Header(shortLength ? in.readInt() : in.readLong(), in.readUTF());
  }

  private static DataType type(String name) {
    return switch (name) {
      case "FLOAT" -> DataType.FLOAT;
      case "DOUBLE" -> DataType.DOUBLE;
      case "HALF", "FLOAT16" -> DataType.FLOAT16;
      case "BFLOAT16" -> DataType.BFLOAT16;
      default ->
          throw new IllegalArgumentException(
              "its numbers are of type "
                  + Texts.shorten(name)
                  + ", expected FLOAT, DOUBLE, HALF or BFLOAT16");
    };
  }

  private void copy(DataType type, DataBuffer target) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK * type.width());
    for (long done = 0; done < expected; done += CHUNK) {
      int count = (int) Math.min(CHUNK, expected - done);
      in.readFully(chunk.array(), 0, count * type.width());
      for (int i = 0; i < count; i++) {
        switch (type) {
          case FLOAT -> target.put(done + i, chunk.getFloat(i * Float.BYTES));
          case DOUBLE -> target.put(done + i, chunk.getDouble(i * Double.BYTES));
          case BFLOAT16 -> target.put(done + i, Bfloat16Indexer.toFloat(bits(chunk, i)));
          default -> target.put(done + i, HalfIndexer.toFloat(bits(chunk, i)));
        }
      }
    }
  }

  private static int bits(ByteBuffer chunk, int index) {
    return Short.toUnsignedInt(chunk.getShort(index * Short.BYTES));
  }
}
