package org.udge.datasets.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.udge.data.ImageShape;
import org.udge.datasets.FormatFiles;

class ImageDecoderTest {

  private static final ImageShape PIXEL = new ImageShape(3, 1, 1);

  private static float[] decode(byte[] file, ImageShape shape) throws IOException {
    float[] pixels = new float[shape.size()];
    ImageDecoder.ofDefaults().decode(file, "some.file", shape, pixels, 0);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (pixels[i] + 1) * 127.5f;
    }
    return pixels;
  }

  @ParameterizedTest
  @CsvSource({
    "lossless.webp, 200, 100, 50, 0",
    "lossy.webp, 200, 100, 50, 3",
    "cmyk.jpg, 255, 0, 0, 4",
    "gray-alpha.png, 100, 100, 100, 0",
    "rgba.png, 10, 20, 30, 0",
    "gray8.png, 100, 100, 100, 0",
    "gray8.jpg, 100, 100, 100, 1",
    "bit.png, 255, 255, 255, 0",
    "palette.png, 10, 20, 30, 0",
    "plain.bmp, 10, 20, 30, 0",
    "plain.gif, 10, 20, 30, 0"
  })
  void every_color_form_keeps_its_numbers(
      String file, float red, float green, float blue, float tolerance) throws IOException {
    float[] pixels = decode(FormatFiles.resource(file), PIXEL);
    assertThat(pixels[0]).isCloseTo(red, within(tolerance + 0.01f));
    assertThat(pixels[1]).isCloseTo(green, within(tolerance + 0.01f));
    assertThat(pixels[2]).isCloseTo(blue, within(tolerance + 0.01f));
  }

  @Test
  void sixteen_bits_keep_their_precision() throws IOException {
    float[] pixels = decode(FormatFiles.resource("gray16.png"), new ImageShape(1, 2, 2));
    assertThat(pixels[0]).isZero();
    assertThat(pixels[1]).isCloseTo(1, within(0.001f));
    assertThat(pixels[2]).isCloseTo(100, within(0.001f));
    assertThat(pixels[3]).isEqualTo(255);
  }

  /** A gray PNG of zeros, of any size, some bytes long. */
  private static byte[] blackPng(int width, int height) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(0x89504e470d0a1a0aL);
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    DataOutputStream fields = new DataOutputStream(header);
    fields.writeInt(width);
    fields.writeInt(height);
    fields.write(new byte[] {8, 0, 0, 0, 0});
    chunk(out, "IHDR", header.toByteArray());
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflated =
        new DeflaterOutputStream(data, new Deflater(Deflater.BEST_COMPRESSION))) {
      byte[] row = new byte[width + 1];
      for (int i = 0; i < height; i++) {
        deflated.write(row);
      }
    }
    chunk(out, "IDAT", data.toByteArray());
    chunk(out, "IEND", new byte[0]);
    return bytes.toByteArray();
  }

  private static void chunk(DataOutputStream out, String type, byte[] content) throws IOException {
    byte[] all = Arrays.copyOf(type.getBytes(), 4 + content.length);
    System.arraycopy(content, 0, all, 4, content.length);
    CRC32 crc = new CRC32();
    crc.update(all);
    out.writeInt(content.length);
    out.write(all);
    out.writeInt((int) crc.getValue());
  }

  @Test
  void a_huge_image_in_a_small_file_is_refused_before_it_is_decoded() throws IOException {
    byte[] bomb = blackPng(20_000, 20_000);
    assertThat(bomb.length).isLessThan(500_000);
    assertThatThrownBy(() -> decode(bomb, ImageShape.CIFAR))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "cannot read the image some.file: it is 20000 x 20000, 400,000,000 pixels: the limit is"
                + " 67,108,864 (settable, ImageDecoder.withMaxPixels)");
  }

  @Test
  void the_limit_can_be_set() throws IOException {
    byte[] file = blackPng(100, 100);
    ImageDecoder narrow = ImageDecoder.ofDefaults().withMaxPixels(9_999);
    assertThatThrownBy(() -> narrow.decode(file, "x", PIXEL, new float[3], 0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("10,000 pixels: the limit is 9,999");
    float[] pixels = new float[3];
    narrow.withMaxPixels(10_000).decode(file, "x", PIXEL, pixels, 0);
    assertThat(pixels).containsOnly(-1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> narrow.withMaxPixels(0))
        .withMessage("max pixels must be at least 1, was 0");
  }

  @Test
  void a_large_image_is_read_with_gaps_and_few_pixels_are_in_memory() throws IOException {
    byte[] file = blackPng(8_000, 8_000);
    System.gc();
    long before = allocated();
    assertThat(decode(file, ImageShape.CIFAR)).containsOnly(0);
    // Whole, its pixels alone would take 64 MB and their decoding more.
    assertThat(allocated() - before).isLessThan(48L << 20);
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean)
            java.lang.management.ManagementFactory.getThreadMXBean())
        .getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  @Test
  void messages_never_end_in_null() throws IOException {
    byte[][] files = {
      {},
      {1, 2, 3},
      Arrays.copyOf(FormatFiles.resource("rgba.png"), 40),
      Arrays.copyOf(FormatFiles.resource("gray8.jpg"), 100),
      Arrays.copyOf(FormatFiles.resource("plain.gif"), 12),
      Arrays.copyOf(FormatFiles.resource("plain.bmp"), 30),
      Arrays.copyOf(FormatFiles.resource("lossy.webp"), 25),
      Arrays.copyOf(FormatFiles.resource("lossless.webp"), 20)
    };
    for (byte[] file : files) {
      assertThatThrownBy(() -> decode(file, ImageShape.CIFAR))
          .isInstanceOf(IOException.class)
          .satisfies(
              e ->
                  assertThat(e.getMessage())
                      .startsWith("cannot read the image some.file: ")
                      .doesNotEndWith("null")
                      .doesNotContain("null"));
    }
    assertThatThrownBy(() -> decode(new byte[] {1, 2, 3}, ImageShape.CIFAR))
        .hasMessageEndingWith(
            "its first bytes, 01 02 03, are not those of a PNG, JPEG, GIF, BMP or WebP file");
  }

  @Test
  void a_bmp_cannot_claim_more_bytes_than_it_has() throws IOException {
    byte[] file = FormatFiles.resource("plain.bmp");
    file[37] = 0x7f;
    assertThatThrownBy(() -> decode(file, PIXEL))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("byte 34 says that the image takes");
  }
}
