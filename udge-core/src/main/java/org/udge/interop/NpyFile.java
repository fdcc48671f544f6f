package org.udge.interop;

import static com.google.common.base.Preconditions.checkPositionIndexes;
import static org.udge.internal.Preconditions.checkArgument;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * A NumPy array file, open for reading.
 *
 * <p>{@link #read(Path)} returns a whole array. {@link #open(Path)} is for arrays larger than
 * memory: rows, that is, entries along the first dimension, are copied on request, and nothing is
 * cached. Both accept versions 1 to 3 of the format, both byte orders, row-major and column-major
 * order, and elements f2, f4, f8, i1, i2, i4, i8, u1 and b1.
 *
 * <pre>{@code
 * try (NpyFile file = NpyFile.open(folder.resolve("x.npy"))) {
 *   float[] batch = new float[64 * file.rowSize()];
 *   file.readRows(0, 64, batch, 0);
 * }
 * }</pre>
 *
 * <p>Thread-safe: there is no shared read position.
 */
public final class NpyFile implements AutoCloseable {

  private static final int CHUNK_BYTES = 1 << 18;

  private final Path file;
  private final FileChannel channel;
  private final NpyHeader header;
  private final int rowSize;

  private NpyFile(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    // The stream is not closed, because that would close the channel.
    this.header = NpyHeader.read(Channels.newInputStream(channel));
    this.rowSize = checkSize();
  }

  /** Compares the file's length with the one that the header implies. */
  private int checkSize() throws IOException {
    long[] shape = header.shape();
    try {
      long rowSize = Arrays.stream(shape).skip(1).reduce(1, Math::multiplyExact);
      long elements = Math.multiplyExact(rowSize, shape.length == 0 ? 1 : shape[0]);
      long expected =
          Math.addExact(header.bytes(), Math.multiplyExact(elements, header.type().bytes()));
      if (channel.size() != expected) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "it has %d bytes, expected %d for the shape %s of %s",
                channel.size(),
                expected,
                Arrays.toString(shape),
                header.type()));
      }
      return Math.toIntExact(rowSize);
    } catch (ArithmeticException e) {
      throw new IOException("its shape " + Arrays.toString(shape) + " is too large", e);
    }
  }

  /**
   * Parses a whole array from bytes, for example of an entry of an npz file.
   *
   * @param bytes the complete content of an npy file; kept, not copied
   * @param name the name of the array in messages
   * @return the array
   * @throws IOException if the bytes are truncated, of another format, or of elements not listed
   *     above; the message contains the name
   */
  public static Tensor parse(byte[] bytes, String name) throws IOException {
    try {
      NpyHeader header = NpyHeader.read(new ByteArrayInputStream(bytes));
      long size = header.type().bytes();
      for (long dimension : header.shape()) {
        size = Math.multiplyExact(size, dimension);
      }
      if (bytes.length - header.bytes() != size) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "it has %d bytes after its header, expected %d",
                bytes.length - header.bytes(),
                size));
      }
      ByteBuffer elements =
          ByteBuffer.wrap(bytes).slice((int) header.bytes(), (int) size).order(header.order());
      return Tensor.contiguous(header.type(), elements, header.shape(), header.fortranOrder());
    } catch (IOException | ArithmeticException | IllegalArgumentException e) {
      throw new IOException("cannot read the NumPy array " + name + ": " + e.getMessage(), e);
    }
  }

  /**
   * Opens a file and checks its header and length.
   *
   * @param file an npy file
   * @return the open file; close it after use
   * @throws IOException if there is no such file, or it is truncated, of another format, or of
   *     elements not listed above; the message names the file and what was expected
   */
  public static NpyFile open(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString(), null, "no such file");
    }
    FileChannel channel = FileChannel.open(file);
    try {
      return new NpyFile(file, channel);
    } catch (IOException e) {
      channel.close();
      throw new IOException("cannot read the NumPy array " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads a whole array.
   *
   * @param file an npy file of less than 2 GiB
   * @return the array
   * @throws IOException as {@link #open(Path)}, or if the array is too large
   */
  public static Tensor read(Path file) throws IOException {
    try (NpyFile array = open(file)) {
      NpyHeader header = array.header;
      long bytes = array.channel.size() - header.bytes();
      if (bytes > Integer.MAX_VALUE - 8) {
        throw new IOException(
            "the NumPy array " + file + " of " + bytes + " bytes is too large to be read at once");
      }
      ByteBuffer data = ByteBuffer.allocate((int) bytes).order(header.order());
      array.readFully(data, header.bytes());
      return Tensor.contiguous(header.type(), data, header.shape(), header.fortranOrder());
    }
  }

  /**
   * Returns the type of the elements in the file.
   *
   * @return the type
   */
  public ElementType type() {
    return header.type();
  }

  /**
   * Returns the shape of the whole array; empty for a scalar.
   *
   * @return a copy of the sizes
   */
  public long[] shape() {
    return header.shape().clone();
  }

  /**
   * Returns the number of rows, which is the size of the first dimension.
   *
   * @return the number of rows; 1 for a scalar
   */
  public long rows() {
    return header.shape().length == 0 ? 1 : header.shape()[0];
  }

  /**
   * Returns the number of elements in a row, which is the product of all dimensions but the first.
   *
   * @return the number of elements, at least 0
   */
  public int rowSize() {
    return rowSize;
  }

  /**
   * Copies rows, each in row-major order, with elements rounded to the nearest float.
   *
   * @param first the first row, 0 to rows
   * @param count the number of rows, at least 0
   * @param target receives count x rowSize elements
   * @param offset the index in the target at which to start
   * @throws IOException if the file cannot be read or has changed
   * @throws IndexOutOfBoundsException if there are no such rows, or the target is too short
   */
  public void readRows(long first, int count, float[] target, int offset) throws IOException {
    checkRows(first, count, target.length, offset);
    readRows(
        first,
        count,
        (chunk, elements, start, stride) -> {
          if (header.type() == ElementType.FLOAT32 && stride == 1) {
            chunk.asFloatBuffer().get(target, offset + start, elements);
            return;
          }
          for (int k = 0; k < elements; k++) {
            target[offset + start + k * stride] = (float) element(chunk, k);
          }
        });
  }

  /**
   * Copies rows, each in row-major order; exact except for i8 beyond 2^53.
   *
   * @param first the first row, 0 to rows
   * @param count the number of rows, at least 0
   * @param target receives count x rowSize elements
   * @param offset the index in the target at which to start
   * @throws IOException if the file cannot be read or has changed
   * @throws IndexOutOfBoundsException if there are no such rows, or the target is too short
   */
  public void readRows(long first, int count, double[] target, int offset) throws IOException {
    checkRows(first, count, target.length, offset);
    readRows(
        first,
        count,
        (chunk, elements, start, stride) -> {
          for (int k = 0; k < elements; k++) {
            target[offset + start + k * stride] = element(chunk, k);
          }
        });
  }

  private double element(ByteBuffer chunk, int index) {
    return header.type().getDouble(chunk, index * header.type().bytes());
  }

  private void checkRows(long first, int count, int targetLength, int offset) {
    if (first < 0 || count < 0 || first > rows() - count) {
      throw new IndexOutOfBoundsException(
          String.format(
              Locale.ROOT, "rows %d to %d of %d in %s", first, first + count, rows(), file));
    }
    long end = offset + (long) count * rowSize;
    checkArgument(end <= Integer.MAX_VALUE, "%s rows of %s elements are too many", count, rowSize);
    checkPositionIndexes(offset, (int) end, targetLength);
  }

  private void readRows(long first, int count, ChunkSink sink) throws IOException {
    if (!header.fortranOrder() || header.shape().length < 2) {
      readRun(first * rowSize, count * rowSize, 0, 1, sink);
      return;
    }
    // Element j of all rows is stored contiguously: read those of the requested rows, one j after
    // the other.
    int[] index = new int[header.shape().length];
    for (int j = 0; j < rowSize; j++) {
      readRun(j * rows() + first, count, rowMajor(index), rowSize, sink);
      advanceColumnMajor(index);
    }
  }

  /** Reads elements that are stored contiguously; element k of them goes to start + k stride. */
  private void readRun(long element, int count, int start, int stride, ChunkSink sink)
      throws IOException {
    int size = header.type().bytes();
    ByteBuffer chunk =
        ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, (long) count * size)).order(header.order());
    for (int done = 0; done < count; ) {
      int now = Math.min(count - done, CHUNK_BYTES / size);
      chunk.clear().limit(now * size);
      readFully(chunk, header.bytes() + (element + done) * size);
      sink.accept(chunk.flip(), now, start + done * stride, stride);
      done += now;
    }
  }

  private int rowMajor(int[] index) {
    int position = 0;
    for (int d = 1; d < index.length; d++) {
      position = position * (int) header.shape()[d] + index[d];
    }
    return position;
  }

  private void advanceColumnMajor(int[] index) {
    for (int d = 1; d < index.length && ++index[d] == header.shape()[d]; d++) {
      index[d] = 0;
    }
  }

  private void readFully(ByteBuffer buffer, long position) throws IOException {
    long start = position;
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, start);
      if (read < 0) {
        throw new IOException(file + " became shorter while it was read: it ends at byte " + start);
      }
      start += read;
    }
  }

  /** Closes the file. Closing again has no effect. */
  @Override
  public void close() throws IOException {
    channel.close();
  }

  @Override
  public String toString() {
    return "NpyFile[" + file + ", " + header.type() + Arrays.toString(header.shape()) + "]";
  }

  /** Receives some elements, the first of which goes to start, the next to start + stride, ... */
  private interface ChunkSink {
    void accept(ByteBuffer chunk, int elements, int start, int stride);
  }
}
