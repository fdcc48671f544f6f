package org.udge.datasets;

import static java.util.Objects.requireNonNull;
import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;

/**
 * How raw records of a fixed size are laid out: some label bytes, then the pixels of an image, one
 * byte a value, in the order channel, row, column. {@link RecordFormat} has the layouts of CIFAR.
 *
 * <p>Files that are not a whole number of records, or hold a label out of range, are refused.
 * Immutable and thread-safe.
 */
public final class RecordLayout {

  private static final long LARGEST = Integer.MAX_VALUE - 8;

  private final ImageShape shape;
  private final int labelBytes;
  private final int labelPosition;
  private final List<String> classNames;
  private final String title;

  private RecordLayout(
      ImageShape shape, int labelBytes, int labelPosition, List<String> classNames, String title) {
    this.shape = requireNonNull(shape);
    this.labelBytes = labelBytes;
    this.labelPosition = labelPosition;
    this.classNames = List.copyOf(classNames);
    this.title = title;
  }

  /**
   * Records that contain only pixels.
   *
   * @param shape the shape of each image
   * @return the layout
   */
  public static RecordLayout of(ImageShape shape) {
    return new RecordLayout(shape, 0, Batch.UNLABELED, List.of(), "raw");
  }

  /** The layout of a named format. */
  static RecordLayout of(RecordFormat format, int labelBytes, int labelPosition) {
    return new RecordLayout(
        ImageShape.CIFAR,
        labelBytes,
        labelPosition,
        format.classNames(),
        format.name().replace('_', '-'));
  }

  /**
   * Records that start with label bytes.
   *
   * @param labelBytes number of label bytes, 1 to 16
   * @param position index of the label among them, from 0
   * @param classNames names of the classes, 1 to 256
   * @return the copy
   * @throws IllegalArgumentException if a number is out of range
   */
  public RecordLayout withLabel(int labelBytes, int position, List<String> classNames) {
    checkArgument(
        labelBytes >= 1 && labelBytes <= 16, "label bytes must be 1 to 16, were %s", labelBytes);
    checkArgument(
        position >= 0 && position < labelBytes,
        "the label must be one of the %s label bytes, from 0, was %s",
        labelBytes,
        position);
    checkArgument(
        !classNames.isEmpty() && classNames.size() <= 256,
        "a label of one byte can distinguish 1 to 256 classes, got %s",
        classNames.size());
    return new RecordLayout(shape, labelBytes, position, classNames, title);
  }

  /**
   * The shape of each image.
   *
   * @return the shape
   */
  public ImageShape shape() {
    return shape;
  }

  /**
   * Names of the classes.
   *
   * @return the names; empty if records have no label
   */
  public List<String> classNames() {
    return classNames;
  }

  /**
   * Label bytes before the pixels.
   *
   * @return how many
   */
  public int labelBytes() {
    return labelBytes;
  }

  /**
   * Size of one record.
   *
   * @return bytes
   */
  public int recordSize() {
    return labelBytes + shape.size();
  }

  /**
   * Reads a file into memory.
   *
   * @param file records of this layout
   * @return its images, named after the file
   * @throws IOException if the file cannot be read, is empty or of 2 GiB or more, is not a whole
   *     number of records, or holds a label out of range; the message names the file and the sizes
   */
  public ImageSource read(Path file) throws IOException {
    long size = checkedSize(file);
    if (size > LARGEST) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has %,d bytes: split it into files below 2 GiB, or leave it on disk",
              file,
              size));
    }
    byte[] bytes = Files.readAllBytes(file);
    checkSize(file, bytes.length);
    int[] labels = Labels.none(bytes.length / recordSize());
    for (int i = 0; labelBytes > 0 && i < labels.length; i++) {
      labels[i] = label(file, i, bytes[i * recordSize() + labelPosition]);
    }
    return new ByteImages(
        file.getFileName().toString(), shape, classNames, bytes, recordSize(), labelBytes, labels);
  }

  /**
   * Reads files into memory as one source.
   *
   * @param name a name for tables and plots
   * @param files records of this layout, at least one file
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

  /**
   * Opens files of any size and leaves the pixels on disk: an image is read on demand. Labels (4
   * bytes per image) are read immediately.
   *
   * @param name a name for tables and plots
   * @param files records of this layout, at least one file
   * @return the images of all files in order
   * @throws IOException if a file cannot be read, is empty or not a whole number of records, or
   *     holds a label out of range; the message names the file and the sizes
   * @throws IllegalArgumentException if there is no file, or there are more than 2^31 images
   */
  public RecordFiles open(String name, List<Path> files) throws IOException {
    return RecordFiles.open(name, this, files);
  }

  /** The checked label of a record. */
  int label(Path file, long record, byte value) throws IOException {
    int label = value & 0xff;
    if (label >= classNames.size()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: record %,d (byte %,d) has label %d, but labels of %s are from 0 to %d. Is the"
                  + " file"
                  + " of another format?",
              file,
              record,
              record * recordSize() + labelPosition,
              label,
              title,
              classNames.size() - 1));
    }
    return label;
  }

  int labelPosition() {
    return labelPosition;
  }

  /** The size of a file, a whole number of records. */
  long checkedSize(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NoSuchFileException(file.toString(), null, "expected a file of " + describe());
    }
    long size = Files.size(file);
    checkSize(file, size);
    return size;
  }

  private void checkSize(Path file, long size) throws IOException {
    long records = size / recordSize();
    if (size == 0) {
      throw new IOException(
          String.format(Locale.ROOT, "%s is empty, expected %s", file, describe()));
    }
    if (size % recordSize() != 0) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has %,d bytes, which is not a whole number of %s: %,d records are %,d bytes,"
                  + " %,d are"
                  + " %,d. The file is truncated or of another format",
              file,
              size,
              describe(),
              records,
              records * recordSize(),
              records + 1,
              (records + 1) * recordSize()));
    }
  }

  /** A description of the layout, for messages. */
  String describe() {
    String labels =
        switch (labelBytes) {
          case 0 -> "";
          case 1 -> "1 label byte + ";
          default -> labelBytes + " label bytes + ";
        };
    return String.format(
        Locale.ROOT,
        "%s records of %,d bytes (%s%,d pixel bytes)",
        title,
        recordSize(),
        labels,
        shape.size());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecordLayout layout
        && layout.shape.equals(shape)
        && layout.labelBytes == labelBytes
        && layout.labelPosition == labelPosition
        && layout.classNames.equals(classNames);
  }

  @Override
  public int hashCode() {
    return Objects.hash(shape, labelBytes, labelPosition, classNames);
  }

  @Override
  public String toString() {
    return "RecordLayout[" + describe() + "]";
  }
}
