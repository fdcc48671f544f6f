package org.udge.datasets;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Images of raw records that stay on disk; an image is read from its file on demand. The labels are
 * in memory, 4 bytes per image.
 *
 * <p>Reading from a file that no longer exists or has become shorter throws an {@link
 * UncheckedIOException} that names it. Immutable and thread-safe. Files stay open until this object
 * is garbage collected.
 */
public final class RecordFiles extends IndexedImages {

  private static final int CHUNK_BYTES = 1 << 20;

  private final RecordLayout layout;
  private final List<Path> files;
  private final int[] starts;
  private final FileChannel[] channels;

  private RecordFiles(
      String name,
      RecordLayout layout,
      List<String> classNames,
      List<Path> files,
      int[] starts,
      FileChannel[] channels,
      int... labels) {
    super(name, layout.shape(), classNames, labels);
    this.layout = layout;
    this.files = files;
    this.starts = starts;
    this.channels = channels;
  }

  static RecordFiles open(String name, RecordLayout layout, List<Path> files) throws IOException {
    checkArgument(!files.isEmpty(), "there must be at least one file of records");
    int[] starts = new int[files.size()];
    long total = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = (int) total;
      total += layout.checkedSize(files.get(i)) / layout.recordSize();
      checkArgument(total <= Integer.MAX_VALUE - 8, "%s has more than 2^31 images", name);
    }
    FileChannel[] channels = new FileChannel[starts.length];
    for (int i = 0; i < starts.length; i++) {
      channels[i] = FileChannel.open(files.get(i));
    }
    int[] labels = Labels.none((int) total);
    RecordFiles images =
        new RecordFiles(
            name, layout, layout.classNames(), List.copyOf(files), starts, channels, labels);
    if (layout.labelBytes() > 0) {
      images.readLabels(labels);
    }
    return images;
  }

  private void readLabels(int... labels) throws IOException {
    int inChunk = Math.max(1, CHUNK_BYTES / layout.recordSize());
    byte[] chunk = new byte[inChunk * layout.recordSize()];
    for (int part = 0; part < starts.length; part++) {
      int end = part + 1 < starts.length ? starts[part + 1] : labels.length;
      for (int first = starts[part]; first < end; first += inChunk) {
        int count = Math.min(inChunk, end - first);
        readRecords(part, first - starts[part], count, chunk);
        for (int i = 0; i < count; i++) {
          byte value = chunk[i * layout.recordSize() + layout.labelPosition()];
          labels[first + i] = layout.label(files.get(part), first - starts[part] + i, value);
        }
      }
    }
  }

  /** The same images with other labels, which are not copied. */
  RecordFiles withLabels(List<String> classNames, int... labels) {
    return new RecordFiles(name(), layout, classNames, files, starts, channels, labels);
  }

  RecordLayout layout() {
    return layout;
  }

  /** Reads consecutive complete records from one file or several. */
  void readRecords(int first, int count, byte[] target) {
    try {
      int done = 0;
      byte[] piece = target;
      while (done < count) {
        int part = partOf(first + done);
        int end = part + 1 < starts.length ? starts[part + 1] : size();
        int now = Math.min(count - done, end - first - done);
        if (done > 0 || now < count) {
          piece = new byte[now * layout.recordSize()];
        }
        readRecords(part, first + done - starts[part], now, piece);
        if (piece != target) {
          System.arraycopy(piece, 0, target, done * layout.recordSize(), piece.length);
        }
        done += now;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private void readRecords(int part, long first, int count, byte[] target) throws IOException {
    int size = layout.recordSize();
    ByteBuffer buffer = ByteBuffer.wrap(target, 0, count * size);
    readFully(part, first * size, buffer);
  }

  private void readFully(int part, long position, ByteBuffer buffer) throws IOException {
    long at = position;
    try {
      while (buffer.hasRemaining()) {
        int read = channel(part).read(buffer, at);
        if (read < 0) {
          throw new IOException("it became shorter: it ends at byte " + at);
        }
        at += read;
      }
    } catch (IOException e) {
      String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new IOException("cannot read " + files.get(part) + ": " + message, e);
    }
  }

  /** A thread that is interrupted while it reads closes the channel for all threads. */
  private FileChannel channel(int part) throws IOException {
    synchronized (channels) {
      if (!channels[part].isOpen()) {
        channels[part] = FileChannel.open(files.get(part));
      }
      return channels[part];
    }
  }

  private int partOf(int index) {
    int found = Arrays.binarySearch(starts, index);
    return found >= 0 ? found : -found - 2;
  }

  @Override
  void copy(int index, float[] target, int offset) {
    int part = partOf(index);
    byte[] pixels = new byte[shape().size()];
    long position = (long) (index - starts[part]) * layout.recordSize() + layout.labelBytes();
    try {
      readFully(part, position, ByteBuffer.wrap(pixels));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
    ByteImages.toFloats(pixels, 0, pixels.length, target, offset);
  }
}
