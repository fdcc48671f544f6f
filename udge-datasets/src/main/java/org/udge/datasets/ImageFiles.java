package org.udge.datasets;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.udge.data.ImageShape;
import org.udge.datasets.formats.FileCollection;
import org.udge.datasets.formats.ImageDecoder;

/**
 * Images from PNG, JPEG, GIF, BMP and WebP files, of a folder or a zip, decoded each time they are
 * read. {@link ImageDecoder} says how an image becomes the wanted shape, and what its limits are;
 * {@link DecodedImages} decodes all of them once.
 *
 * <p>Reading a file that has gone or is damaged throws an {@link UncheckedIOException} that names
 * it. Immutable and thread-safe.
 */
public final class ImageFiles extends IndexedImages {

  /** A class per folder, the images in it or in a folder of it, as in Tiny-ImageNet. */
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
   * @param shape the shape wanted, of 1 or 3 channels
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
   * @param shape the shape wanted, of 1 or 3 channels
   * @param classNames names of the classes
   * @param files where the files are
   * @param names which of them, in order
   * @param labels a label for each: a class index or {@link org.udge.data.Batch#UNLABELED}; copied
   * @return their images
   * @throws IllegalArgumentException if the number of channels is neither 1 nor 3, or labels are
   *     not as many as files or out of range
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
   * A folder. If it has image files, these in the order of their names, without labels. Else its
   * subfolders are the classes, in the order of their names, and the image files in each, or in
   * folders of it, are of that class. Hidden files are left out.
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
    ImageDecoder.checkChannels(shape);
    FileCollection direct = FileCollection.folder(folder, 1);
    boolean plain = direct.names().stream().anyMatch(ImageDecoder::isImage);
    return classFolders(
        nameOf(folder), plain ? direct : FileCollection.folder(folder, DEPTH), "", shape);
  }

  /**
   * A zip of such a folder, read without unpacking it. A folder that holds all images of the zip
   * counts as the zip itself.
   *
   * @param zip the zip file, which must stay there
   * @param shape the shape wanted, of 1 or 3 channels
   * @return the images, named after the zip
   * @throws IOException if it cannot be read or has no image in either way
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

  /** The folder that all images of a zip are in, however deep. */
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
   * The images below one folder of a collection: without labels if some are in it directly, else a
   * class for each of its folders.
   *
   * @param name a name for tables and plots
   * @param files where the files are
   * @param prefix the folder, empty or ending in {@code /}
   * @param shape the shape wanted
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
              "%s has no image: expected files ending in %s, or a subfolder of such files for each"
                  + " class",
              files.root(), String.join(", ", ImageDecoder.SUFFIXES)));
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
   * The same images decoded within other limits.
   *
   * @param decoder decodes them
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
   * Where an image comes from.
   *
   * @param index 0 to size - 1
   * @return its file; of a zip, {@code ZIP!/FILE}
   */
  public String file(int index) {
    return files.describe(names.get(index));
  }

  /**
   * What tells whether an image's file has changed, without reading it.
   *
   * @param index 0 to size - 1
   * @return file, length, and time of the last change or checksum
   * @throws IOException if the file is gone
   */
  String fingerprint(int index) throws IOException {
    return file(index) + ' ' + files.fingerprint(names.get(index));
  }

  /**
   * Whether a file's name ends like that of an image: .png, .jpg, .jpeg, .bmp, .gif or .webp.
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
