package org.udge.datasets;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.interop.ElementType;
import org.udge.interop.NpyFile;

/**
 * Images from NumPy array files, read into memory.
 *
 * <ul>
 *   <li>uint8, [N, C, H, W] or [N, H, W, C]: a byte u reads as u / 127.5 - 1. Channels come first
 *       if the second size is 1 or 3, else last.
 *   <li>float16, float32 or float64, [N, C, H, W]: values as they are, which should be in [-1, 1].
 * </ul>
 */
public final class NpyImages {

  private static final String EXPECTED =
      "expected uint8 [N, C, H, W] or [N, H, W, C], or float [N, C, H, W] in [-1, 1], with C = 1"
          + " or 3 for uint8";

  private NpyImages() {}

  /**
   * Reads images without labels.
   *
   * @param file an npy file as described above
   * @return the images, named after the file
   * @throws IOException if the file cannot be read, is no npy file, has another shape or type, or
   *     holds floating-point values that are not finite or look like 0 to 255
   */
  public static ImageSource read(Path file) throws IOException {
    return read(file, List.of());
  }

  /**
   * Reads images and their labels.
   *
   * @param images an npy file as described above
   * @param labels an npy file of N whole numbers from 0 to the number of classes - 1, or -1 for
   *     "not known"
   * @param classNames names of the classes, at least one
   * @return the images, named after their file
   * @throws IOException as {@link #read(Path)}, or if labels are not whole numbers, not as many as
   *     images, or out of range
   */
  public static ImageSource read(Path images, Path labels, List<String> classNames)
      throws IOException {
    int[] values;
    try (NpyFile file = NpyFile.open(labels)) {
      if (file.type().isFloatingPoint() || file.shape().length != 1) {
        throw new IOException(
            String.format(
                "%s holds %s %s, expected labels: whole numbers [N]",
                labels, file.type(), Arrays.toString(file.shape())));
      }
      double[] numbers = new double[Math.toIntExact(file.rows())];
      file.readRows(0, numbers.length, numbers, 0);
      values = Arrays.stream(numbers).mapToInt(number -> (int) number).toArray();
    }
    try {
      Labels.check(values, classNames.size());
      return read(images, classNames, values);
    } catch (IllegalArgumentException e) {
      throw new IOException(labels + " does not fit " + images + ": " + e.getMessage(), e);
    }
  }

  private static ImageSource read(Path path, List<String> classNames, int... labels)
      throws IOException {
    try (NpyFile file = NpyFile.open(path)) {
      long[] shape = file.shape();
      boolean bytes = file.type() == ElementType.UINT8;
      if (shape.length != 4 || Arrays.stream(shape).skip(1).anyMatch(size -> size < 1)) {
        throw unexpected(path, file);
      }
      if (file.rows() * file.rowSize() > Integer.MAX_VALUE - 8) {
        throw new IOException(path + " holds more than 2^31 values: split it into smaller files");
      }
      String name = path.getFileName().toString();
      return bytes
          ? bytes(path, name, file, classNames, labels)
          : floats(path, name, file, classNames, labels);
    }
  }

  private static IOException unexpected(Path path, NpyFile file) {
    return new IOException(
        String.format(
            "%s holds %s %s, %s", path, file.type(), Arrays.toString(file.shape()), EXPECTED));
  }

  private static ImageSource bytes(
      Path path, String name, NpyFile file, List<String> classNames, int... labels)
      throws IOException {
    int[] sizes = Arrays.stream(file.shape()).mapToInt(Math::toIntExact).toArray();
    boolean channelsFirst = isColour(sizes[1]);
    if (!channelsFirst && !isColour(sizes[3])) {
      throw unexpected(path, file);
    }
    ImageShape shape =
        channelsFirst
            ? new ImageShape(sizes[1], sizes[2], sizes[3])
            : new ImageShape(sizes[3], sizes[1], sizes[2]);
    byte[] pixels = new byte[sizes[0] * shape.size()];
    float[] row = new float[shape.size()];
    int plane = shape.height() * shape.width();
    for (int i = 0; i < sizes[0]; i++) {
      file.readRows(i, 1, row, 0);
      for (int k = 0; k < row.length; k++) {
        int at = channelsFirst ? k : k % shape.channels() * plane + k / shape.channels();
        pixels[i * row.length + at] = (byte) row[k];
      }
    }
    return classNames.isEmpty()
        ? ByteImages.unlabelled(name, shape, pixels)
        : ByteImages.of(name, shape, classNames, pixels, labels);
  }

  private static boolean isColour(int channels) {
    return channels == 1 || channels == 3;
  }

  private static ImageSource floats(
      Path path, String name, NpyFile file, List<String> classNames, int... labels)
      throws IOException {
    if (!file.type().isFloatingPoint()) {
      throw unexpected(path, file);
    }
    int[] sizes = Arrays.stream(file.shape()).mapToInt(Math::toIntExact).toArray();
    float[] pixels = new float[sizes[0] * file.rowSize()];
    file.readRows(0, sizes[0], pixels, 0);
    checkRange(path, pixels);
    ImageShape shape = new ImageShape(sizes[1], sizes[2], sizes[3]);
    return classNames.isEmpty()
        ? FloatImages.unlabelled(name, shape, pixels)
        : FloatImages.of(name, shape, classNames, pixels, labels);
  }

  /** Noise may leave [-1, 1] a little; 0 to 255 is a mistake worth an error. */
  private static void checkRange(Path path, float... pixels) throws IOException {
    float low = 0;
    float high = 0;
    for (float pixel : pixels) {
      if (!Float.isFinite(pixel)) {
        throw new IOException(path + " holds the value " + pixel + ", expected finite numbers");
      }
      low = Math.min(low, pixel);
      high = Math.max(high, pixel);
    }
    if (low >= 0 && high > 16) {
      throw new IOException(
          String.format(
              "%s holds values from %s to %s: store 0 to 255 as uint8, or scale by x / 127.5 - 1",
              path, low, high));
    }
  }
}
