package org.udge.datasets;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.download.PublishedDataset;

/** Finds one split of one data set below a folder, in any of its supported forms. */
final class DatasetFinder {

  private static final Logger LOG = LoggerFactory.getLogger(DatasetFinder.class);

  private static final List<String> MNIST_CLASSES = SvhnImages.CLASS_NAMES;
  private static final List<String> FASHION_CLASSES =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");
  private static final List<String> KMNIST_CLASSES =
      List.of("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo");

  private static final String DIGITS = "0123456789";
  private static final String UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  private static final String LOWER = "abcdefghijklmnopqrstuvwxyz";

  /** The lowercase letters that do not look like their capitals. */
  private static final String DISTINCT = "abdefghnqrt";

  private final Path root;
  private final String name;
  private final Split split;
  private final String title;

  DatasetFinder(Path root, String name, Split split) {
    this.root = root;
    this.name = name;
    this.split = split;
    title = name + "/" + split.label();
  }

  /** The images found, and the files they were read from. */
  private record Found(ImageSource images, List<Path> files) {}

  ImageSource open(ImageShape shape) throws IOException {
    checkSplit();
    Optional<Found> found =
        switch (name) {
          case "cifar10" -> cifar10();
          case "cifar100" -> cifar100(RecordFormat.CIFAR100);
          case "cifar100-coarse" -> cifar100(RecordFormat.CIFAR100_COARSE);
          case "svhn" -> svhn();
          case "mnist" -> idx(List.of("", "mnist", "MNIST/raw"), MNIST_CLASSES);
          case "fashion-mnist" ->
              idx(own("fashion", "fashion-mnist", "FashionMNIST/raw"), FASHION_CLASSES);
          case "kmnist" -> idx(own("kmnist", "kmnist", "KMNIST/raw"), KMNIST_CLASSES);
          case "tiny-imagenet" -> tinyImageNet(shape);
          default -> name.startsWith("emnist-") ? emnist() : celeba(shape);
        };
    if (found.isEmpty()) {
      throw notFound();
    }
    report(found.get());
    return found.get().images();
  }

  private void checkSplit() {
    boolean known =
        switch (split) {
          case TRAIN, TEST -> true;
          case EXTRA -> name.equals("svhn");
          case VALIDATION -> name.startsWith("celeba");
        };
    checkArgument(known, "%s has no split '%s'", name, split.label());
  }

  private boolean train() {
    return split == Split.TRAIN;
  }

  // The sets

  private Optional<Found> cifar10() throws IOException {
    List<String> patterns =
        train() ? List.of("data_batch_[1-5].bin") : List.of("test_batch.bin", "test_batch*.bin");
    Optional<Found> records =
        records(RecordFormat.CIFAR10, List.of("", "cifar-10-batches-bin", "cifar10"), patterns);
    return records.isPresent()
        ? records
        : pickles(
            RecordFormat.CIFAR10,
            List.of("cifar-10-batches-py", "", "cifar10"),
            "cifar-10-python.tar.gz",
            train()
                ? List.of(
                    "data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5")
                : List.of("test_batch"));
  }

  private Optional<Found> cifar100(RecordFormat format) throws IOException {
    List<String> patterns =
        train()
            ? List.of("train.bin", "cifar100_train*.bin")
            : List.of("test.bin", "cifar100_test*.bin");
    Optional<Found> records =
        records(format, List.of("", "cifar-100-binary", "cifar100"), patterns);
    return records.isPresent()
        ? records
        : pickles(
            format,
            List.of("cifar-100-python", "cifar100"),
            "cifar-100-python.tar.gz",
            List.of(split.label()));
  }

  private Optional<Found> records(RecordFormat format, List<String> folders, List<String> patterns)
      throws IOException {
    for (String folder : folders) {
      for (String pattern : patterns) {
        List<Path> files = matches(root.resolve(folder), pattern);
        if (!files.isEmpty()) {
          return Optional.of(new Found(read(format, files), files));
        }
      }
    }
    return Optional.empty();
  }

  /** In memory if a quarter of the heap is enough, otherwise left on disk. */
  private ImageSource read(RecordFormat format, List<Path> files) throws IOException {
    long bytes = 0;
    for (Path file : files) {
      bytes += Files.size(file);
    }
    return bytes < Runtime.getRuntime().maxMemory() / 4
        ? format.read(title, files)
        : format.layout().open(title, files);
  }

