package org.udge.datasets;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.udge.data.Batch;
import org.udge.data.ImageSource;

/**
 * Binary files of 3 x 32 x 32 images: records of a fixed size, each with some label bytes followed
 * by 3,072 pixel bytes in the order channel (red, green, blue), row, column.
 *
 * <p>A reader keeps the file's bytes in memory (3,072 to 3,074 bytes per image). Files that are not
 * a whole number of records, or hold a label out of range, are refused.
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

  private final ImmutableList<String> classNames;
  private final int labelBytes;
  private final int labelPosition;

  RecordFormat(int labelBytes, int labelPosition, ImmutableList<String> classNames) {
    this.classNames = classNames;
    this.labelBytes = labelBytes;
    this.labelPosition = labelPosition;
  }

  /**
   * The layout of these records.
   *
   * @return the layout, which also reads files larger than memory
   */
  public RecordLayout layout() {
    return RecordLayout.of(this, labelBytes, labelPosition);
  }

  /**
   * Size of one record.
   *
   * @return bytes
   */
  public int recordSize() {
    return layout().recordSize();
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
    return layout().read(file);
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
    return layout().read(name, files);
  }

  /** A description of the format, for messages. */
  String describe() {
    return layout().describe();
  }
}
