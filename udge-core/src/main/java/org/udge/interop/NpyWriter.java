package org.udge.interop;

import static org.udge.internal.Preconditions.checkArgument;
import static org.udge.internal.Preconditions.checkState;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.udge.state.AtomicFiles;
import org.udge.state.PendingFile;

/**
 * Writes a NumPy array row by row, in constant memory.
 *
 * <p>Rows are written to a temporary file in the same folder. {@link #commit()} moves it into
 * place, replacing any file of that name; a writer that is closed without a commit leaves nothing
 * behind.
 *
 * <pre>{@code
 * try (NpyWriter file = NpyWriter.create(folder.resolve("y.npy"), ElementType.FLOAT32, 10)) {
 *   file.append(new float[10]); // one row; appended rows may be many
 *   file.commit();
 * }
 * }</pre>
 *
 * <p>Not thread-safe.
 */
public final class NpyWriter implements AutoCloseable {

  private static final int CHUNK_BYTES = 1 << 16;

  private final Path file;
  private final PendingFile pending;
  private final FileChannel channel;
  private final ElementType type;
  private final long[] rowShape;
  private final int rowSize;
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private long elements;

  private NpyWriter(Path file, ElementType type, long[] rowShape) throws IOException {
    this.file = file;
    this.type = type;
    this.rowShape = rowShape;
    this.rowSize = Math.toIntExact(Arrays.stream(rowShape).reduce(1, Math::multiplyExact));
    this.pending = AtomicFiles.begin(file);
    this.channel = FileChannel.open(pending.path(), StandardOpenOption.WRITE);
    chunk.put(NpyHeader.write(type, shape()));
  }

  /**
   * Creates an array file.
   *
   * @param file the file to write; missing folders are created
   * @param type the element type: FLOAT32, FLOAT64 or, for integers up to 2^53, INT64
   * @param rowShape the shape of one row: at most 6 sizes, each at least 1; none if rows are
   *     scalars
   * @return the writer; close it after use
   * @throws IllegalArgumentException if the type or the shape is not one of those
   * @throws IOException if no file can be created in that folder
   */
  public static NpyWriter create(Path file, ElementType type, long... rowShape) throws IOException {
    checkArgument(
        type == ElementType.FLOAT32 || type == ElementType.FLOAT64 || type == ElementType.INT64,
        "element type must be FLOAT32, FLOAT64 or INT64, was %s",
        type);
    checkArgument(
        rowShape.length <= 6 && Arrays.stream(rowShape).allMatch(size -> size > 0),
        "row shape must have at most 6 sizes, each at least 1, was %s",
        Arrays.toString(rowShape));
    return new NpyWriter(file, type, rowShape.clone());
  }

  /**
   * Appends rows.
   *
   * @param rows one or more complete rows, one after the other, each row-major; converted to the
   *     element type like a Java cast
   * @throws IllegalArgumentException if the last row is incomplete
   * @throws IOException if they cannot be written
   */
  public void append(float... rows) throws IOException {
    checkWholeRows(rows.length);
    for (float value : rows) {
      put(value);
    }
  }

  /**
   * Appends rows.
   *
   * @param rows one or more complete rows, one after the other, each row-major; converted to the
   *     element type like a Java cast
   * @throws IllegalArgumentException if the last row is incomplete
   * @throws IOException if they cannot be written
   */
  public void append(double... rows) throws IOException {
    checkWholeRows(rows.length);
    for (double value : rows) {
      put(value);
    }
  }

  private void checkWholeRows(int length) {
    checkArgument(
        length % rowSize == 0,
        "rows of %s have %s elements: %s elements are not whole rows",
        file,
        rowSize,
        length);
    checkState(channel.isOpen(), "%s is finished", file);
  }

  private void put(double value) throws IOException {
    room();
    switch (type) {
      case FLOAT64 -> chunk.putDouble(value);
      case FLOAT32 -> chunk.putFloat((float) value);
      default -> chunk.putLong((long) value);
    }
    elements++;
  }

  private void room() throws IOException {
    if (chunk.remaining() < type.bytes()) {
      flush();
    }
  }

  private void flush() throws IOException {
    chunk.flip();
    try {
      while (chunk.hasRemaining()) {
        channel.write(chunk);
      }
    } catch (IOException e) {
      throw pending.failure(e);
    }
    chunk.clear();
  }

  private long[] shape() {
    return LongStream.concat(LongStream.of(elements / rowSize), Arrays.stream(rowShape)).toArray();
  }

  /**
   * Moves the finished array into place. Nothing can be appended afterwards.
   *
   * @throws IOException if it cannot be written
   * @throws IllegalStateException if called twice
   */
  public void commit() throws IOException {
    checkState(channel.isOpen(), "%s is finished", file);
    flush();
    chunk.put(NpyHeader.write(type, shape()));
    channel.position(0);
    flush();
    channel.close();
    pending.commit();
  }

  /**
   * Ends writing; deletes the content if it has not been committed. Closing again has no effect.
   */
  @Override
  public void close() throws IOException {
    channel.close();
    pending.close();
  }
}
