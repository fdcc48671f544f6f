package org.udge.datasets.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.FloatImages;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

class PixMixTest {

  private static final ImageShape SHAPE = new ImageShape(3, 12, 10);
  private static final ImageSource FRACTALS = FractalImages.of(SHAPE, 20, RandomStreams.of(1));

  private static RandomStream stream(long counter) {
    return RandomStreams.of(7).stream("mix", counter);
  }

  private static float[] image() {
    float[] pixels = new float[SHAPE.size()];
    RandomStreams.of(3).stream("image").fillUniform(pixels, -1, 1);
    return pixels;
  }

  private static float[] mixed(PixMix mix, long counter) {
    float[] pixels = image();
    mix.apply(pixels, 0, SHAPE, stream(counter));
    return pixels;
  }

  private static ImageSource constant(float value) {
    float[] pixels = new float[SHAPE.size()];
    java.util.Arrays.fill(pixels, value);
    return FloatImages.of("constant", SHAPE, List.of("a"), pixels, new int[1]);
  }

  @Test
  void pixels_stay_in_their_range_and_images_become_many() {
    PixMix mix = PixMix.of(FRACTALS);
    List<float[]> all = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      float[] pixels = mixed(mix, i);
      for (float pixel : pixels) {
        assertThat(pixel).isBetween(-1f, 1f);
      }
      assertThat(mixed(mix, i)).isEqualTo(pixels);
      all.add(pixels);
    }
    long unchanged = all.stream().filter(pixels -> difference(pixels, image()) < 1e-6).count();
    // Undistorted (1/2) and mixed 0 times (1/5): a tenth.
    assertThat(unchanged).isBetween(12L, 55L);
  }

  private static double difference(float[] a, float[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }

  @Test
  void without_rounds_an_image_is_distorted_or_left() {
    PixMix mix = PixMix.of(FRACTALS).withRounds(0);
    int left = 0;
    for (int i = 0; i < 400; i++) {
      left += difference(mixed(mix, i), image()) < 1e-6 ? 1 : 0;
    }
    // Half of the draws, and moves by less than a pixel.
    assertThat(left).isBetween(170, 300);
  }

  /**
   * With a picture of white, 2m - 1 = 1: where one round mixes the undistorted image with it, the
   * result is a sum (a u + b + 1) / 2 or a product (1 + u)^a 2^b / 2, the same function for all
   * pixels u.
   */
  @Test
  void one_round_mixes_by_the_formula_of_the_sum_or_the_product() {
    PixMix mix = PixMix.of(constant(1)).withRounds(1);
    int sums = 0;
    int products = 0;
    for (int n = 0; n < 400; n++) {
      RandomStream same = stream(n);
      boolean distorted = same.nextBoolean();
      if (distorted || same.nextInt(2) == 0 || same.nextBoolean()) {
        continue;
      }
      assertThat(same.nextInt(1)).isZero(); // The picture.
      boolean sum = same.nextBoolean();
      boolean both = same.nextBoolean();
      double first = same.nextDouble();
      double second = same.nextDouble();
      double a = both ? Math.cbrt(first) : 2 - Math.cbrt(1 - first);
      double b = (both ? 1 : -1) * (1 - Math.cbrt(1 - second));
      float[] pixels = mixed(mix, n);
      float[] before = image();
      for (int i = 0; i < pixels.length; i++) {
        double u = before[i];
        double expected = sum ? (a * u + b + 1) / 2 : Math.pow(1 + u, a) * Math.pow(2, b) / 2;
        assertThat((double) pixels[i])
            .isCloseTo(2 * Math.max(0, Math.min(1, expected)) - 1, within(1e-5));
      }
      sums += sum ? 1 : 0;
      products += sum ? 0 : 1;
    }
    assertThat(sums).isGreaterThan(10);
    assertThat(products).isGreaterThan(10);
  }

  @Test
  void touches_only_its_own_image() {
    int size = SHAPE.size();
    for (int n = 0; n < 50; n++) {
      float[] pixels = new float[3 * size];
      System.arraycopy(image(), 0, pixels, size, size);
      PixMix.of(FRACTALS).apply(pixels, size, SHAPE, stream(n));
      for (int i = 0; i < size; i++) {
        assertThat(pixels[i]).isZero();
        assertThat(pixels[2 * size + i]).isZero();
      }
      float[] own = java.util.Arrays.copyOfRange(pixels, size, 2 * size);
      assertThat(own).isEqualTo(mixed(PixMix.of(FRACTALS), n));
    }
  }

  @Test
  void refuses_what_it_cannot_mix() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PixMix.of(FRACTALS).withRounds(-1))
        .withMessage("rounds must not be negative, were -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PixMix.of(FRACTALS).withSkew(0))
        .withMessage("skew must be positive and finite, was 0.0");
    ImageShape other = new ImageShape(3, 8, 8);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PixMix.of(FRACTALS).apply(new float[other.size()], 0, other, stream(0)))
        .withMessageContaining("the mixing set 'fractals' has pictures of");
  }

  @Test
  void equal_settings_are_equal() {
    assertThat(PixMix.of(FRACTALS))
        .isEqualTo(PixMix.of(FRACTALS).withRounds(4))
        .hasSameHashCodeAs(PixMix.of(FRACTALS))
        .isNotEqualTo(PixMix.of(FRACTALS).withSkew(2))
        .hasToString("PixMix[mixing=fractals, rounds=4, skew=3.0]");
  }
}
