package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;

class IdxImagesTest {

  @TempDir Path folder;
  private Path images;
  private Path labels;

  @BeforeEach
  void files() throws IOException {
    images = Files.write(folder.resolve("images"), FormatFiles.idx(bytes(12), 2, 2, 3));
    labels = Files.write(folder.resolve("labels"), FormatFiles.idx(new byte[] {1, 0}, 2));
  }

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (20 * i);
    }
    return bytes;
  }

  private static int[] values(ImageSource source, int index) {
    float[] pixels = TestImages.pixels(source, index);
    int[] values = new int[pixels.length];
    Arrays.setAll(values, i -> Math.round((pixels[i] + 1) * 127.5f));
    return values;
  }

  private ImageSource read() throws IOException {
    return IdxImages.read("x", images, labels, List.of("a", "b"));
  }

  @Test
  void reads_plain_and_compressed_files() throws IOException {
    ImageSource plain = read();
    assertThat(plain.shape()).isEqualTo(new ImageShape(1, 2, 3));
    assertThat(values(plain, 1)).containsExactly(120, 140, 160, 180, 200, 220);
    assertThat(Labels.of(plain)).containsExactly(1, 0);
    Files.write(images, FormatFiles.gzip(Files.readAllBytes(images)));
    Files.write(labels, FormatFiles.gzip(Files.readAllBytes(labels)));
    assertThat(values(read(), 1)).containsExactly(120, 140, 160, 180, 200, 220);
  }

  @Test
  void emnist_is_turned_upright_and_letters_begin_at_one() throws IOException {
    Files.write(labels, FormatFiles.idx(new byte[] {1, 2}, 2));
    ImageSource upright = IdxImages.readEmnist("x", images, labels, List.of("a", "b"), 1);
    assertThat(upright.shape()).isEqualTo(new ImageShape(1, 3, 2));
    assertThat(values(upright, 0)).containsExactly(0, 60, 20, 80, 40, 100);
    assertThat(Labels.of(upright)).containsExactly(0, 1);
  }

  @Test
  void refuses_each_kind_of_damage_with_its_place() throws IOException {
    byte[] whole = Files.readAllBytes(images);
    refused(Arrays.copyOf(whole, whole.length - 1), "need 12 elements, it holds 11");
    refused(Arrays.copyOf(whole, whole.length + 1), "goes on after the 12 elements");
    refused(Arrays.copyOf(whole, 6), "ends at byte 6");
    refused(with(whole, 0, 1), "first bytes are 01 00");
    refused(with(whole, 2, 9), "byte 2 says elements of type 9");
    refused(with(whole, 3, 1), "byte 3 says 1 dimensions, expected 3");
    refused(with(whole, 4, 0x80), "dimension 0 is 2147483650");
    refused(with(with(whole, 4, 0x7f), 8, 0x7f), "more than 2^31 elements");
    refused(with(whole, 7, 3), "need 18 elements, it holds 12");
    refused(FormatFiles.idx(new byte[0], 2, 0, 3), "images of 0 x 3 pixels");
  }

  private static byte[] with(byte[] bytes, int position, int value) {
    byte[] copy = bytes.clone();
    copy[position] = (byte) value;
    return copy;
  }

  private void refused(byte[] file, String message) throws IOException {
    Files.write(images, file);
    assertThatThrownBy(this::read)
        .isInstanceOf(IOException.class)
        .hasMessageContaining(images.toString())
        .hasMessageContaining(message);
  }

  @Test
  void refuses_labels_that_do_not_belong_to_the_images() throws IOException {
    Files.write(labels, FormatFiles.idx(new byte[] {1, 0, 1}, 3));
    assertThatThrownBy(this::read)
        .hasMessageContaining("2 images")
        .hasMessageContaining("3 labels");
    Files.write(labels, FormatFiles.idx(new byte[] {1, 2}, 2));
    assertThatThrownBy(this::read)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("label 1 is 2, expected 0 to 1");
    Files.delete(labels);
    assertThatThrownBy(this::read)
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("labels");
  }
}
