package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.udge.data.Batch;
import org.udge.data.ImageShape;

class ByteImagesTest {

  private static final ImageShape SHAPE = new ImageShape(1, 1, 2);

  @Test
  void reads_bytes_scaled_to_minus_one_to_one() {
    ByteImages images =
        ByteImages.of("a", SHAPE, List.of("x", "y"), new byte[] {0, (byte) 255, 51, 102}, 1, -1);
    assertThat(TestImages.pixels(images, 0)).containsExactly(-1, 1);
    assertThat(TestImages.pixels(images, 1)).containsExactly(-0.6f, -0.2f);
    assertThat(images.label(0)).isEqualTo(1);
    assertThat(images.label(1)).isEqualTo(Batch.UNLABELED);
    assertThat(images).hasToString("a (2 images of 1x1x2, 2 classes)");
  }

  @Test
  void labels_are_copied() {
    int[] labels = {0};
    ByteImages images = ByteImages.of("a", SHAPE, List.of("x"), new byte[2], labels);
    labels[0] = 7;
    assertThat(images.label(0)).isZero();
  }

  @Test
  void refuses_bytes_that_do_not_fit_the_labels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteImages.of("a", SHAPE, List.of("x"), new byte[3], 0))
        .withMessageContaining("need 2 bytes, got 3");
  }

  @Test
  void refuses_label_without_a_class() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteImages.of("a", SHAPE, List.of("x"), new byte[2], 1))
        .withMessageContaining("label of image 0 must be from 0 to 0")
        .withMessageContaining("was 1");
  }

  @Test
  void refuses_part_of_an_image() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ByteImages.unlabeled("a", SHAPE, new byte[3]))
        .withMessageContaining("1x1x2 images of 2 bytes each, got 3");
  }

  @Test
  void joining_refuses_other_shapes_and_classes() {
    ByteImages a = ByteImages.of("a", SHAPE, List.of("x"), new byte[2], 0);
    ByteImages b = ByteImages.of("b", SHAPE, List.of("y"), new byte[2], 0);
    ByteImages c = ByteImages.of("c", new ImageShape(2, 1, 1), List.of("x"), new byte[2], 0);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Concatenation.of("ab", List.of(a, b)))
        .withMessageContaining("a has [x], b has [y]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Concatenation.of("ac", List.of(a, c)))
        .withMessageContaining("a has 1x1x2, c has 2x1x1");
  }

  @Test
  void joining_skips_empty_parts() {
    ByteImages a = ByteImages.of("a", SHAPE, List.of("x", "y"), new byte[2], 1);
    ByteImages empty = ByteImages.of("e", SHAPE, List.of("x", "y"), new byte[0]);
    assertThat(Labels.of(Concatenation.of("all", List.of(empty, a, empty, empty, a, empty))))
        .containsExactly(1, 1);
  }
}
