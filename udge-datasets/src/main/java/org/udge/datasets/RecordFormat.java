package org.udge.datasets;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;

/**
 * Binary files of 3 x 32 x 32 images: records of a fixed size, each some label bytes and then 3,072
 * pixel bytes in the order channel (red, green, blue), row, column.
 *
 * <p>A reader keeps the file's bytes in memory as they are (3,072 to 3,074 bytes an image). Files
 * that are not a whole number of records, or hold a label out of range, are refused.
 *
 * <p>Source: <a href="https://www.cs.toronto.edu/~kriz/cifar.html">Krizhevsky, the CIFAR-10 and
 * CIFAR-100 datasets</a>, "binary version".
 */
public enum RecordFormat {
  /** CIFAR-10: one label byte, 0 to 9; records of 3,073 bytes. */
  CIFAR10(1, 0, CifarClasses.CIFAR10),

  /** CIFAR-100 with its 100 fine classes: coarse label, fine label; records of 3,074 bytes. */
  CIFAR100(2, 1, CifarClasses.CIFAR100),

  /** CIFAR-100 with its 20 coarse classes: coarse label, fine label; records of 3,074 bytes. */
  CIFAR100_COARSE(2, 0, CifarClasses.CIFAR100_COARSE),

  /** Pixels without a label; records of 3,072 bytes. */
  UNLABELED(0, Batch.UNLABELED, ImmutableList.of());

  private static final ImageShape SHAPE = ImageShape.CIFAR;

  private final int labelBytes;
  private final int labelPosition;
  private final ImmutableList<String> classNames;

  RecordFormat(int labelBytes, int labelPosition, ImmutableList<String> classNames) {
    this.labelBytes = labelBytes;
    this.labelPosition = labelPosition;
    this.classNames = classNames;
  }

  /**
   * Size of one record.
   *
   * @return bytes
   */
  public int recordSize() {
    return labelBytes + SHAPE.size();
  }

  /**
   * Names of the classes, in the order of their indices.
   *
   * @return the names; empty for {@link #UNLABELED}
   */
  public List<String> classNames() {
    return classNames;
  }

  /**
   * Reads a file into memory.
   *
   * @param file records of this format
   * @return its images, named after the file
   * @throws IOException if the file cannot be read, is empty, is not a whole number of records, or
   *     holds a label out of range; the message names the file and the sizes
   */
  public ImageSource read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString(), null, "expected a file of " + describe());
    }
    checkSize(file, Files.size(file));
    byte[] bytes = Files.readAllBytes(file);
    checkSize(file, bytes.length);
    return new ByteImages(
        file.getFileName().toString(),
        SHAPE,
        classNames,
        bytes,
        recordSize(),
        labelBytes,
        labels(file, bytes));
  }

  /**
   * Reads files into memory as one source.
   *
   * @param name a name for tables and plots
   * @param files records of this format, at least one file
   * @return the images of all files in order
   * @throws IOException if {@link #read(Path)} refuses a file
   * @throws IllegalArgumentException if there is no file
   */
  public ImageSource read(String name, List<Path> files) throws IOException {
    List<ImageSource> parts = new ArrayList<>();
    for (Path file : files) {
      parts.add(read(file));
    }
    return Concatenation.of(name, parts);
  }

  /** The format in words, for messages. */
  String describe() {
    String labels =
        switch (labelBytes) {
          case 0 -> "";
          case 1 -> "1 label byte + ";
          default -> labelBytes + " label bytes + ";
        };
    return String.format(
        "%s records of %,d bytes (%s%,d pixel bytes)",
        name().replace('_', '-'), recordSize(), labels, SHAPE.size());
  }

  private void checkSize(Path file, long size) throws IOException {
    long records = size / recordSize();
    if (size == 0) {
      throw new IOException(String.format("%s is empty, expected %s", file, describe()));
    }
    if (size % recordSize() != 0) {
      throw new IOException(
          String.format(
              "%s has %,d bytes, which is no whole number of %s: %,d records are %,d bytes, %,d are"
                  + " %,d. The file is truncated or of another format",
              file,
              size,
              describe(),
              records,
              records * recordSize(),
              records + 1,
              (records + 1) * recordSize()));
    }
    if (size > Integer.MAX_VALUE - 8) {
      throw new IOException(
          String.format("%s has %,d bytes: split it into files below 2 GiB", file, size));
    }
  }

  private int[] labels(Path file, byte[] bytes) throws IOException {
    int count = bytes.length / recordSize();
    if (labelBytes == 0) {
      return Labels.none(count);
    }
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = bytes[i * recordSize() + labelPosition] & 0xff;
      if (labels[i] >= classNames.size()) {
        throw new IOException(
            String.format(
                "%s: record %,d has label %d, but labels of %s are from 0 to %d. Is the file of"
                    + " another format?",
                file, i, labels[i], name().replace('_', '-'), classNames.size() - 1));
      }
    }
    return labels;
  }
}
