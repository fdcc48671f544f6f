package org.udge.datasets;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;

/**
 * Finds data sets by name below a folder, and opens files of images.
 *
 * <table>
 *   <caption>Names, and the files they stand for</caption>
 *   <tr><th>name</th><th>files; the first kind found is used</th></tr>
 *   <tr><td>{@code cifar10}</td><td>{@code data_batch_1.bin} to {@code data_batch_5.bin}, {@code
 *       test_batch*.bin}; pickles {@code data_batch_1} ... {@code test_batch}; {@code
 *       cifar-10-binary.tar.gz} is not read, {@code cifar-10-python.tar.gz} is</td></tr>
 *   <tr><td>{@code cifar100} (fine classes), {@code cifar100-coarse}</td><td>{@code train.bin}, {@code
 *       test.bin}, {@code cifar100_train*.bin}, {@code cifar100_test*.bin}; pickles {@code train} and
 *       {@code test} in {@code cifar-100-python} or {@code cifar-100-python.tar.gz}</td></tr>
 *   <tr><td>{@code svhn}</td><td>{@code train_32x32.mat}, {@code test_32x32.mat}, {@code
 *       extra_32x32.mat}; records without labels {@code svhn_train*.bin}, {@code
 *       svhn_test*.bin}</td></tr>
 *   <tr><td>{@code celeba}, {@code celeba:ATTRIBUTE}</td><td>{@code img_align_celeba} or {@code
 *       img_align_celeba.zip}, and the two lists</td></tr>
 *   <tr><td>{@code mnist}, {@code fashion-mnist}, {@code kmnist}</td><td>{@code
 *       train-images-idx3-ubyte}, ..., with {@code .gz} or without</td></tr>
 *   <tr><td>{@code emnist-balanced}, {@code -byclass}, {@code -bymerge}, {@code -digits}, {@code
 *       -letters}, {@code -mnist}</td><td>{@code emnist-letters-train-images-idx3-ubyte}, ..., with
 *       {@code .gz} or without</td></tr>
 *   <tr><td>{@code tiny-imagenet}</td><td>{@code tiny-imagenet-200} or {@code
 *       tiny-imagenet-200.zip}</td></tr>
 *   <tr><td>{@code shapes} (built in, needs no files)</td><td>4,000 and 2,000 images</td></tr>
 *   <tr><td>{@code shapes-unseen} (built in, needs no files)</td><td>2,000 images of other classes, for testing</td></tr>
 * </table>
 *
 * <p>Files are searched for in the folder itself and in the folders to which archives and other
 * programs unpack them. A set may be incomplete: the number of images found, and in which files, is
 * logged, and a warning states what is missing. Nothing is downloaded; use {@link
 * org.udge.datasets.download.Downloader} for that.
 *
 * <p>Immutable and thread-safe.
 */
public final class DatasetCatalog {

  private static final int SHAPES_TRAIN = 4000;
  private static final int SHAPES_TEST = 2000;

  private static final List<String> NAMES =
      List.of(
          "cifar10",
          "cifar100",
          "cifar100-coarse",
          "svhn",
          "celeba",
          "mnist",
          "fashion-mnist",
          "kmnist",
          "emnist-balanced",
          "emnist-byclass",
          "emnist-bymerge",
          "emnist-digits",
          "emnist-letters",
          "emnist-mnist",
          "tiny-imagenet",
          "shapes",
          "shapes-unseen");

  private final Optional<Path> root;

  private DatasetCatalog(Optional<Path> root) {
    this.root = root;
  }

  /**
   * The data sets below a folder, and the built-in ones.
   *
   * @param root the folder; searched when a set is opened
   * @return the catalog
   */
  public static DatasetCatalog at(Path root) {
    return new DatasetCatalog(Optional.of(root));
  }

  /**
   * The built-in data sets only.
   *
   * @return the catalog
   */
  public static DatasetCatalog builtIn() {
    return new DatasetCatalog(Optional.empty());
  }

  /**
   * The known names.
   *
   * @return the names, as in the table above
   */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * Whether a set needs no files.
   *
   * @param name a name from the table above
   * @return whether it is built in
   */
  public static boolean isBuiltIn(String name) {
    return name.startsWith("shapes");
  }

  /**
   * The shape in which a set is stored; sets of photographs are resized to 3 x 32 x 32 unless
   * another shape is requested.
   *
   * @param name a name from the table above
   * @return the shape
   */
  public static ImageShape shapeOf(String name) {
    return name.endsWith("mnist") || name.startsWith("emnist")
        ? new ImageShape(1, 28, 28)
        : ImageShape.CIFAR;
  }

  /**
   * Opens a split of a data set in the shape of {@link #shapeOf}.
   *
   * @param name a name from the table above
   * @param split which part
   * @return its images, named {@code name/split}
   * @throws IOException if no file is found, or one is refused; the message says what was found,
   *     what is expected, and where it comes from
   * @throws IllegalArgumentException if the name is unknown, the set has no such split, or it needs
   *     a folder and this catalog has none
   */
  public ImageSource open(String name, Split split) throws IOException {
    return open(name, split, shapeOf(name));
  }

