package org.udge.datasets;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.formats.SvhnArrays;

/**
 * The cropped digits of SVHN, 3 x 32 x 32, from the files {@code train_32x32.mat}, {@code
 * test_32x32.mat} and {@code extra_32x32.mat} as published: compressed MATLAB 5 arrays, in which
 * label 10 stands for digit 0. The images are read into memory as bytes.
 */
public final class SvhnImages {

  /** Names of the classes: the digits 0 to 9. */
  public static final List<String> CLASS_NAMES =
      List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

  private SvhnImages() {}

  /**
   * Reads a file. Reading needs twice the memory of the images (extra: 2 x 1.6 GB).
   *
   * @param name a name for tables and plots
   * @param file a file like train_32x32.mat
   * @return its images; class c is digit c
   * @throws IOException if the file is refused ({@link SvhnArrays#read})
   */
  public static ImageSource read(String name, Path file) throws IOException {
    SvhnArrays arrays = SvhnArrays.read(file);
    return ByteImages.of(name, ImageShape.CIFAR, CLASS_NAMES, arrays.pixels(), arrays.labels());
  }
}