  private Optional<Found> pickles(
      RecordFormat format, List<String> folders, String archive, List<String> names)
      throws IOException {
    for (String folder : folders) {
      List<Path> files =
          names.stream()
              .map(file -> root.resolve(folder).resolve(file))
              .filter(Files::isRegularFile)
              .toList();
      if (!files.isEmpty()) {
        return Optional.of(new Found(CifarPickles.read(title, format, files), files));
      }
    }
    Path packed = root.resolve(archive);
    return Files.isRegularFile(packed)
        ? Optional.of(
            new Found(CifarPickles.readArchive(title, format, packed, names), List.of(packed)))
        : Optional.empty();
  }

  private Optional<Found> svhn() throws IOException {
    for (String folder : List.of("svhn", "", "SVHN")) {
      Path file = root.resolve(folder).resolve(split.label() + "_32x32.mat");
      if (Files.isRegularFile(file)) {
        return Optional.of(new Found(SvhnImages.read(title, file), List.of(file)));
      }
    }
    List<String> patterns =
        switch (split) {
          case TRAIN -> List.of("svhn_train*.bin");
          case TEST -> List.of("svhn_test*.bin", "svhn*.bin");
          default -> List.of("svhn_extra*.bin");
        };
    return records(RecordFormat.UNLABELED, List.of("", "svhn"), patterns);
  }

  private Optional<Found> celeba(ImageShape shape) throws IOException {
    int colon = name.indexOf(':');
    String attribute = colon < 0 ? CelebAImages.DEFAULT_ATTRIBUTE : name.substring(colon + 1);
    for (String folder : List.of("celeba", "CelebA", "")) {
      Path place = root.resolve(folder);
      if (CelebAImages.isIn(place)) {
        return Optional.of(
            new Found(CelebAImages.open(place, split, attribute, shape), List.of(place)));
      }
    }
    return Optional.empty();
  }

  private Optional<Found> tinyImageNet(ImageShape shape) throws IOException {
    for (String folder : List.of("", "tiny-imagenet")) {
      Path place = root.resolve(folder);
      if (TinyImageNetImages.isIn(place)) {
        return Optional.of(
            new Found(TinyImageNetImages.open(place, train(), shape), List.of(place)));
      }
    }
    return Optional.empty();
  }

  /**
   * Folders of a set whose files have the same names as MNIST's: never a folder that may be
   * MNIST's.
   */
  private List<String> own(String word, String... folders) {
    List<String> all = new ArrayList<>(List.of(folders));
    String place = root.toAbsolutePath().normalize().toString().toLowerCase(Locale.ROOT);
    if (place.replace("_", "-").contains(word)) {
      all.add("");
    }
    return all;
  }

  private Optional<Found> idx(List<String> folders, List<String> classes) throws IOException {
    String part = train() ? "train" : "t10k";
    Optional<List<Path>> files =
        pair(folders, part + "-images-idx3-ubyte", part + "-labels-idx1-ubyte");
    if (files.isEmpty()) {
      return Optional.empty();
    }
    List<Path> pair = files.get();
    return Optional.of(new Found(IdxImages.read(title, pair.get(0), pair.get(1), classes), pair));
  }

  private Optional<Found> emnist() throws IOException {
    String kind = name.substring("emnist-".length());
    String prefix = name + "-" + split.label();
    Optional<List<Path>> files =
        pair(
            List.of("", "emnist", "emnist/gzip", "gzip", "EMNIST/raw"),
            prefix + "-images-idx3-ubyte",
            prefix + "-labels-idx1-ubyte");
    if (files.isEmpty()) {
      return Optional.empty();
    }
    List<String> classes =
        switch (kind) {
          case "byclass" -> letters(DIGITS + UPPER + LOWER);
          case "bymerge", "balanced" -> letters(DIGITS + UPPER + DISTINCT);
          case "letters" -> letters(LOWER);
          default -> letters(DIGITS);
        };
    List<Path> pair = files.get();
    int first = kind.equals("letters") ? 1 : 0;
    return Optional.of(
        new Found(IdxImages.readEmnist(title, pair.get(0), pair.get(1), classes, first), pair));
  }

  private static List<String> letters(String characters) {
    return characters.chars().mapToObj(Character::toString).toList();
  }

