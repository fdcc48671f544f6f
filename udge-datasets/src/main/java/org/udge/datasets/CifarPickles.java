package org.udge.datasets;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.formats.TarFiles;
import org.udge.interop.ElementType;
import org.udge.interop.NumpyPickle;
import org.udge.interop.Tensor;

/**
 * CIFAR-10 and CIFAR-100 in the version for Python: {@code data_batch_1} ... {@code test_batch} of
 * {@code cifar-10-batches-py}, {@code train} and {@code test} of {@code cifar-100-python}, unpacked
 * or in their {@code .tar.gz}. Pickles of Python 2 (the published ones) and 3 are read, and nothing
 * in them is executed ({@link NumpyPickle}). The images are read into memory as bytes.
 */
public final class CifarPickles {

  /** CIFAR-100's training images take 156 MB in one pickle. */
  private static final long LARGEST = 1L << 29;

  private CifarPickles() {}

  /**
   * Reads pickle files.
   *
   * @param name a name for tables and plots
   * @param format CIFAR10, CIFAR100 or CIFAR100_COARSE; determines which labels are read
   * @param files pickles, at least one
   * @return the images of all files in order
   * @throws IOException if a file cannot be read, is no such pickle, or holds a label out of range;
   *     the message names it
   */
  public static ImageSource read(String name, RecordFormat format, List<Path> files)
      throws IOException {
    List<ImageSource> parts = new ArrayList<>();
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new NoSuchFileException(file.toString(), null, "expected a pickle of CIFAR");
      }
      if (Files.size(file) > LARGEST) {
        throw new IOException(
            file + " has " + Files.size(file) + " bytes, expected at most " + LARGEST);
      }
      parts.add(parse(Files.readAllBytes(file), file.toString(), format));
    }
    return Concatenation.of(name, parts);
  }

  /**
   * Reads files of a tar archive without unpacking it.
   *
   * @param name a name for tables and plots
   * @param format CIFAR10, CIFAR100 or CIFAR100_COARSE; determines which labels are read
   * @param archive a tar archive, compressed by gzip or not
   * @param wanted names of the files to read from it, without their folder, in order
   * @return the images of those that exist, in order
   * @throws IOException if the archive or a file in it cannot be read, or none of the files exists
   */
  public static ImageSource readArchive(
      String name, RecordFormat format, Path archive, List<String> wanted) throws IOException {
    Map<String, byte[]> files =
        TarFiles.read(archive, entry -> wanted.contains(nameOf(entry)), LARGEST);
    List<ImageSource> parts = new ArrayList<>();
    for (String file : wanted) {
      for (Map.Entry<String, byte[]> entry : files.entrySet()) {
        if (nameOf(entry.getKey()).equals(file)) {
          parts.add(parse(entry.getValue(), archive + "!/" + entry.getKey(), format));
        }
      }
    }
    if (parts.isEmpty()) {
      throw new IOException(archive + " has none of the files " + String.join(", ", wanted));
    }
    return Concatenation.of(name, parts);
  }

  private static String nameOf(String entry) {
    return entry.substring(entry.lastIndexOf('/') + 1);
  }

  private static ImageSource parse(byte[] pickle, String file, RecordFormat format)
      throws IOException {
    Map<String, Object> entries = NumpyPickle.readDictionary(pickle, file);
    String labelKey =
        switch (format) {
          case CIFAR10 -> "labels";
          case CIFAR100 -> "fine_labels";
          case CIFAR100_COARSE -> "coarse_labels";
          case UNLABELED -> "";
        };
    int size = ImageShape.CIFAR.size();
    if (!(entries.get("data") instanceof Tensor data)
        || data.rank() != 2
        || data.size(1) != size
        || data.type() != ElementType.UINT8) {
      throw new IOException(
          file + " has no array 'data' of uint8 [N, 3072]: it is not a CIFAR pickle");
    }
    if (!(entries.get(labelKey) instanceof List<?> labels) || labels.size() != data.size(0)) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has no list '%s' of %d labels: it has %s",
              file,
              labelKey,
              data.size(0),
              String.join(", ", entries.keySet())));
    }
    int[] values = new int[labels.size()];
    for (int i = 0; i < values.length; i++) {
      long label = labels.get(i) instanceof Number number ? number.longValue() : -1;
      if (label < 0 || label >= format.classNames().size()) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s: label %,d of '%s' is %s, expected a number from 0 to %d",
                file,
                i,
                labelKey,
                labels.get(i) instanceof Number ? labels.get(i) : "no number",
                format.classNames().size() - 1));
      }
      values[i] = (int) label;
    }
    return ByteImages.of(file, ImageShape.CIFAR, format.classNames(), data.toBytes(), values);
  }
}