  /**
   * Opens a split of a data set in a shape.
   *
   * @param name a name from the table above
   * @param split which part
   * @param shape the target shape, with 1 or 3 channels; images of another shape are cropped to its
   *     proportions and resized
   * @return its images, named {@code name/split}
   * @throws IOException if no file is found, or one is refused; the message says what was found,
   *     what is expected, and where it comes from
   * @throws IllegalArgumentException if the name is unknown, the set has no such split, or it needs
   *     a folder and this catalog has none
   */
  public ImageSource open(String name, Split split, ImageShape shape) throws IOException {
    String set = name.replaceFirst("^celeba:.*", "celeba");
    checkArgument(
        NAMES.contains(set),
        "unknown data set '%s': expected one of %s",
        name,
        String.join(", ", NAMES));
    if (isBuiltIn(set)) {
      return ResizedImages.of(shapes(set, split), shape);
    }
    checkArgument(root.isPresent(), "%s needs a folder of data: it is not built in", name);
    return ResizedImages.of(new DatasetFinder(root.get(), name, split).open(shape), shape);
  }

  private static ImageSource shapes(String name, Split split) {
    ShapesDataset shapes = ShapesDataset.standard();
    boolean unseen = name.equals("shapes-unseen");
    checkArgument(
        split == Split.TEST || (split == Split.TRAIN && !unseen),
        "%s has nothing to train on: only the test split",
        name);
    return unseen
        ? shapes.unseen(SHAPES_TEST)
        : split == Split.TRAIN ? shapes.train(SHAPES_TRAIN) : shapes.test(SHAPES_TEST);
  }

  /**
   * Opens a file or folder of images, whose kind is determined by its name and size: {@code .npy}
   * and {@code .npz} as {@link NpyImages}; an image file, a folder or a zip as {@link ImageFiles},
   * resized to 3 x 32 x 32; {@code .mat} as {@link SvhnImages}; any other file as records of the
   * {@link RecordFormat} of whose record size its length is a multiple, CIFAR-100 with fine labels.
   *
   * @param path the file or folder
   * @return its images, named after it
   * @throws IOException if there is no such file, or none of these formats fits
   */
  public static ImageSource open(Path path) throws IOException {
    return open(path, ImageShape.CIFAR);
  }

  /**
   * Opens a file or folder of images, as {@link #open(Path)}, resizing image files to a shape.
   *
   * @param path the file or folder
   * @param shape the shape for image files, of 1 or 3 channels; all other files have their own
   * @return its images, named after it
   * @throws IOException if there is no such file, or none of these formats fits
   */
  public static ImageSource open(Path path, ImageShape shape) throws IOException {
    if (Files.isDirectory(path)) {
      return ImageFiles.folder(path, shape);
    }
    if (!Files.isRegularFile(path)) {
      throw new NoSuchFileException(path.toString(), null, "expected a file or folder of images");
    }
    String name = path.getFileName().toString();
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".npy") || lower.endsWith(".npz")) {
      return NpyImages.read(path);
    }
    if (lower.endsWith(".zip")) {
      return ImageFiles.zip(path, shape);
    }
    if (lower.endsWith(".mat")) {
      return SvhnImages.read(name, path);
    }
    return ImageFiles.isImage(path)
        ? ImageFiles.of(name, shape, List.of(path))
        : formatOf(path).read(path);
  }

  /**
   * Opens one split of a user's own images: in a folder with a subfolder per split, that subfolder
   * ({@code train}; {@code test}, else {@code val}, {@code valid} or {@code validation}); in an
   * {@code .npz} with arrays per split, those arrays ({@code x_train}, {@code y_train}, {@code
   * x_test}, {@code y_test}).
   *
   * @param path the folder or file
   * @param split which part
   * @param shape the shape for image files, of 1 or 3 channels
   * @return the split; empty if the images are not divided into splits
   * @throws IOException if the split exists and is refused
   */
  public static Optional<ImageSource> openPart(Path path, Split split, ImageShape shape)
      throws IOException {
    if (path.getFileName() != null && path.getFileName().toString().endsWith(".npz")) {
      return NpyImages.readPart(path, split);
    }
    if (!Files.isDirectory(path)) {
      return Optional.empty();
    }
    List<String> folders =
        split == Split.TEST
            ? List.of("test", "val", "valid", "validation")
            : split == Split.VALIDATION
                ? List.of("val", "valid", "validation")
                : List.of(split.label());
    for (String folder : folders) {
      Path part = path.resolve(folder);
      if (Files.isDirectory(part)) {
        String name = path.toAbsolutePath().normalize().getFileName() + "/" + split.label();
        return Optional.of(ImageFiles.folder(part, shape).named(name));
      }
    }
    return Optional.empty();
  }

  /**
   * Determines the record format of a file from its size.
   *
   * @param file a file of records
   * @return the one format that fits; {@link RecordFormat#CIFAR100} for either kind of its labels
   * @throws IOException if none fits, or more than one
   */
  public static RecordFormat formatOf(Path file) throws IOException {
    long size = Files.size(file);
    List<RecordFormat> all =
        List.of(RecordFormat.UNLABELED, RecordFormat.CIFAR10, RecordFormat.CIFAR100);
    List<RecordFormat> fitting =
        all.stream().filter(format -> size > 0 && size % format.recordSize() == 0).toList();
    if (fitting.size() != 1) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has %,d bytes, which fits %s of the formats: %s. It may be truncated; image files"
                  + " end in .npy, .npz, .zip, .png, .jpg, .webp, .bmp or .gif",
              file,
              size,
              fitting.isEmpty() ? "none" : "more than one",
              all.stream().map(RecordFormat::describe).collect(Collectors.joining("; "))));
    }
    return fitting.get(0);
  }

  /** The content of a folder, for messages. */
  static String contents(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      return "no such folder";
    }
    try (Stream<Path> entries = Files.list(root)) {
      String names =
          entries
              .map(entry -> entry.getFileName().toString())
              .sorted()
              .limit(20)
              .collect(Collectors.joining(", "));
      return names.isEmpty() ? "nothing" : names;
    }
  }
}
