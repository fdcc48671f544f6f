package org.udge.datasets;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.udge.data.ImageShape;
import org.udge.datasets.formats.FileCollection;
import org.udge.datasets.formats.ImageDecoder;

/**
 * Images from PNG, JPEG, GIF, BMP and WebP files in a folder or a zip, decoded each time they are
 * read. {@link ImageDecoder} describes how an image is converted to the target shape, and the
 * limits; {@link DecodedImages} decodes all of them once.
 *
 * <p>Reading a file that no longer exists or is damaged throws an {@link UncheckedIOException} that
 * names it. Immutable and thread-safe.
 */
public final class ImageFiles extends IndexedImages {

  /** One class per folder, with the images in it or in a subfolder, as in Tiny-ImageNet. */
  private static final int DEPTH = 4;

  private final FileCollection files;
  private final List<String> names;
  private final ImageDecoder decoder;

  private ImageFiles(
      String name,
      ImageShape shape,
      List<String> classNames,
      FileCollection files,
      List<String> names,
      ImageDecoder decoder,
      int... labels) {
    super(name, shape, classNames, labels);
    ImageDecoder.checkChannels(shape);
    this.files = files;
    this.names = names;
    this.decoder = decoder;
  }

  /**
   * Files without labels.
   *
   * @param name a name for tables and plots
   * @param shape the target shape, with 1 or 3 channels
   * @param files the files in order
   * @return their images
   * @throws IllegalArgumentException if the number of channels is neither 1 nor 3
   */
  public static ImageFiles of(String name, ImageShape shape, List<Path> files) {
    List<String> names = files.stream().map(Path::toString).toList();
    return of(name, shape, List.of(), FileCollection.of(files), names, Labels.none(files.size()));
  }

  /**
   * Files with labels.
   *
   * @param name a name for tables and plots
   * @param shape the target shape, with 1 or 3 channels
   * @param classNames names of the classes
   * @param files the collection of files
   * @param names the names of the files to use, in order
   * @param labels one label per file: a class index or {@link org.udge.data.Batch#UNLABELED};
   *     copied
   * @return their images
   * @throws IllegalArgumentException if the number of channels is neither 1 nor 3, or the number of
   *     labels differs from the number of files, or a label is out of range
   */
  public static ImageFiles of(
      String name,
      ImageShape shape,
      List<String> classNames,
      FileCollection files,
      List<String> names,
      int... labels) {
    if (names.size() != labels.length) {
      throw new IllegalArgumentException(
          "there must be a label for each file: " + names.size() + " and " + labels.length);
    }
    Labels.check(labels, classNames.size());
    return new ImageFiles(
        name,
        shape,
        classNames,
        files,
        List.copyOf(names),
        ImageDecoder.ofDefaults(),
        labels.clone());
  }

