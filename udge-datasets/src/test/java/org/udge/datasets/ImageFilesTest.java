package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.formats.ImageDecoder;

class ImageFilesTest {

  @TempDir Path folder;

  private interface Painter {
    int color(int x, int y);
  }

  private Path png(String name, int width, int height, Painter painter) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, painter.color(x, y));
      }
    }
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  private static float[] bytes(float... pixels) {
    float[] bytes = new float[pixels.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = Math.round((pixels[i] + 1) * 127.5f);
    }
    return bytes;
  }

  private static float[] read(Path file, ImageShape shape) {
    return bytes(TestImages.pixels(ImageFiles.of("x", shape, List.of(file)), 0));
  }

  @Test
  void an_image_of_the_right_size_is_read_exactly() throws IOException {
    Path file = png("a.png", 3, 2, (x, y) -> 0x102030 + x + 256 * y);
    assertThat(read(file, new ImageShape(3, 2, 3)))
        .containsExactly(16, 16, 16, 16, 16, 16, 32, 32, 32, 33, 33, 33, 48, 49, 50, 48, 49, 50);
  }

  @Test
  void one_channel_is_luminance() throws IOException {
    Path file = png("a.png", 3, 1, (x, y) -> 0xff << 8 * x);
    assertThat(read(file, new ImageShape(1, 1, 3))).containsExactly(29, 150, 76);
  }

  @Test
  void the_center_is_cut_out() throws IOException {
    Path wide = png("wide.png", 8, 2, (x, y) -> x == 3 ? 0xff : x == 4 ? 0x7f : 0xffffff);
    assertThat(read(wide, new ImageShape(3, 2, 2)))
        .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 255, 127, 255, 127);
    Path tall =
        png("tall.png", 2, 6, (x, y) -> y == 2 || y == 3 ? 0x010101 * (10 * y + x) : 0xffffff);
    assertThat(read(tall, new ImageShape(1, 2, 2))).containsExactly(20, 21, 30, 31);
  }

  @Test
  void making_smaller_averages() throws IOException {
    Path file = png("checker.png", 64, 64, (x, y) -> (x + y) % 2 == 0 ? 0xffffff : 0);
    float[] pixels = read(file, new ImageShape(1, 32, 32));
    for (int row = 1; row < 31; row++) {
      for (int column = 1; column < 31; column++) {
        assertThat(pixels[32 * row + column]).isCloseTo(127.5f, within(1f));
      }
    }
  }

  @Test
  void a_linear_ramp_stays_one() throws IOException {
    Path file = png("ramp.png", 128, 128, (x, y) -> 0x010101 * (2 * x));
    float[] pixels = read(file, new ImageShape(1, 32, 32));
    for (int x = 1; x < 31; x++) {
      // The new pixel x covers old pixels 4x to 4x + 3, whose mean is 2 (4x + 1.5).
      assertThat(pixels[x]).isCloseTo(8 * x + 3, within(0.51f));
    }
  }

  @Test
  void enlarging_interpolates_linearly() throws IOException {
    Path file = png("two.png", 2, 2, (x, y) -> 0x010101 * (100 * x));
    assertThat(read(file, new ImageShape(1, 4, 4))).startsWith(0, 25, 75, 100);
  }

  @Test
  void a_plain_folder_has_files_in_order_without_labels() throws IOException {
    png("plain/b.png", 1, 1, (x, y) -> 0x020202);
    png("plain/a.PNG", 1, 1, (x, y) -> 0x010101);
    Files.writeString(folder.resolve("plain/notes.txt"), "not an image");
    ImageSource images = ImageFiles.folder(folder.resolve("plain"), new ImageShape(1, 1, 1));
    assertThat(images.size()).isEqualTo(2);
    assertThat(images.name()).isEqualTo("plain");
    assertThat(bytes(TestImages.pixels(images, 0))).containsExactly(1);
    assertThat(Labels.of(images)).containsOnly(Batch.UNLABELED);
  }

  @Test
  void subfolders_are_classes() throws IOException {
    png("set/dog/1.png", 1, 1, (x, y) -> 0);
    png("set/cat/1.png", 1, 1, (x, y) -> 0);
    png("set/cat/2.png", 1, 1, (x, y) -> 0);
    Files.createDirectories(folder.resolve("set/empty"));
    ImageSource images = ImageFiles.folder(folder.resolve("set"), ImageShape.CIFAR);
    assertThat(images.classNames()).containsExactly("cat", "dog");
    assertThat(Labels.of(images)).containsExactly(0, 0, 1);
  }

  @Test
  void reads_jpeg() throws IOException {
    BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
    Path file = folder.resolve("a.jpg");
    assertThat(ImageIO.write(image, "jpg", file.toFile())).isTrue();
    assertThat(read(file, ImageShape.CIFAR)).containsOnly(0);
  }

  @Test
  void a_damaged_file_is_named_when_it_is_read() throws IOException {
    Path file = Files.write(folder.resolve("bad.png"), new byte[] {1, 2, 3});
    ImageSource images = ImageFiles.of("x", ImageShape.CIFAR, List.of(file));
    assertThatThrownBy(() -> TestImages.pixels(images, 0))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("bad.png");
  }

  @Test
  void a_decoder_of_ones_own_limits_what_is_read() throws IOException {
    Path file = png("set/a.png", 4, 4, (x, y) -> 0);
    ImageFiles images = ImageFiles.of("x", ImageShape.CIFAR, List.of(file));
    ImageFiles limited = images.withDecoder(ImageDecoder.ofDefaults().withMaxPixels(15));
    assertThat(TestImages.pixels(images, 0)).hasSize(3 * 32 * 32);
    assertThatThrownBy(() -> TestImages.pixels(limited, 0))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("a.png")
        .hasMessageContaining("4 x 4");
  }

  @Test
  void refuses_folders_without_images_and_what_is_no_folder() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertThatThrownBy(() -> ImageFiles.folder(empty, ImageShape.CIFAR))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has no image: expected files ending in .png");
    assertThatThrownBy(() -> ImageFiles.folder(folder.resolve("absent"), ImageShape.CIFAR))
        .isInstanceOf(NotDirectoryException.class)
        .hasMessageContaining("absent");
  }

  @Test
  void refuses_two_channels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageFiles.of("x", new ImageShape(2, 4, 4), List.of()))
        .withMessageContaining("1 channel or 3, not 2");
  }
}
