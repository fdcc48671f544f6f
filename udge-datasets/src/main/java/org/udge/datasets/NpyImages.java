package org.udge.datasets;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.formats.FileCollection;
import org.udge.interop.ElementType;
import org.udge.interop.NpyFile;
import org.udge.interop.Tensor;

/**
 * Images from NumPy array files, read into memory.
 *
 * <ul>
 *   <li>uint8, [N, C, H, W], [N, H, W, C] or [N, H, W]: a byte u reads as u / 127.5 - 1. The
 *       channels come first if the second dimension is 1 or 3, otherwise last.
 *   <li>float16, float32 or float64, [N, C, H, W]: values without conversion, which should be in
 *       [-1, 1].
 * </ul>
 *
 * <p>An {@code .npz} file contains images under one of the names images, x, data, arr_0, and
 * labels, if any, under labels, label, y, targets, arr_1; or splits under x_train, y_train, x_test,
 * y_test (also train_images, train_labels, test_images, test_labels).
 */
public final class NpyImages {

  private static final String EXPECTED =
      "expected uint8 [N, C, H, W], [N, H, W, C] or [N, H, W], or float [N, C, H, W] in [-1, 1],"
          + " with C"
          + " = 1 or 3 for uint8";

  private static final List<String> IMAGES = List.of("images", "x", "data", "arr_0");
  private static final List<String> LABELS = List.of("labels", "label", "y", "targets", "arr_1");
  private static final long LARGEST = Integer.MAX_VALUE - 8;
  private static final int MOST_CLASSES = 10_000;

  private NpyImages() {}

  /**
   * Reads images: from an npy file without labels, from an npz file with its labels, if any.
   *
   * @param file an npy or npz file as described above
   * @return the images, named after the file
   * @throws IOException if the file cannot be read, is not such a file, has another shape or type,
   *     or contains floating-point values that are not finite or appear to range from 0 to 255
   */
  public static ImageSource read(Path file) throws IOException {
    if (isNpz(file)) {
      FileCollection arrays = FileCollection.zip(file);
      Optional<ImageSource> all = part(arrays, nameOf(file), IMAGES, LABELS);
      Optional<ImageSource> found = all.isPresent() ? all : readPart(file, Split.TEST);
      return found.orElseThrow(
          () ->
              new IOException(
                  String.format(
                      Locale.ROOT,
                      "%s holds %s: expected images under one of the names %s, or x_train and"
                          + " x_test",
                      file,
                      arrays.names(),
                      String.join(", ", IMAGES))));
    }
    return images(nameOf(file), file.toString(), NpyFile.read(file), List.of());
  }

  /**
   * Reads one split of an npz file.
   *
   * @param file an npz file as described above
   * @param split training or test
   * @return the split; empty if the file is not divided into splits
   * @throws IOException if the split exists and is refused
   */
  public static Optional<ImageSource> readPart(Path file, Split split) throws IOException {
    String part = split.label();
    return part(
        FileCollection.zip(file),
        nameOf(file) + "/" + part,
        List.of("x_" + part, part + "_images", "images_" + part),
        List.of("y_" + part, part + "_labels", "labels_" + part));
  }

  private static boolean isNpz(Path file) {
    return nameOf(file).toLowerCase(Locale.ROOT).endsWith(".npz");
  }

  private static String nameOf(Path file) {
    return file.getFileName().toString();
  }

