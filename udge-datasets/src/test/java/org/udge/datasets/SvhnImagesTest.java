package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.data.ImageSource;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.format.Mat5File;
import us.hebi.matlab.mat.types.MatlabType;
import us.hebi.matlab.mat.types.Matrix;

class SvhnImagesTest {

  @TempDir Path folder;

  @Test
  void reads_what_scipy_writes_and_digit_0_is_class_0() throws IOException {
    Path file = FormatFiles.copy("svhn.mat", folder.resolve("test_32x32.mat"));
    ImageSource images = SvhnImages.read("svhn/test", file);
    assertThat(Labels.of(images)).containsExactly(1, 0, 9);
    for (int i = 0; i < 3; i++) {
      float[] pixels = TestImages.pixels(images, i);
      for (int k = 0; k < pixels.length; k++) {
        assertThat(Math.round((pixels[k] + 1) * 127.5)).isEqualTo(FormatFiles.pixel(i, k));
      }
    }
    assertThat(Labels.of(DatasetCatalog.at(folder).open("svhn", Split.TEST)))
        .containsExactly(1, 0, 9);
  }

  private Path mat(String name, int[] sizes, int labels, int label) throws IOException {
    Matrix x = Mat5.newMatrix(sizes, MatlabType.UInt8);
    Matrix y = Mat5.newMatrix(new int[] {labels, 1}, MatlabType.UInt8);
    for (int i = 0; i < labels; i++) {
      y.setByte(i, (byte) label);
    }
    Path file = folder.resolve(name);
    try (Mat5File mat = Mat5.newMatFile()) {
      mat.addArray("other", Mat5.newString("left alone"));
      mat.addArray("X", x);
      mat.addArray("y", y);
      Mat5.writeToFile(mat, file.toFile());
    }
    return file;
  }

  private static void refused(Path file, String message) {
    assertThatThrownBy(() -> SvhnImages.read("x", file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void refuses_other_arrays_and_labels() throws IOException {
    refused(
        mat("a.mat", new int[] {32, 32, 1, 2}, 2, 1),
        "X is uint8 [32, 32, 1, 2], expected uint8 [32, 32, 3, N]");
    refused(mat("b.mat", new int[] {32, 32, 3, 2}, 3, 1), "X holds 2 images, y 3 labels");
    refused(mat("c.mat", new int[] {32, 32, 3, 2}, 2, 0), "label 0 is 0, expected 1 to 10");
    refused(mat("d.mat", new int[] {32, 32, 3, 2}, 2, 11), "label 0 is 11, expected 1 to 10");
  }

  @Test
  void refuses_what_is_cut_short_or_something_else() throws IOException {
    byte[] whole = FormatFiles.resource("svhn.mat");
    for (int length = 0; length < whole.length; length += 61) {
      Path file = Files.write(folder.resolve("cut.mat"), Arrays.copyOf(whole, length));
      refused(file, "");
    }
    refused(Files.write(folder.resolve("text.mat"), "something else".getBytes()), "");
  }
}
