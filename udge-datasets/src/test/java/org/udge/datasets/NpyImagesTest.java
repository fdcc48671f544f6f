package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;

class NpyImagesTest {

  @TempDir Path folder;

  /** Writes a version 1 file by hand. */
  private Path npy(String name, String type, String shape, byte... data) throws IOException {
    String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + shape + "), }";
    int padding = 64 - (10 + header.length() + 1) % 64;
    byte[] text = (header + " ".repeat(padding) + "\n").getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    out.write(text.length);
    out.write(text.length >> 8);
    out.write(text);
    out.write(data);
    return Files.write(folder.resolve(name), out.toByteArray());
  }

  private static byte[] floats(float... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(values);
    return buffer.array();
  }

  @Test
  void reads_bytes_channels_first() throws IOException {
    Path file =
        npy(
            "x.npy",
            "|u1",
            "1, 3, 1, 2",
            (byte) 0,
            (byte) 255,
            (byte) 51,
            (byte) 51,
            (byte) 102,
            (byte) 204);
    ImageSource images = NpyImages.read(file);
    assertThat(images.shape()).isEqualTo(new ImageShape(3, 1, 2));
    assertThat(images.name()).isEqualTo("x.npy");
    assertThat(images.label(0)).isEqualTo(Batch.UNLABELED);
    assertThat(TestImages.pixels(images, 0)).containsExactly(-1, 1, -0.6f, -0.6f, -0.2f, 0.6f);
  }

  @Test
  void reads_bytes_channels_last() throws IOException {
    Path file =
        npy(
            "x.npy",
            "|u1",
            "1, 2, 1, 3",
            (byte) 0,
            (byte) 51,
            (byte) 102,
            (byte) 255,
            (byte) 51,
            (byte) 204);
    ImageSource images = NpyImages.read(file);
    assertThat(images.shape()).isEqualTo(new ImageShape(3, 2, 1));
    assertThat(TestImages.pixels(images, 0)).containsExactly(-1, 1, -0.6f, -0.6f, -0.2f, 0.6f);
  }

  @Test
  void reads_floats_as_they_are() throws IOException {
    Path file = npy("x.npy", "<f4", "2, 1, 1, 2", floats(-1.1f, 0.25f, 0.5f, 1));
    ImageSource images = NpyImages.read(file);
    assertThat(images.size()).isEqualTo(2);
    assertThat(TestImages.pixels(images, 0)).containsExactly(-1.1f, 0.25f);
    assertThat(TestImages.pixels(images, 1)).containsExactly(0.5f, 1);
  }

  @Test
  void reads_labels_beside_images() throws IOException {
    Path images = npy("x.npy", "<f4", "2, 1, 1, 1", floats(0, 1));
    Path labels = npy("y.npy", "|i1", "2,", (byte) 1, (byte) -1);
    ImageSource source = NpyImages.read(images, labels, List.of("a", "b"));
    assertThat(Labels.of(source)).containsExactly(1, Batch.UNLABELED);
    assertThat(source.classNames()).containsExactly("a", "b");
  }

  @Test
  void refuses_other_shapes_and_types() throws IOException {
    Path rows = npy("rows.npy", "<f4", "2, 2", floats(0, 0, 0, 0));
    assertThatThrownBy(() -> NpyImages.read(rows))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("rows.npy")
        .hasMessageContaining("FLOAT32 [2, 2], expected uint8");
    Path two = npy("two.npy", "|u1", "1, 2, 1, 2", new byte[4]);
    assertThatThrownBy(() -> NpyImages.read(two))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("UINT8 [1, 2, 1, 2]")
        .hasMessageContaining("C = 1 or 3");
    Path ints = npy("ints.npy", "<i2", "1, 1, 1, 1", new byte[2]);
    assertThatThrownBy(() -> NpyImages.read(ints))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("INT16 [1, 1, 1, 1]");
  }

  @Test
  void refuses_floats_from_0_to_255_and_not_a_number() throws IOException {
    Path large = npy("large.npy", "<f4", "1, 1, 1, 2", floats(0, 255));
    assertThatThrownBy(() -> NpyImages.read(large))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("from 0.0 to 255.0")
        .hasMessageContaining("x / 127.5 - 1");
    Path nan = npy("nan.npy", "<f4", "1, 1, 1, 1", floats(Float.NaN));
    assertThatThrownBy(() -> NpyImages.read(nan))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("NaN");
  }

  @Test
  void refuses_labels_that_do_not_fit() throws IOException {
    Path images = npy("x.npy", "<f4", "2, 1, 1, 1", floats(0, 1));
    Path three = npy("three.npy", "|i1", "3,", new byte[3]);
    assertThatThrownBy(() -> NpyImages.read(images, three, List.of("a")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("three.npy does not fit");
    Path beyond = npy("beyond.npy", "|i1", "2,", (byte) 0, (byte) 5);
    assertThatThrownBy(() -> NpyImages.read(images, beyond, List.of("a")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("label of image 1 must be from 0 to 0");
    Path real = npy("real.npy", "<f4", "2,", floats(0, 0));
    assertThatThrownBy(() -> NpyImages.read(images, real, List.of("a")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected labels: whole numbers");
  }
}
