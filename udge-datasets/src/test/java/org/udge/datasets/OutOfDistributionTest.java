package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.synthetic.InterpolatedImages;
import org.udge.datasets.synthetic.NoiseImages;
import org.udge.random.RandomStreams;

class OutOfDistributionTest {

  private static InterpolatedImages interpolated(ImageSource source) {
    return InterpolatedImages.of(source, RandomStreams.of(2).stream("pairs"));
  }

  @Test
  void every_image_takes_part_in_two_means_and_never_with_itself() {
    int size = 9;
    float[] marks = new float[size * size];
    for (int i = 0; i < size; i++) {
      marks[i * size + i] = 1;
    }
    InterpolatedImages means =
        interpolated(FloatImages.unlabeled("marks", new ImageShape(1, 3, 3), marks));
    assertThat(means.size()).isEqualTo(size);
    assertThat(means.name()).isEqualTo("marks/interpolated");
    float[] sum = new float[size];
    for (int i = 0; i < size; i++) {
      float[] pixels = TestImages.pixels(means, i);
      assertThat(pixels[i]).isEqualTo(0.5f);
      for (int k = 0; k < size; k++) {
        assertThat(pixels[k]).isIn(0f, 0.5f);
        sum[k] += pixels[k];
      }
    }
    assertThat(sum).containsOnly(1f);
  }

  @Test
  void means_are_the_same_every_time_and_have_no_labels() {
    ImageSource source = TestImages.random(6, 3);
    for (int i = 0; i < 6; i++) {
      assertThat(TestImages.pixels(interpolated(source), i))
          .isEqualTo(TestImages.pixels(interpolated(source), i));
      assertThat(interpolated(source).label(i)).isEqualTo(Batch.UNLABELED);
    }
  }

  @Test
  void refuses_to_pair_a_single_image() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> interpolated(TestImages.numbered(1)))
        .withMessageContaining("numbered must have at least two images to pair, has 1");
  }

  private static final ImageShape SHAPE = new ImageShape(3, 20, 20);

  @Test
  void noise_depends_on_seed_and_index_alone() {
    for (BiFunction<Integer, RandomStreams, ImageSource> maker : makers()) {
      ImageSource noise = maker.apply(5, RandomStreams.of(1));
      float[] third = TestImages.pixels(noise, 3);
      assertThat(third).isEqualTo(TestImages.pixels(maker.apply(9, RandomStreams.of(1)), 3));
      assertThat(third).isNotEqualTo(TestImages.pixels(noise, 2));
      assertThat(third).isNotEqualTo(TestImages.pixels(maker.apply(5, RandomStreams.of(2)), 3));
      for (float pixel : third) {
        assertThat(pixel).isBetween(-1f, 1f);
      }
      assertThat(noise.label(0)).isEqualTo(Batch.UNLABELED);
    }
  }

  private static Iterable<BiFunction<Integer, RandomStreams, ImageSource>> makers() {
    return java.util.List.of(
        (count, streams) -> NoiseImages.uniform(SHAPE, count, streams),
        (count, streams) -> NoiseImages.gaussian(SHAPE, count, streams),
        (count, streams) -> NoiseImages.constant(SHAPE, count, streams));
  }

  @Test
  void constant_images_have_one_color() {
    float[] pixels = TestImages.pixels(NoiseImages.constant(SHAPE, 1, RandomStreams.of(1)), 0);
    for (int i = 0; i < pixels.length; i++) {
      assertThat(pixels[i]).isEqualTo(pixels[i / 400 * 400]);
    }
    assertThat(pixels[0]).isNotEqualTo(pixels[400]);
  }

  @Test
  void noise_refuses_no_images() {
    for (BiFunction<Integer, RandomStreams, ImageSource> maker : makers()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> maker.apply(0, RandomStreams.of(1)))
          .withMessageContaining("number of images must be at least 1, was 0");
    }
  }
}
