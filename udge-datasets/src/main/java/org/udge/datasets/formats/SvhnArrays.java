package org.udge.datasets.formats;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import us.hebi.matlab.mat.format.BufferAllocator;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.format.Mat5Reader.EntryHeader;
import us.hebi.matlab.mat.types.MatFile;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Source;
import us.hebi.matlab.mat.types.Sources;

/**
 * The cropped digits of SVHN from a MATLAB 5 file: {@code X}, uint8 [32, 32, 3, N] in column-major
 * order (row, column, channel, image), and {@code y}, uint8 [N, 1] from 1 to 10, where 10 is digit
 * 0.
 *
 * <p>Source: <a href="http://ufldl.stanford.edu/housenumbers/">Netzer et al. 2011, the Street View
 * House Numbers dataset</a>, "format 2".
 *
 * @param pixels N x 3072 bytes in the order channel, row, column
 * @param labels the N digits, 0 to 9
 */
public record SvhnArrays(byte[] pixels, int[] labels) {

  private static final int SIDE = 32;
  private static final int CHANNELS = 3;
  private static final int IMAGE = CHANNELS * SIDE * SIDE;

  /** The maximum expansion of a byte by Deflate. */
  private static final long LARGEST_RATIO = 1032;

  /** The maximum size of the variables' names, flags and dimensions. */
  private static final int SMALL = 1 << 16;

  /**
   * Reads a file. This needs twice the memory of the images during reading, and once afterwards.
   *
   * @param file a file like train_32x32.mat
   * @return its images and labels
   * @throws IOException if the file cannot be read, is not a MATLAB 5 file, has no such variables,
   *     or contains a label out of range; the message names it
   */
  public static SvhnArrays read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString(), null, "expected a MATLAB file of SVHN");
    }
    try {
      MatHeaders.check(file);
      return read(file, Files.size(file));
    } catch (IOException | RuntimeException | AssertionError e) {
      throw new IOException(
          "cannot read the MATLAB file " + file + ": " + ImageDecoder.messageOf(e), e);
    } catch (OutOfMemoryError e) {
      throw new IOException(
          "cannot read the MATLAB file " + file + ": there is not enough memory, raise -Xmx", e);
    }
  }

  private static SvhnArrays read(Path file, long fileSize) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        Source source = Sources.wrapInputStream(in, 1 << 16);
        MatFile variables =
            Mat5.newReader(source)
                .disableSubsystemProcessing()
                .setMaxInflateBufferSize(1 << 16)
                .setBufferAllocator(new LimitedAllocator(fileSize))
                .setEntryFilter(SvhnArrays::isWanted)
                .readMat()) {
      Matrix images = variable(variables, "X");
      Matrix labels = variable(variables, "y");
      int count = images.getDimensions()[3];
      if (labels.getNumElements() != count) {
        throw new IOException(
            "X holds " + count + " images, y " + labels.getNumElements() + " labels");
      }
      return new SvhnArrays(pixels(images, count), digits(labels, count));
    }
  }

  /** Refuses the required variables if they have another type or shape, before they are read. */
  private static boolean isWanted(EntryHeader entry) {
    int[] sizes = entry.getDimensions();
    boolean isX = entry.getName().equals("X");
    if (!isX && !entry.getName().equals("y")) {
      return false;
    }
    boolean fits =
        isX
            ? sizes.length == 4 && sizes[0] == SIDE && sizes[1] == SIDE && sizes[2] == CHANNELS
            : sizes.length == 2 && Math.min(sizes[0], sizes[1]) == 1;
    long elements = Arrays.stream(sizes).asLongStream().reduce(1, (a, b) -> a * b);
    if (!fits || entry.getType() != MatlabType.UInt8 || entry.isComplex() || elements < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "its variable %s is %s %s, expected uint8 %s",
              entry.getName(),
              entry.getType(),
              Arrays.toString(sizes),
              isX ? "[32, 32, 3, N]" : "[N, 1]"));
    }
    if (elements > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException("its variable X has more than 2^31 values");
    }
    return true;
  }

  private static Matrix variable(MatFile variables, String name) throws IOException {
    for (MatFile.Entry entry : variables.getEntries()) {
      if (entry.getName().equals(name) && entry.getValue() instanceof Matrix matrix) {
        return matrix;
      }
    }
    throw new IOException("it has no variable " + name + ", expected X and y");
  }

  /**
   * Reorders from row, column, channel, image, with the row fastest, to image, channel, row,
   * column.
   */
  private static byte[] pixels(Matrix images, int count) {
    byte[] pixels = new byte[count * IMAGE];
    int from = 0;
    for (int plane = 0; plane < count * CHANNELS; plane++) {
      int to = plane * SIDE * SIDE;
      for (int column = 0; column < SIDE; column++) {
        for (int row = 0; row < SIDE; row++) {
          pixels[to + row * SIDE + column] = images.getByte(from++);
        }
      }
    }
    return pixels;
  }

  private static int[] digits(Matrix labels, int count) throws IOException {
    int[] digits = new int[count];
    for (int i = 0; i < count; i++) {
      int label = labels.getByte(i) & 0xff;
      if (label < 1 || label > 10) {
        throw new IOException(
            String.format(
                Locale.ROOT, "its label %,d is %d, expected 1 to 10 (10 is digit 0)", i, label));
      }
      digits[i] = label % 10;
    }
    return digits;
  }

  /** Allocates no more memory than a file of this size can fill. */
  private record LimitedAllocator(long fileSize) implements BufferAllocator {

    @Override
    public ByteBuffer allocate(int bytes) {
      if (bytes < 0 || bytes > Math.max(SMALL, fileSize * LARGEST_RATIO)) {
        throw new IllegalArgumentException(
            "a variable claims "
                + Integer.toUnsignedString(bytes)
                + " bytes, more than a file of "
                + fileSize
                + " can hold");
      }
      return ByteBuffer.allocate(bytes);
    }

    @Override
    public void release(ByteBuffer buffer) {
      // Left to the garbage collector.
    }
  }
}
