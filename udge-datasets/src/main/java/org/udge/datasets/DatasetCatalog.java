package org.udge.datasets;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;

/**
 * Finds data sets by name below a folder, and opens files of images.
 *
 * <table>
 *   <caption>Names, and the files they stand for</caption>
 *   <tr><th>name</th><th>{@link Split#TRAIN}</th><th>{@link Split#TEST}</th></tr>
 *   <tr><td>{@code cifar10}</td><td>{@code data_batch_1.bin} to {@code data_batch_5.bin}, those
 *       there are</td><td>{@code test_batch*.bin}</td></tr>
 *   <tr><td>{@code cifar100} (fine classes), {@code cifar100-coarse}</td><td>{@code train.bin},
 *       {@code cifar100_train*.bin}</td><td>{@code test.bin}, {@code cifar100_test*.bin}</td></tr>
 *   <tr><td>{@code svhn} (records without labels)</td><td>{@code svhn_train*.bin}</td><td>{@code
 *       svhn_test*.bin}, else {@code svhn*.bin}</td></tr>
 *   <tr><td>{@code shapes} (built in, needs no files)</td><td>4,000 images</td><td>2,000
 *       images</td></tr>
 *   <tr><td>{@code shapes-unseen} (built in, needs no files)</td><td>none</td><td>2,000 images of
 *       further classes</td></tr>
 * </table>
 *
 * <p>Files are looked for in the folder itself and in {@code cifar-10-batches-bin}, {@code
 * cifar-100-binary} and {@code svhn} below it. A set may be incomplete; how many images were found
 * is logged. Nothing is ever downloaded.
 *
 * <p>Immutable and thread-safe.
 */
public final class DatasetCatalog {

  private static final Logger log = LoggerFactory.getLogger(DatasetCatalog.class);

  private static final int SHAPES_TRAIN = 4000;
  private static final int SHAPES_TEST = 2000;

  private static final List<String> NAMES =
      List.of("cifar10", "cifar100", "cifar100-coarse", "svhn", "shapes", "shapes-unseen");

  private static final List<String> FOLDERS =
      List.of("", "cifar-10-batches-bin", "cifar-100-binary", "svhn");

  /**
   * Files of a split of a data set.
   *
   * @param complete images in the whole split
   * @param patterns of file names; the first that matches anything counts
   */
  private record Recipe(RecordFormat format, int complete, List<String> patterns) {}

  private final Optional<Path> root;

  private DatasetCatalog(Optional<Path> root) {
    this.root = root;
  }

  /**
   * The data sets below a folder, and the built-in ones.
   *
   * @param root the folder; looked into when a set is opened
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
   * The names known.
   *
   * @return the names, as in the table above
   */
  public static List<String> names() {
    return NAMES;
  }

  /**
   * Opens a split of a data set.
   *
   * @param name a name from the table above
   * @param split which part
   * @return its images, named {@code name/split}
   * @throws IOException if no file is found, or one is refused; the message says what was found and
   *     what is expected
   * @throws IllegalArgumentException if the name is unknown, the set has no such split, or it needs
   *     a folder and this catalog has none
   */
  public ImageSource open(String name, Split split) throws IOException {
    checkArgument(
        NAMES.contains(name),
        "unknown data set '%s': expected one of %s",
        name,
        String.join(", ", NAMES));
    boolean train = split == Split.TRAIN;
    ShapesDataset shapes = ShapesDataset.standard();
    return switch (name) {
      case "shapes" -> train ? shapes.train(SHAPES_TRAIN) : shapes.test(SHAPES_TEST);
      case "shapes-unseen" -> {
        checkArgument(!train, "shapes-unseen has nothing to train on: only the test split");
        yield shapes.unseen(SHAPES_TEST);
      }
      default -> records(name, split, recipe(name, train));
    };
  }

  private static Recipe recipe(String name, boolean train) {
    return switch (name) {
      case "cifar10" ->
          train
              ? new Recipe(RecordFormat.CIFAR10, 50_000, List.of("data_batch_[1-5].bin"))
              : new Recipe(
                  RecordFormat.CIFAR10, 10_000, List.of("test_batch.bin", "test_batch*.bin"));
      case "svhn" ->
          train
              ? new Recipe(RecordFormat.UNLABELED, 73_257, List.of("svhn_train*.bin"))
              : new Recipe(RecordFormat.UNLABELED, 26_032, List.of("svhn_test*.bin", "svhn*.bin"));
      default -> {
        RecordFormat format =
            name.equals("cifar100") ? RecordFormat.CIFAR100 : RecordFormat.CIFAR100_COARSE;
        yield train
            ? new Recipe(format, 50_000, List.of("train.bin", "cifar100_train*.bin"))
            : new Recipe(format, 10_000, List.of("test.bin", "cifar100_test*.bin"));
      }
    };
  }

  private ImageSource records(String name, Split split, Recipe recipe) throws IOException {
    String title = name + "/" + split.name().toLowerCase(Locale.ROOT);
    checkArgument(root.isPresent(), "%s needs a folder of data: it is not built in", name);
    List<Path> files = find(root.get(), recipe.patterns());
    if (files.isEmpty()) {
      throw notFound(title, root.get(), recipe);
    }
    ImageSource images = recipe.format().read(title, files);
    log.atInfo()
        .addArgument(title)
        .addArgument(() -> String.format("%,d of %,d", images.size(), recipe.complete()))
        .addArgument(files)
        .log("{}: {} images from {}");
    return images;
  }

  private static List<Path> find(Path root, List<String> patterns) throws IOException {
    for (String folder : FOLDERS) {
      for (String pattern : patterns) {
        List<Path> files = matches(root.resolve(folder), pattern);
        if (!files.isEmpty()) {
          return files;
        }
      }
    }
    return List.of();
  }

  private static List<Path> matches(Path folder, String pattern) throws IOException {
    List<Path> files = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, pattern)) {
        entries.forEach(files::add);
      }
    }
    Collections.sort(files);
    return files;
  }

  private static IOException notFound(String title, Path root, Recipe recipe) throws IOException {
    return new NoSuchFileException(
        root.toString(),
        null,
        String.format(
            "no files of %s. Expected %s (%,d images, %s), there or in one of the folders %s of it."
                + " Found: %s",
            title,
            String.join(" or ", recipe.patterns()),
            recipe.complete(),
            recipe.format().describe(),
            String.join(", ", FOLDERS.subList(1, FOLDERS.size())),
            contents(root)));
  }

  private static String contents(Path root) throws IOException {
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

  /**
   * Opens a file or folder of images, telling by its name and size what it is: {@code .npy} as
   * {@link NpyImages}; an image file or a folder as {@link ImageFiles}, resized to 3 x 32 x 32; any
   * other file as records of whichever {@link RecordFormat} its size is a multiple of, CIFAR-100
   * with fine labels.
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
    if (name.endsWith(".npy")) {
      return NpyImages.read(path);
    }
    return ImageFiles.isImage(path)
        ? ImageFiles.of(name, shape, List.of(path))
        : formatOf(path).read(path);
  }

  /**
   * Tells by a file's size which records it holds.
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
              "%s has %,d bytes, which fits %s of the formats: %s. It may be truncated; image files"
                  + " end in .npy, .png, .jpg, .bmp or .gif",
              file,
              size,
              fitting.isEmpty() ? "none" : "more than one",
              all.stream().map(RecordFormat::describe).collect(Collectors.joining("; "))));
    }
    return fitting.get(0);
  }
}
