package org.udge.datasets;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.udge.data.ImageShape;
import org.udge.datasets.formats.CelebALists;
import org.udge.datasets.formats.FileCollection;
import org.udge.datasets.formats.ImageDecoder;

/**
 * The aligned and cropped faces of CelebA with one of their 40 attributes as the label. They are
 * read from the folder {@code img_align_celeba} or from {@code img_align_celeba.zip} without
 * unpacking it.
 *
 * <p>An image of 178 x 218 is converted to a square by cropping its center and resizing the result
 * with antialiasing. (The published program resizes without cropping, which gives 32 x 39, and its
 * network then ignores the last rows.)
 */
public final class CelebAImages {

  /** The attribute that is the label by default: Male. */
  public static final String DEFAULT_ATTRIBUTE = "Male";

  private static final String IMAGES = "img_align_celeba";
  private static final String ATTRIBUTES = "list_attr_celeba";
  private static final String PARTITIONS = "list_eval_partition";

  private CelebAImages() {}

  /**
   * Opens one part of the set.
   *
   * @param folder contains {@code img_align_celeba} (a folder or a zip), {@code
   *     list_attr_celeba.txt} and {@code list_eval_partition.txt}; the lists may be .csv
   * @param split which part: train, validation or test
   * @param attribute the attribute that is the label, for example Smiling, not case-sensitive
   * @param shape the target shape, with 1 or 3 channels
   * @return its images, named {@code celeba/SPLIT}; class 0 is {@code not ATTRIBUTE}, 1 {@code
   *     ATTRIBUTE}
   * @throws IOException if a file is missing, a list is damaged or has no such attribute, or an
   *     image that the lists name is missing
   * @throws IllegalArgumentException if CelebA has no such split
   */
  public static ImageFiles open(Path folder, Split split, String attribute, ImageShape shape)
      throws IOException {
    int part =
        switch (split) {
          case TRAIN -> 0;
          case VALIDATION -> 1;
          case TEST -> 2;
          default -> -1;
        };
    checkArgument(part >= 0, "celeba has no split %s: train, validation or test", split);
    Map<String, Integer> partitions = CelebALists.partitions(list(folder, PARTITIONS));
    Map<String, Integer> values = CelebALists.attribute(list(folder, ATTRIBUTES), attribute);
    FileCollection files = images(folder);
    Map<String, String> places = places(files);
    List<String> names = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (Map.Entry<String, Integer> image : partitions.entrySet()) {
      if (image.getValue() == part) {
        String place = places.get(image.getKey());
        Integer label = values.get(image.getKey());
        if (place == null || label == null) {
          throw new IOException(
              String.format(
                  Locale.ROOT,
                  "%s names %s, which %s does not contain: the set is incomplete",
                  list(folder, PARTITIONS).getFileName(),
                  image.getKey(),
                  place == null ? files.root() : list(folder, ATTRIBUTES)));
        }
        names.add(place);
        labels.add(label);
      }
    }
    return ImageFiles.of(
        "celeba/" + split.label(),
        shape,
        List.of("not " + attribute, attribute),
        files,
        names,
        labels.stream().mapToInt(Integer::intValue).toArray());
  }

  /** The location of each image, by its name. */
  private static Map<String, String> places(FileCollection files) {
    Map<String, String> places = new HashMap<>();
    for (String name : files.names()) {
      if (ImageDecoder.isImage(name)) {
        places.put(name.substring(name.lastIndexOf('/') + 1), name);
      }
    }
    return places;
  }

  private static Path list(Path folder, String name) throws IOException {
    for (String suffix : List.of(".txt", ".csv")) {
      Path file = folder.resolve(name + suffix);
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    throw new NoSuchFileException(
        folder.resolve(name + ".txt").toString(), null, "CelebA needs it next to its images");
  }

  private static FileCollection images(Path folder) throws IOException {
    Path unpacked = folder.resolve(IMAGES);
    if (Files.isDirectory(unpacked)) {
      // Some archives contain a folder of the same name.
      return FileCollection.folder(unpacked, 2);
    }
    return FileCollection.zip(folder.resolve(IMAGES + ".zip"));
  }

  /** Whether a folder contains the set, or part of it. */
  static boolean isIn(Path folder) {
    return Files.isDirectory(folder.resolve(IMAGES))
        || Files.isRegularFile(folder.resolve(IMAGES + ".zip"));
  }
}
