package org.udge.datasets;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.formats.IdxArray;

/**
 * MNIST, Fashion-MNIST, KMNIST, EMNIST and others in the idx format: one file of images [N, rows,
 * columns] and one of labels [N], each optionally compressed by gzip. The images are read into
 * memory as bytes; a byte u, 0 to 255, reads as u / 127.5 - 1.
 */
public final class IdxImages {

  private IdxImages() {}

  /**
   * Reads images and labels.
   *
   * @param name a name for tables and plots
   * @param images the file of images
   * @param labels the file of labels
   * @param classNames names of the classes, at least one
   * @return the images, of one channel
   * @throws IOException if a file is refused ({@link IdxArray#read}), there are not as many labels
   *     as images, or a label is out of range
   */
  public static ImageSource read(String name, Path images, Path labels, List<String> classNames)
      throws IOException {
    return read(name, images, labels, classNames, 0, false);
  }

  /**
   * Reads a set of EMNIST, whose images are transposed in the files and are turned upright.
   *
   * @param name a name for tables and plots
   * @param images the file of images
   * @param labels the file of labels
   * @param classNames names of the classes, at least one
   * @param firstLabel the number of the first class in the file: 1 in {@code emnist-letters}, else
   *     0
   * @return the images, of one channel
   * @throws IOException if a file is refused ({@link IdxArray#read}), there are not as many labels
   *     as images, or a label is out of range
   */
  public static ImageSource readEmnist(
      String name, Path images, Path labels, List<String> classNames, int firstLabel)
      throws IOException {
    return read(name, images, labels, classNames, firstLabel, true);
  }

  private static ImageSource read(
      String name,
      Path images,
      Path labels,
      List<String> classNames,
      int firstLabel,
      boolean transposed)
      throws IOException {
    IdxArray pixels = IdxArray.read(images, 3);
    IdxArray numbers = IdxArray.read(labels, 1);
    int rows = pixels.sizes()[1];
    int columns = pixels.sizes()[2];
    if (rows < 1 || columns < 1) {
      throw new IOException(images + " holds images of " + rows + " x " + columns + " pixels");
    }
    if (pixels.sizes()[0] != numbers.sizes()[0]) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s holds %,d images, %s %,d labels: they do not belong together",
              images,
              pixels.sizes()[0],
              labels,
              numbers.sizes()[0]));
    }
    int[] values = new int[numbers.values().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (numbers.values()[i] & 0xff) - firstLabel;
      if (values[i] < 0 || values[i] >= classNames.size()) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s: label %,d is %d, expected %d to %d",
                labels,
                i,
                values[i] + firstLabel,
                firstLabel,
                firstLabel + classNames.size() - 1));
      }
    }
    ImageShape shape =
        transposed ? new ImageShape(1, columns, rows) : new ImageShape(1, rows, columns);
    byte[] bytes = transposed ? transposed(pixels) : pixels.values();
    return ByteImages.of(name, shape, classNames, bytes, values);
  }

  private static byte[] transposed(IdxArray images) {
    int rows = images.sizes()[1];
    int columns = images.sizes()[2];
    byte[] upright = new byte[images.values().length];
    for (int start = 0; start < upright.length; start += rows * columns) {
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          upright[start + column * rows + row] = images.values()[start + row * columns + column];
        }
      }
    }
    return upright;
  }
}