  private static Optional<ImageSource> part(
      FileCollection arrays, String name, List<String> images, List<String> labels)
      throws IOException {
    Map<String, String> byName = new HashMap<>();
    for (String array : arrays.names()) {
      byName.put(array.replaceFirst("\\.npy$", "").toLowerCase(Locale.ROOT), array);
    }
    Optional<String> pixels = images.stream().filter(byName::containsKey).findFirst();
    if (pixels.isEmpty()) {
      return Optional.empty();
    }
    String place = requireNonNull(byName.get(pixels.get()));
    Tensor array = NpyFile.parse(arrays.read(place, LARGEST), arrays.describe(place));
    Optional<String> numbers = labels.stream().filter(byName::containsKey).findFirst();
    if (numbers.isEmpty()) {
      return Optional.of(images(name, arrays.describe(place), array, List.of()));
    }
    String labelArray = requireNonNull(byName.get(numbers.get()));
    String labelPlace = arrays.describe(labelArray);
    Tensor values = NpyFile.parse(arrays.read(labelArray, LARGEST), labelPlace);
    int[] classes = labels(values, labelPlace);
    int highest = Arrays.stream(classes).max().orElse(0);
    if (highest >= MOST_CLASSES) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s holds the label %d, expected less than %d",
              labelPlace,
              highest,
              MOST_CLASSES));
    }
    List<String> classNames =
        IntStream.rangeClosed(0, Math.max(0, highest)).mapToObj(Integer::toString).toList();
    return Optional.of(
        labeled(name, arrays.describe(place), labelPlace, array, classNames, classes));
  }

  /**
   * Reads images and their labels.
   *
   * @param images an npy file as described above
   * @param labels an npy file of N whole numbers from 0 to the number of classes - 1, or -1 for
   *     "not known"
   * @param classNames names of the classes, at least one
   * @return the images, named after their file
   * @throws IOException as {@link #read(Path)}, or if labels are not whole numbers, differ in
   *     number from the images, or are out of range
   */
  public static ImageSource read(Path images, Path labels, List<String> classNames)
      throws IOException {
    int[] values = labels(NpyFile.read(labels), labels.toString());
    return labeled(
        nameOf(images),
        images.toString(),
        labels.toString(),
        NpyFile.read(images),
        classNames,
        values);
  }

  private static int[] labels(Tensor array, String place) throws IOException {
    boolean column = array.rank() == 2 && array.size(1) == 1;
    if (array.type().isFloatingPoint() || !(array.rank() == 1 || column)) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s holds %s %s, expected labels: whole numbers [N]",
              place,
              array.type(),
              Arrays.toString(array.shape())));
    }
    return Arrays.stream(array.toLongs())
        .mapToInt(label -> (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, label)))
        .toArray();
  }

  private static ImageSource labeled(
      String name, String place, String labelPlace, Tensor array, List<String> names, int... labels)
      throws IOException {
    try {
      Labels.check(labels, names.size());
      return images(name, place, array, names, labels);
    } catch (IllegalArgumentException e) {
      throw new IOException(labelPlace + " does not fit " + place + ": " + e.getMessage(), e);
    }
  }

  private static ImageSource images(
      String name, String place, Tensor array, List<String> classNames, int... labels)
      throws IOException {
    long[] sizes = array.shape();
    boolean bytes = array.type() == ElementType.UINT8;
    boolean rankFits = sizes.length == 4 || (sizes.length == 3 && bytes);
    if (!rankFits
        || Arrays.stream(sizes).skip(1).anyMatch(size -> size < 1)
        || !(bytes || array.type().isFloatingPoint())) {
      throw unexpected(place, array);
    }
    return bytes
        ? bytes(name, place, array, classNames, labels)
        : floats(name, place, array, classNames, labels);
  }

  private static IOException unexpected(String place, Tensor array) {
    return new IOException(
        String.format(
            Locale.ROOT,
            "%s holds %s %s, %s",
            place,
            array.type(),
            Arrays.toString(array.shape()),
            EXPECTED));
  }

  private static ImageSource bytes(
      String name, String place, Tensor array, List<String> classNames, int... labels)
      throws IOException {
    boolean gray = array.rank() == 3;
    boolean channelsFirst = gray || isColor(array.size(1));
    if (!channelsFirst && !isColor(array.size(3))) {
      throw unexpected(place, array);
    }
    ImageShape shape =
        gray
            ? new ImageShape(1, array.size(1), array.size(2))
            : channelsFirst
                ? new ImageShape(array.size(1), array.size(2), array.size(3))
                : new ImageShape(array.size(3), array.size(1), array.size(2));
    byte[] pixels = array.toBytes();
    if (!channelsFirst && shape.channels() > 1) {
      channelsFirst(pixels, shape);
    }
    return classNames.isEmpty()
        ? ByteImages.unlabeled(name, shape, pixels)
        : ByteImages.of(name, shape, classNames, pixels, labels);
  }

  private static void channelsFirst(byte[] pixels, ImageShape shape) {
    int plane = shape.height() * shape.width();
    byte[] image = new byte[shape.size()];
    for (int start = 0; start < pixels.length; start += image.length) {
      System.arraycopy(pixels, start, image, 0, image.length);
      for (int k = 0; k < image.length; k++) {
        pixels[start + k % shape.channels() * plane + k / shape.channels()] = image[k];
      }
    }
  }

  private static boolean isColor(int channels) {
    return channels == 1 || channels == 3;
  }

  private static ImageSource floats(
      String name, String place, Tensor array, List<String> classNames, int... labels)
      throws IOException {
    float[] pixels = array.toFloats();
    checkRange(place, pixels);
    ImageShape shape = new ImageShape(array.size(1), array.size(2), array.size(3));
    checkArgument(
        classNames.isEmpty() || labels.length == array.size(0),
        "%s labels for %s images",
        labels.length,
        array.size(0));
    return classNames.isEmpty()
        ? FloatImages.unlabeled(name, shape, pixels)
        : FloatImages.of(name, shape, classNames, pixels, labels);
  }

  /** Noise may slightly exceed [-1, 1]; a range of 0 to 255 is a mistake that deserves an error. */
  private static void checkRange(String place, float... pixels) throws IOException {
    float low = 0;
    float high = 0;
    for (float pixel : pixels) {
      if (!Float.isFinite(pixel)) {
        throw new IOException(place + " holds the value " + pixel + ", expected finite numbers");
      }
      low = Math.min(low, pixel);
      high = Math.max(high, pixel);
    }
    if (low >= 0 && high > 16) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s holds values from %s to %s: store 0 to 255 as uint8, or scale by x / 127.5 - 1",
              place,
              low,
              high));
    }
  }
}
