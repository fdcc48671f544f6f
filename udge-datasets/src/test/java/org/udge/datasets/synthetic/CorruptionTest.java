package org.udge.datasets.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.datasets.ByteImages;
import org.udge.datasets.ShapesDataset;
import org.udge.random.RandomStreams;

class CorruptionTest {

  private static final ImageShape SHAPE = ImageShape.CIFAR;
  private static final ImageSource IMAGES = ShapesDataset.standard().test(40);

  private static float[] pixels(ImageSource source, int index) {
    float[] pixels = new float[source.shape().size()];
    source.read(index, pixels, 0);
    return pixels;
  }

  private static float[] damaged(Corruption kind, int strength, float[] image, long seed) {
    float[] pixels = image.clone();
    kind.apply(pixels, SHAPE, strength, RandomStreams.of(seed).stream("x"));
    return pixels;
  }

  private static double distance(float[] one, float[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += (one[i] - other[i]) * (one[i] - other[i]);
    }
    return Math.sqrt(sum / one.length);
  }

  @ParameterizedTest
  @EnumSource
  void is_deterministic_in_range_and_keeps_labels(Corruption kind) {
    CorruptedImages images = CorruptedImages.of(IMAGES, kind, 3, RandomStreams.of(7));
    assertThat(images.size()).isEqualTo(40);
    assertThat(images.classNames()).isEqualTo(IMAGES.classNames());
    for (int i = 0; i < 5; i++) {
      float[] pixels = pixels(images, i);
      assertThat(pixels(images, i)).isEqualTo(pixels);
      assertThat(images.label(i)).isEqualTo(IMAGES.label(i));
      for (float pixel : pixels) {
        assertThat(pixel).isBetween(-1f, 1f);
      }
      assertThat(distance(pixels, pixels(IMAGES, i))).isGreaterThan(1e-3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void each_strength_is_worse_than_the_one_before(Corruption kind) {
    double[] damage =
        IntStream.rangeClosed(1, 5)
            .mapToDouble(
                strength -> {
                  ImageSource images =
                      CorruptedImages.of(IMAGES, kind, strength, RandomStreams.of(7));
                  return IntStream.range(0, 40)
                      .mapToDouble(i -> distance(pixels(images, i), pixels(IMAGES, i)))
                      .average()
                      .orElseThrow();
                })
            .toArray();
    assertThat(damage).isSorted().doesNotHaveDuplicates();
  }

  /** What blurs, moves or rounds must leave an image of one color as it is. */
  @ParameterizedTest
  @EnumSource(
      names = {
        "GAUSSIAN_BLUR",
        "DEFOCUS_BLUR",
        "MOTION_BLUR",
        "ZOOM_BLUR",
        "ELASTIC_TRANSFORM",
        "PIXELATE",
        "CONTRAST"
      })
  void one_color_stays(Corruption kind) {
    float[] plain = new float[SHAPE.size()];
    Arrays.fill(plain, 0.3f);
    for (float pixel : damaged(kind, 5, plain, 1)) {
      assertThat(pixel).isCloseTo(0.3f, within(1e-5f));
    }
  }

  @Test
  void gaussian_noise_has_its_deviation() {
    float[] middle = new float[SHAPE.size()];
    // On the scale from 0 to 1: .08 at strength 3, which is .16 on that from -1 to 1.
    assertThat(distance(damaged(Corruption.GAUSSIAN_NOISE, 3, middle, 1), middle))
        .isCloseTo(0.16, within(0.005));
    // sqrt(.5 / 50) = .1 at strength 5.
    assertThat(distance(damaged(Corruption.SHOT_NOISE, 5, middle, 1), middle))
        .isCloseTo(0.2, within(0.006));
    // .5 times .2 at strength 5.
    assertThat(distance(damaged(Corruption.SPECKLE_NOISE, 5, middle, 1), middle))
        .isCloseTo(0.2, within(0.006));
  }

  @Test
  void impulses_hit_their_share() {
    float[] damaged = damaged(Corruption.IMPULSE_NOISE, 5, new float[SHAPE.size()], 3);
    long hit = IntStream.range(0, damaged.length).filter(i -> damaged[i] != 0).count();
    assertThat(hit / (double) damaged.length).isCloseTo(0.07, within(0.015));
  }

  @Test
  void brightness_and_contrast_are_what_they_say() {
    float[] image = new float[SHAPE.size()];
    image[0] = 0.5f;
    float[] brighter = damaged(Corruption.BRIGHTNESS, 2, image, 1);
    assertThat(brighter[5]).isCloseTo(0.2f, within(1e-6f));
    assertThat(brighter[0]).isCloseTo(0.7f, within(1e-6f));
    float[] flatter = damaged(Corruption.CONTRAST, 2, image, 1);
    assertThat(flatter[0] - flatter[5]).isCloseTo(0.25f, within(1e-5f));
  }

  /** A single bright pixel becomes the kernel, whose sum is 1. */
  @ParameterizedTest
  @EnumSource(names = {"GAUSSIAN_BLUR", "DEFOCUS_BLUR", "MOTION_BLUR"})
  void blurs_keep_the_light(Corruption kind) {
    float[] point = new float[SHAPE.size()];
    Arrays.fill(point, -1);
    point[16 * 32 + 16] = 1;
    float[] blurred = damaged(kind, 5, point, 4);
    double light = 0;
    for (int i = 0; i < 1024; i++) {
      light += (blurred[i] + 1) / 2;
    }
    assertThat(light).isCloseTo(1, within(1e-4));
    assertThat(blurred[16 * 32 + 16]).isLessThan(0.9f);
  }

  @Test
  void jpeg_at_its_best_quality_changes_little() {
    float[] image = pixels(IMAGES, 0);
    float[] scaled = new float[image.length];
    for (int i = 0; i < image.length; i++) {
      scaled[i] = (image[i] + 1) / 2;
    }
    float[] fine = scaled.clone();
    JpegQuantization.of(100).apply(fine, SHAPE);
    assertThat(distance(fine, scaled)).isLessThan(0.003);
  }

  @Test
  void refuses_other_strengths() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CorruptedImages.of(IMAGES, Corruption.FOG, 6, RandomStreams.of(1)))
        .withMessage("strength must be 1 to 5, was 6");
  }

  @Test
  void scrambled_images_have_the_same_pixels_in_another_order() {
    for (ImageSource scrambled :
        new ImageSource[] {
          ScrambledImages.patches(IMAGES, 8, RandomStreams.of(3)),
          ScrambledImages.pixels(IMAGES, RandomStreams.of(3))
        }) {
      float[] before = pixels(IMAGES, 2);
      float[] after = pixels(scrambled, 2);
      assertThat(after).isNotEqualTo(before);
      Arrays.sort(before, 0, 1024);
      Arrays.sort(after, 0, 1024);
      assertThat(Arrays.copyOf(after, 1024)).isEqualTo(Arrays.copyOf(before, 1024));
      assertThat(scrambled.classCount()).isZero();
    }
  }

  @Test
  void patches_stay_whole_and_pixels_move_alike_in_all_images() {
    byte[] numbered = new byte[2 * 16];
    for (int i = 0; i < 32; i++) {
      numbered[i] = (byte) i;
    }
    ImageSource small = ByteImages.unlabeled("small", new ImageShape(1, 4, 4), numbered);
    float[] patches = pixels(ScrambledImages.patches(small, 2, RandomStreams.of(5)), 0);
    for (int top = 0; top < 4; top += 2) {
      for (int left = 0; left < 4; left += 2) {
        int first = number(patches[4 * top + left]);
        assertThat(number(patches[4 * top + left + 1])).isEqualTo(first + 1);
        assertThat(number(patches[4 * top + left + 4])).isEqualTo(first + 4);
      }
    }
    ImageSource permuted = ScrambledImages.pixels(small, RandomStreams.of(5));
    float[] one = pixels(permuted, 0);
    float[] other = pixels(permuted, 1);
    for (int i = 0; i < 16; i++) {
      assertThat(number(other[i])).isEqualTo(number(one[i]) + 16);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ScrambledImages.patches(small, 3, RandomStreams.of(5)))
        .withMessageContaining("must divide height and width of 1x4x4, was 3");
  }

  private static int number(float pixel) {
    return Math.round((pixel + 1) * 127.5f);
  }

  @Test
  void fractals_and_clouds_have_structure() {
    for (ImageSource made :
        new ImageSource[] {
          FractalImages.of(SHAPE, 20, RandomStreams.of(1)),
          NoiseImages.blurred(SHAPE, 20, 2, RandomStreams.of(1))
        }) {
      for (int i = 0; i < 20; i++) {
        float[] pixels = pixels(made, i);
        assertThat(pixels(made, i)).isEqualTo(pixels);
        double neighbors = 0;
        double deviation = distance(pixels, mean(pixels));
        for (int k = 1; k < 1024; k++) {
          neighbors += Math.abs(pixels[k] - pixels[k - 1]) / 1023;
        }
        assertThat(deviation).as("%s %s", made, i).isGreaterThan(0.05);
        // Independent pixels of this deviation would differ by more than it on average.
        assertThat(neighbors).as("%s %s", made, i).isLessThan(deviation);
      }
      assertThat(pixels(made, 0)).isNotEqualTo(pixels(made, 1));
    }
  }

  private static float[] mean(float[] pixels) {
    double sum = 0;
    for (float pixel : pixels) {
      sum += pixel;
    }
    float[] mean = new float[pixels.length];
    Arrays.fill(mean, (float) (sum / pixels.length));
    return mean;
  }

  @Test
  void names_make_sets() {
    RandomStreams streams = RandomStreams.of(1);
    for (String name :
        new String[] {"noise", "uniform", "Gaussian", "blurred", "constant", "fractals"}) {
      assertThat(SyntheticName.fromNothing(name, SHAPE, streams).orElseThrow().size())
          .isEqualTo(2000);
    }
    assertThat(SyntheticName.fromNothing("cifar10", SHAPE, streams)).isEmpty();
    assertThat(SyntheticName.sourceOf("cifar10+fog:3")).contains("cifar10");
    assertThat(SyntheticName.sourceOf("cifar_interp")).contains("cifar");
    assertThat(SyntheticName.sourceOf("cifar10interp")).contains("cifar10");
    assertThat(SyntheticName.sourceOf("interp")).contains("");
    assertThat(SyntheticName.sourceOf("cifar10")).isEmpty();
    assertThat(SyntheticName.make("x+fog", IMAGES, streams).name())
        .isEqualTo(IMAGES.name() + "+fog:3");
    assertThat(SyntheticName.make("x+gaussian-noise:5", IMAGES, streams).name())
        .isEqualTo(IMAGES.name() + "+gaussian_noise:5");
    assertThat(SyntheticName.make("x+patches", IMAGES, streams))
        .isInstanceOf(ScrambledImages.class);
    assertThat(SyntheticName.make("xinterp", IMAGES, streams))
        .isInstanceOf(InterpolatedImages.class);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SyntheticName.make("x+snow:2", IMAGES, streams))
        .withMessageContaining(
            "'snow' is not a transformation of images: expected patches, pixels or one of");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SyntheticName.make("x+fog:9", IMAGES, streams))
        .withMessage("the strength of fog must be 1 to 5, was '9'");
  }
}