  private Optional<List<Path>> pair(List<String> folders, String images, String labels) {
    for (String folder : folders) {
      for (String suffix : List.of("", ".gz")) {
        Path one = root.resolve(folder).resolve(images + suffix);
        Path other = root.resolve(folder).resolve(labels + suffix);
        if (Files.isRegularFile(one) && Files.isRegularFile(other)) {
          return Optional.of(List.of(one, other));
        }
      }
    }
    return Optional.empty();
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

  // Reports on the sets

  /** Number of images in the whole split. */
  private int complete() {
    return switch (name) {
      case "cifar10", "cifar100", "cifar100-coarse" -> train() ? 50_000 : 10_000;
      case "svhn" ->
          switch (split) {
            case TRAIN -> 73_257;
            case EXTRA -> 531_131;
            default -> 26_032;
          };
      case "mnist", "fashion-mnist", "kmnist", "emnist-mnist" -> train() ? 60_000 : 10_000;
      case "emnist-balanced" -> train() ? 112_800 : 18_800;
      case "emnist-byclass", "emnist-bymerge" -> train() ? 697_932 : 116_323;
      case "emnist-digits" -> train() ? 240_000 : 40_000;
      case "emnist-letters" -> train() ? 124_800 : 20_800;
      case "tiny-imagenet" -> train() ? 100_000 : 10_000;
      default ->
          switch (split) {
            case TRAIN -> 162_770;
            case VALIDATION -> 19_867;
            default -> 19_962;
          };
    };
  }

  private void report(Found found) {
    int size = found.images().size();
    if (size < complete()) {
      LOG.warn(
          "{}: only {} of {} images, from {}{}",
          title,
          String.format(Locale.ROOT, "%,d", size),
          String.format(Locale.ROOT, "%,d", complete()),
          found.files(),
          missing(found.files()));
    } else {
      LOG.info(
          "{}: {} images from {}", title, String.format(Locale.ROOT, "%,d", size), found.files());
    }
  }

  private String missing(List<Path> files) {
    if (!name.equals("cifar10") || !train()) {
      return "";
    }
    List<String> names = files.stream().map(file -> file.getFileName().toString()).toList();
    List<String> absent =
        IntStream.rangeClosed(1, 5)
            .mapToObj(i -> "data_batch_" + i)
            .filter(batch -> names.stream().noneMatch(file -> file.startsWith(batch)))
            .toList();
    boolean packed = names.stream().anyMatch(file -> file.contains(".tar"));
    return absent.isEmpty() || packed ? "" : "; missing: " + String.join(", ", absent);
  }

  private IOException notFound() throws IOException {
    return new NoSuchFileException(
        root.toString(),
        null,
        String.format(
            Locale.ROOT,
            "no files of %s. Expected %s (%,d images). %s Found: %s",
            title,
            expected(),
            complete(),
            source(),
            DatasetCatalog.contents(root)));
  }

  private String expected() {
    String idx = (train() ? "train" : "t10k") + "-images-idx3-ubyte and -labels-idx1-ubyte";
    return switch (name) {
      case "cifar10" ->
          train()
              ? "data_batch_[1-5].bin (records of 3,073 bytes), there or in cifar-10-batches-bin,"
                  + " or"
                  + " data_batch_1 to 5 in cifar-10-batches-py, or cifar-10-python.tar.gz"
              : "test_batch.bin (records of 3,073 bytes), there or in cifar-10-batches-bin, or"
                  + " test_batch in cifar-10-batches-py, or cifar-10-python.tar.gz";
      case "cifar100", "cifar100-coarse" ->
          split.label()
              + ".bin or cifar100_"
              + split.label()
              + "*.bin (records of 3,074 bytes), there or in cifar-100-binary, or "
              + split.label()
              + " in cifar-100-python, or cifar-100-python.tar.gz";
      case "svhn" ->
          split.label()
              + "_32x32.mat, or svhn_"
              + split.label()
              + "*.bin (records of 3,072 bytes without labels), there or in svhn";
      case "mnist" -> idx + ", with .gz or without, there or in mnist or MNIST/raw";
      case "fashion-mnist" -> idx + ", with .gz or without, in fashion-mnist or FashionMNIST/raw";
      case "kmnist" -> idx + ", with .gz or without, in kmnist or KMNIST/raw";
      case "tiny-imagenet" -> "tiny-imagenet-200.zip, or the folder tiny-imagenet-200 of it";
      default ->
          name.startsWith("emnist-")
              ? name
                  + "-"
                  + split.label()
                  + "-images-idx3-ubyte and -labels-idx1-ubyte, with .gz or without, there or in"
                  + " emnist or EMNIST/raw"
              : "img_align_celeba.zip (or the folder of it), list_attr_celeba.txt and"
                  + " list_eval_partition.txt, in celeba";
    };
  }

  private String source() {
    String wanted = split == Split.EXTRA ? "svhn-extra" : name;
    PublishedDataset set = PublishedDataset.find(wanted).orElseThrow();
    String place = set.folder().isEmpty() ? root.toString() : root.resolve(set.folder()).toString();
    URI from = set.files().size() == 1 ? set.files().get(0).address() : set.page();
    return set.byHand()
        ? String.format(
            Locale.ROOT,
            "They come from %s and belong in %s; `udge download %s` then verifies them.",
            set.page(),
            place,
            set.name())
        : String.format(
            Locale.ROOT,
            "They come from %s; `udge download %s --data_root %s` fetches them.",
            from,
            set.name(),
            root);
  }
}
