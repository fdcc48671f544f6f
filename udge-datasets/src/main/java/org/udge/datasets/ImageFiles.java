package org.udge.datasets;

import static com.google.common.base.Preconditions.checkArgument;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.udge.data.ImageShape;

/**
 * Images from PNG, JPEG, BMP and GIF files, decoded each time they are read.
 *
 * <p>An image becomes the wanted shape by cutting out the largest centred part of its proportions
 * and resizing that (bilinear; made smaller, each pixel is a mean over what it covers). Three
 * channels are red, green, blue; one channel is the luminance 0.299 R + 0.587 G + 0.114 B.
 * Transparent pixels show their colour. Rotation marks of cameras are ignored.
 *
 * <p>Reading a file that has gone or is damaged throws an {@link UncheckedIOException} that names
 * it. Immutable and thread-safe.
 */
public final class ImageFiles extends IndexedImages {

  private static final List<String> SUFFIXES = List.of(".png", ".jpg", ".jpeg", ".bmp", ".gif");

  private final List<Path> files;

  private ImageFiles(
      String name, ImageShape shape, List<String> classNames, List<Path> files, int... labels) {
    super(name, shape, classNames, labels);
    checkArgument(
        shape.channels() == 1 || shape.channels() == 3,
        "image files can be read with 1 channel or 3, not %s",
        shape.channels());
    this.files = List.copyOf(files);
  }

  /**
   * Files without labels.
   *
   * @param name a name for tables and plots
   * @param shape the shape wanted, of 1 or 3 channels
   * @param files the files in order
   * @return their images
   * @throws IllegalArgumentException if the number of channels is neither 1 nor 3
   */
  public static ImageFiles of(String name, ImageShape shape, List<Path> files) {
    return new ImageFiles(name, shape, List.of(), files, Labels.none(files.size()));
  }

  /**
   * A folder. If it has image files, these in the order of their names, without labels. Else its
   * subfolders are the classes, in the order of their names, and the image files in each (not
   * deeper) are of that class.
   *
   * @param folder the folder
   * @param shape the shape wanted, of 1 or 3 channels
   * @return the images, named after the folder
   * @throws IOException if the folder cannot be listed or has no image in either way
   * @throws IllegalArgumentException if the number of channels is neither 1 nor 3
   */
  public static ImageFiles folder(Path folder, ImageShape shape) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new NotDirectoryException(folder + ": expected a folder of image files");
    }
    Path last = folder.toAbsolutePath().normalize().getFileName();
    String name = last == null ? folder.toString() : last.toString(); // The root has no name.
    List<Path> direct = imagesIn(folder);
    return direct.isEmpty() ? classFolders(name, folder, shape) : of(name, shape, direct);
  }

  private static ImageFiles classFolders(String name, Path folder, ImageShape shape)
      throws IOException {
    List<String> classNames = new ArrayList<>();
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (Path subfolder : sorted(folder, Files::isDirectory)) {
      List<Path> images = imagesIn(subfolder);
      if (!images.isEmpty()) {
        images.forEach(image -> labels.add(classNames.size()));
        files.addAll(images);
        classNames.add(subfolder.getFileName().toString());
      }
    }
    if (files.isEmpty()) {
      throw new IOException(
          String.format(
              "%s has no image: expected files ending in %s, or a subfolder of such files for each"
                  + " class",
              folder, String.join(", ", SUFFIXES)));
    }
    int[] indices = labels.stream().mapToInt(Integer::intValue).toArray();
    return new ImageFiles(name, shape, classNames, files, indices);
  }

  private static List<Path> imagesIn(Path folder) throws IOException {
    return sorted(folder, path -> isImage(path) && Files.isRegularFile(path));
  }

  /**
   * Where an image comes from.
   *
   * @param index 0 to size - 1
   * @return its file
   */
  public Path file(int index) {
    return files.get(index);
  }

  /**
   * Whether a file's name ends like that of an image: .png, .jpg, .jpeg, .bmp or .gif.
   *
   * @param file any file
   * @return whether this class would try to decode it
   */
  public static boolean isImage(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return SUFFIXES.stream().anyMatch(name::endsWith);
  }

  private static List<Path> sorted(Path folder, Predicate<Path> wanted) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(wanted).sorted().toList();
    }
  }

  @Override
  void copy(int index, float[] target, int offset) {
    Path file = files.get(index);
    try {
      BufferedImage image = ImageIO.read(file.toFile());
      if (image == null) {
        throw new IOException("no image of a known format");
      }
      pixels(image, target, offset);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the image " + file + ": " + e.getMessage(), e);
    }
  }

  private void pixels(BufferedImage image, float[] target, int offset) {
    double scale =
        Math.min(
            image.getWidth() / (double) shape().width(),
            image.getHeight() / (double) shape().height());
    double left = (image.getWidth() - scale * shape().width()) / 2;
    double top = (image.getHeight() - scale * shape().height()) / 2;
    TriangleFilter columns = TriangleFilter.of(left, scale, shape().width(), image.getWidth());
    TriangleFilter rows = TriangleFilter.of(top, scale, shape().height(), image.getHeight());
    int plane = shape().height() * shape().width();
    float[][] channels = channels(image);
    for (int channel = 0; channel < channels.length; channel++) {
      float[] narrow = columns.filterRows(channels[channel], image.getHeight());
      float[] small = rows.filterColumns(narrow, shape().width());
      for (int i = 0; i < plane; i++) {
        target[offset + channel * plane + i] = (float) (small[i] / 127.5 - 1);
      }
    }
  }

  /** Values from 0 to 255. */
  private float[][] channels(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    int[] colours = image.getRGB(0, 0, width, height, null, 0, width);
    float[][] channels = new float[shape().channels()][colours.length];
    for (int i = 0; i < colours.length; i++) {
      int red = colours[i] >> 16 & 0xff;
      int green = colours[i] >> 8 & 0xff;
      int blue = colours[i] & 0xff;
      if (channels.length == 1) {
        channels[0][i] = 0.299f * red + 0.587f * green + 0.114f * blue;
      } else {
        channels[0][i] = red;
        channels[1][i] = green;
        channels[2][i] = blue;
      }
    }
    return channels;
  }
}
