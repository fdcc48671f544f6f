package org.udge.examples.score;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.DatasetCatalog;
import org.udge.datasets.DatasetName;
import org.udge.datasets.ImageFiles;
import org.udge.datasets.RecordFormat;
import org.udge.datasets.Split;
import org.udge.interop.ElementType;
import org.udge.interop.NpyFile;

/** Images read in pieces, so that files larger than memory can be scored. */
interface ImageStream extends AutoCloseable {

  ImageShape shape();

  long size();

  /** The name of an image in tables: its file, or its index. */
  String name(long index);

  /** Copies consecutive images, pixels in [-1, 1] in the order channel, row, column. */
  void read(long first, int count, float[] target) throws IOException;

  @Override
  default void close() throws IOException {}

  /**
   * Opens a .npy file, a file of raw records, an image file, a folder or zip of these, or a data
   * set by its name.
   *
   * @param shape the model's image shape, to which image files and data sets are resized
   * @param root the folder of data sets
   */
  static ImageStream open(Path path, ImageShape shape, Optional<Path> root) throws IOException {
    Optional<DatasetName> name =
        Files.exists(path) ? Optional.empty() : DatasetName.parse(path.toString());
    if (name.isPresent()) {
      DatasetCatalog catalog = root.map(DatasetCatalog::at).orElseGet(DatasetCatalog::builtIn);
      return new Source(
          catalog.open(name.get().set(), name.get().split().orElse(Split.TEST), shape));
    }
    if (path.toString().endsWith(".npy")) {
      return new Npy(path, NpyFile.open(path));
    }
    boolean collection = path.toString().toLowerCase(Locale.ROOT).matches(".*\\.(zip|npz|mat)");
    if (Files.isRegularFile(path) && !ImageFiles.isImage(path) && !collection) {
      return new Records(path, DatasetCatalog.formatOf(path));
    }
    ImageSource source = DatasetCatalog.open(path, shape);
    return new Source(source);
  }

  /** A NumPy array: uint8 [N, C, H, W] or [N, H, W, C], or float [N, C, H, W] in [-1, 1]. */
  final class Npy implements ImageStream {

    /** Noise may exceed [-1, 1]; values like these are bytes stored as numbers. */
    private static final float LARGEST = 16;

    private final Path path;
    private final NpyFile file;
    private final boolean bytes;
    private final boolean channelsLast;
    private final ImageShape shape;

    Npy(Path path, NpyFile file) throws IOException {
      this.path = path;
      this.file = file;
      long[] sizes = file.shape();
      bytes = file.type() == ElementType.UINT8;
      if (sizes.length != 4
          || Arrays.stream(sizes).skip(1).anyMatch(size -> size < 1)
          || !(bytes || file.type().isFloatingPoint())) {
        file.close();
        throw new IOException(
            path
                + " holds "
                + file.type()
                + " "
                + Arrays.toString(sizes)
                + ", expected images: uint8 [N, C, H, W] or [N, H, W, C], or float [N, C, H, W] in"
                + " [-1, 1]");
      }
      channelsLast = bytes && !isColor(sizes[1]) && isColor(sizes[3]);
      int first = (int) sizes[1];
      int second = (int) sizes[2];
      int third = (int) sizes[3];
      shape =
          channelsLast
              ? new ImageShape(third, first, second)
              : new ImageShape(first, second, third);
    }

    private static boolean isColor(long channels) {
      return channels == 1 || channels == 3;
    }

    @Override
    public ImageShape shape() {
      return shape;
    }

    @Override
    public long size() {
      return file.rows();
    }

    @Override
    public String name(long index) {
      return Long.toString(index);
    }

    @Override
    public void read(long first, int count, float[] target) throws IOException {
      file.readRows(first, count, target, 0);
      for (int i = 0; i < count; i++) {
        if (bytes) {
          decode(target, i * shape.size());
        } else {
          check(target, first + i, i * shape.size());
        }
      }
    }

    private void decode(float[] target, int offset) {
      float[] row = Arrays.copyOfRange(target, offset, offset + shape.size());
      int plane = shape.height() * shape.width();
      for (int k = 0; k < row.length; k++) {
        int at = channelsLast ? k % shape.channels() * plane + k / shape.channels() : k;
        target[offset + at] = (float) (row[k] / 127.5 - 1);
      }
    }

    private void check(float[] target, long image, int offset) throws IOException {
      for (int k = offset; k < offset + shape.size(); k++) {
        if (!(Math.abs(target[k]) <= LARGEST)) {
          throw new IOException(
              path
                  + ": image "
                  + image
                  + " has a value of "
                  + target[k]
                  + ", expected pixels in [-1, 1]: store 0 to 255 as uint8, or scale by x / 127.5"
                  + " - 1");
        }
      }
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  /** CIFAR records, or raw ones of 3,072 bytes. */
  final class Records implements ImageStream {

    private final Path path;
    private final RecordFormat format;
    private final FileChannel channel;
    private final long size;

    Records(Path path, RecordFormat format) throws IOException {
      this.path = path;
      this.format = format;
      this.channel = FileChannel.open(path);
      this.size = channel.size() / format.recordSize();
    }

    @Override
    public ImageShape shape() {
      return ImageShape.CIFAR;
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public String name(long index) {
      return Long.toString(index);
    }

    @Override
    public void read(long first, int count, float[] target) throws IOException {
      int record = format.recordSize();
      ByteBuffer bytes = ByteBuffer.allocate(count * record);
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, first * record + bytes.position()) < 0) {
          throw new IOException(path + " became shorter while it was read");
        }
      }
      int pixels = shape().size();
      for (int i = 0; i < count; i++) {
        int start = (i + 1) * record - pixels;
        for (int k = 0; k < pixels; k++) {
          target[i * pixels + k] = (float) ((bytes.get(start + k) & 0xff) / 127.5 - 1);
        }
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** Image files, decoded when read. */
  record Source(ImageSource source) implements ImageStream {

    @Override
    public ImageShape shape() {
      return source.shape();
    }

    @Override
    public long size() {
      return source.size();
    }

    @Override
    public String name(long index) {
      return source instanceof ImageFiles files ? files.file((int) index) : Long.toString(index);
    }

    @Override
    public void read(long first, int count, float[] target) {
      IntStream.range(0, count)
          .parallel()
          .forEach(i -> source.read((int) first + i, target, i * shape().size()));
    }
  }
}
