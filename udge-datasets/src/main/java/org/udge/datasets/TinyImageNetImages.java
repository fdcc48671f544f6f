package org.udge.datasets;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.udge.data.ImageShape;
import org.udge.datasets.formats.FileCollection;
import org.udge.datasets.formats.ImageDecoder;

/**
 * Tiny-ImageNet: 200 classes of 64 x 64 images, from the unpacked folder {@code tiny-imagenet-200}
 * or from {@code tiny-imagenet-200.zip} without unpacking it. Classes are WordNet numbers such as
 * n01443537, in their order. The published test images have no labels; the validation images are
 * the test split here, as is usual.
 */
public final class TinyImageNetImages {

  private static final String NAME = "tiny-imagenet-200";
  private static final int DEPTH = 4;
  private static final long LONGEST_LIST = 1 << 24;

  private TinyImageNetImages() {}

  /**
   * Opens one split of the set.
   *
   * @param folder contains {@code tiny-imagenet-200} or {@code tiny-imagenet-200.zip}
   * @param train true for the 100,000 training images, false for the 10,000 validation images
   * @param shape the target shape, with 1 or 3 channels
   * @return its images, named {@code tiny-imagenet/train} or {@code tiny-imagenet/test}
   * @throws IOException if the set is missing or incomplete
   */
  public static ImageFiles open(Path folder, boolean train, ImageShape shape) throws IOException {
    Path unpacked = folder.resolve(NAME);
    FileCollection files =
        Files.isDirectory(unpacked)
            ? FileCollection.folder(unpacked, DEPTH)
            : FileCollection.zip(folder.resolve(NAME + ".zip"));
    String prefix =
        files.names().stream().anyMatch(n -> n.startsWith(NAME + "/")) ? NAME + "/" : "";
    return train
        ? ImageFiles.classFolders("tiny-imagenet/train", files, prefix + "train/", shape)
        : validation(files, prefix, shape);
  }

  private static ImageFiles validation(FileCollection files, String prefix, ImageShape shape)
      throws IOException {
    String list = prefix + "val/val_annotations.txt";
    if (!files.names().contains(list)) {
      throw new IOException(files.root() + " has no " + list + ": the set is incomplete");
    }
    Map<String, String> classOf = new LinkedHashMap<>();
    String text = new String(files.read(list, LONGEST_LIST), StandardCharsets.UTF_8);
    for (String line : text.lines().toList()) {
      List<String> parts = Splitter.on('\t').splitToList(line);
      if (parts.size() < 2) {
        throw new IOException(
            files.describe(list)
                + ": expected a file and a class in every line, was '"
                + line
                + "'");
      }
      classOf.put(prefix + "val/images/" + parts.get(0), parts.get(1));
    }
    List<String> classes = new ArrayList<>(new TreeSet<>(classOf.values()));
    List<String> images = files.names().stream().filter(classOf::containsKey).toList();
    if (images.size() != classOf.size() || !images.stream().allMatch(ImageDecoder::isImage)) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s names %,d images, of which %,d exist: the set is incomplete",
              files.describe(list),
              classOf.size(),
              images.size()));
    }
    int[] labels = images.stream().mapToInt(i -> classes.indexOf(classOf.get(i))).toArray();
    return ImageFiles.of("tiny-imagenet/test", shape, classes, files, images, labels);
  }

  /** Whether a folder contains the set. */
  static boolean isIn(Path folder) {
    return Files.isDirectory(folder.resolve(NAME))
        || Files.isRegularFile(folder.resolve(NAME + ".zip"));
  }
}