  /**
   * The images of a folder. If the folder itself contains image files, these are used in the order
   * of their names, without labels. Otherwise its subfolders are the classes, in the order of their
   * names, and the image files in each, or in subfolders of it, belong to that class. Hidden files
   * are ignored.
   *
   * @param folder the folder
   * @param shape the target shape, with 1 or 3 channels
   * @return the images, named after the folder
   * @throws IOException if the folder cannot be listed or has no image in either form
   * @throws IllegalArgumentException if the number of channels is neither 1 nor 3
   */
  public static ImageFiles folder(Path folder, ImageShape shape) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new NotDirectoryException(folder + ": expected a folder of image files");
    }
    ImageDecoder.checkChannels(shape);
    FileCollection direct = FileCollection.folder(folder, 1);
    boolean plain = direct.names().stream().anyMatch(ImageDecoder::isImage);
    return classFolders(
        nameOf(folder), plain ? direct : FileCollection.folder(folder, DEPTH), "", shape);
  }

  /**
   * The images of a zip of such a folder, read without unpacking it. A folder that contains all
   * images of the zip is treated as the zip itself.
   *
   * @param zip the zip file, which must not be removed or changed
   * @param shape the target shape, with 1 or 3 channels
   * @return the images, named after the zip
   * @throws IOException if it cannot be read or has no image in either form
   * @throws IllegalArgumentException if the number of channels is neither 1 nor 3
   */
  public static ImageFiles zip(Path zip, ImageShape shape) throws IOException {
    ImageDecoder.checkChannels(shape);
    FileCollection files = FileCollection.zip(zip);
    return classFolders(nameOf(zip).replaceFirst("\\.zip$", ""), files, prefix(files), shape);
  }

  private static String nameOf(Path path) {
    Path name = path.toAbsolutePath().normalize().getFileName();
    return name == null ? path.toString() : name.toString();
  }

  /** The innermost folder that contains all images of a zip. */
  private static String prefix(FileCollection files) {
    List<String> images = files.names().stream().filter(ImageDecoder::isImage).toList();
    String prefix = "";
    while (!images.isEmpty()) {
      int end = images.get(0).indexOf('/', prefix.length());
      if (end < 0) {
        return prefix;
      }
      String longer = images.get(0).substring(0, end + 1);
      if (!images.stream().allMatch(name -> name.startsWith(longer))) {
        return prefix;
      }
      prefix = longer;
    }
    return prefix;
  }

  /**
   * The images below one folder of a collection: without labels if some are directly in it,
   * otherwise with one class for each of its subfolders.
   *
   * @param name a name for tables and plots
   * @param files the collection of files
   * @param prefix the folder, empty or ending in {@code /}
   * @param shape the target shape
   */
  static ImageFiles classFolders(String name, FileCollection files, String prefix, ImageShape shape)
      throws IOException {
    List<String> images =
        files.names().stream()
            .filter(file -> file.startsWith(prefix) && ImageDecoder.isImage(file))
            .toList();
    List<String> direct =
        images.stream().filter(file -> file.indexOf('/', prefix.length()) < 0).toList();
    if (!direct.isEmpty()) {
      return of(name, shape, List.of(), files, direct, Labels.none(direct.size()));
    }
    if (images.isEmpty()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has no image: expected files ending in %s, or one subfolder of such files for"
                  + " each"
                  + " class",
              files.root(),
              String.join(", ", ImageDecoder.SUFFIXES)));
    }
    List<String> classes =
        new ArrayList<>(new TreeSet<>(images.stream().map(file -> classOf(file, prefix)).toList()));
    int[] labels =
        images.stream().mapToInt(file -> classes.indexOf(classOf(file, prefix))).toArray();
    return of(name, shape, classes, files, images, labels);
  }

  private static String classOf(String file, String prefix) {
    return file.substring(prefix.length(), file.indexOf('/', prefix.length()));
  }

  /**
   * The same images decoded with other limits.
   *
   * @param decoder the decoder to use
   * @return the copy
   */
  public ImageFiles withDecoder(ImageDecoder decoder) {
    return new ImageFiles(
        name(), shape(), classNames(), files, names, requireNonNull(decoder), Labels.of(this));
  }

  /**
   * The same images under another name.
   *
   * @param name a name for tables and plots
   * @return the copy
   */
  public ImageFiles named(String name) {
    return new ImageFiles(name, shape(), classNames(), files, names, decoder, Labels.of(this));
  }

  /**
   * The origin of an image.
   *
   * @param index 0 to size - 1
   * @return its file; for a zip, {@code ZIP!/FILE}
   */
  public String file(int index) {
    return files.describe(names.get(index));
  }

  /**
   * A fingerprint that shows whether an image's file has changed, without reading the file.
   *
   * @param index 0 to size - 1
   * @return file, length, and time of the last modification or checksum
   * @throws IOException if the file no longer exists
   */
  String fingerprint(int index) throws IOException {
    return file(index) + ' ' + files.fingerprint(names.get(index));
  }

  /**
   * Whether a file's name has the extension of an image: .png, .jpg, .jpeg, .bmp, .gif or .webp.
   *
   * @param file any file
   * @return whether this class would try to decode it
   */
  public static boolean isImage(Path file) {
    return ImageDecoder.isImage(file.getFileName().toString());
  }

  @Override
  void copy(int index, float[] target, int offset) {
    String file = file(index);
    try {
      byte[] bytes = files.read(names.get(index), ImageDecoder.MAX_FILE_BYTES);
      decoder.decode(bytes, file, shape(), target, offset);
    } catch (IOException e) {
      String message = e.getMessage() == null ? e.toString() : e.getMessage();
      throw new UncheckedIOException(
          message.contains(file) ? message : "cannot read the image " + file + ": " + message, e);
    }
  }
}
