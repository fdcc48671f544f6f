package org.udge.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.udge.data.Augmentation;
import org.udge.data.ImageShape;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

class AugmentationsTest {

  private static final ImageShape SHAPE = new ImageShape(2, 5, 6);

  private static float[] image() {
    float[] image = new float[SHAPE.size()];
    for (int i = 0; i < image.length; i++) {
      image[i] = i;
    }
    return image;
  }

  private static RandomStream stream(long counter) {
    return RandomStreams.of(7).stream("augment", counter);
  }

  /** The crop of the image padded by reflection, as plain as can be. */
  private static float[] crop(float[] image, int padding, int top, int left) {
    int height = SHAPE.height();
    int width = SHAPE.width();
    float[][][] padded = new float[2][height + 2 * padding][width + 2 * padding];
    for (int c = 0; c < 2; c++) {
      for (int y = 0; y < padded[c].length; y++) {
        for (int x = 0; x < padded[c][y].length; x++) {
          int row = Math.abs(y - padding);
          int column = Math.abs(x - padding);
          row = row >= height ? 2 * height - 2 - row : row;
          column = column >= width ? 2 * width - 2 - column : column;
          padded[c][y][x] = image[(c * height + row) * width + column];
        }
      }
    }
    float[] out = new float[image.length];
    for (int i = 0; i < out.length; i++) {
      int c = i / (height * width);
      out[i] = padded[c][top + i / width % height][left + i % width];
    }
    return out;
  }

  @Test
  void crop_is_one_of_the_crops_of_the_padded_image_and_all_occur() {
    int padding = 3;
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < 600; i++) {
      float[] pixels = image();
      Augmentations.reflectPadCrop(padding).apply(pixels, 0, SHAPE, stream(i));
      RandomStream same = stream(i);
      int top = same.nextInt(2 * padding + 1);
      int left = same.nextInt(2 * padding + 1);
      assertThat(pixels).isEqualTo(crop(image(), padding, top, left));
      seen.add(top * 7 + left);
    }
    assertThat(seen).hasSize(49);
  }

  /** Squares of 3 around each of the 5 x 6 pixels, cut off at the border. */
  @Test
  void cutout_covers_a_square_of_every_channel_and_all_places_occur() {
    Set<Integer> seen = new HashSet<>();
    for (int n = 0; n < 1000; n++) {
      float[] pixels = new float[SHAPE.size()];
      Arrays.fill(pixels, 1);
      Augmentations.cutout(3).apply(pixels, 0, SHAPE, stream(n));
      RandomStream same = stream(n);
      int middle = same.nextInt(5);
      int center = same.nextInt(6);
      for (int i = 0; i < pixels.length; i++) {
        int row = i / 6 % 5;
        int column = i % 6;
        boolean covered = Math.abs(row - middle) <= 1 && Math.abs(column - center) <= 1;
        assertThat(pixels[i]).isEqualTo(covered ? 0 : 1);
      }
      seen.add(middle * 6 + center);
    }
    assertThat(seen).hasSize(30);
  }

  @Test
  void cutout_of_no_pixel_changes_nothing_and_draws_nothing() {
    float[] pixels = image();
    RandomStream random = stream(1);
    Augmentations.cutout(0).apply(pixels, 0, SHAPE, random);
    assertThat(pixels).isEqualTo(image());
    assertThat(random.nextLong()).isEqualTo(stream(1).nextLong());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Augmentations.cutout(-1))
        .withMessage("the side of a cutout must not be negative, was -1");
  }

  @Test
  void touches_only_its_own_image() {
    for (Augmentation augmentation :
        new Augmentation[] {
          Augmentations.reflectPadCrop(2),
          Augmentations.horizontalFlip(),
          Augmentations.cutout(3),
          Augmentations.gaussianNoise(1)
        }) {
      for (int i = 0; i < 20; i++) {
        float[] pixels = new float[3 * SHAPE.size()];
        System.arraycopy(image(), 0, pixels, SHAPE.size(), SHAPE.size());
        float[] alone = image();
        augmentation.apply(alone, 0, SHAPE, stream(i));
        augmentation.apply(pixels, SHAPE.size(), SHAPE, stream(i));
        assertThat(Arrays.copyOfRange(pixels, SHAPE.size(), 2 * SHAPE.size())).isEqualTo(alone);
        assertThat(Arrays.copyOf(pixels, SHAPE.size())).containsOnly(0);
        assertThat(Arrays.copyOfRange(pixels, 2 * SHAPE.size(), pixels.length)).containsOnly(0);
      }
    }
  }

  @Test
  void flip_mirrors_rows_half_of_the_time() {
    int flipped = 0;
    for (int i = 0; i < 400; i++) {
      float[] pixels = image();
      Augmentations.horizontalFlip().apply(pixels, 0, SHAPE, stream(i));
      if (pixels[0] == 0) {
        assertThat(pixels).isEqualTo(image());
        continue;
      }
      flipped++;
      for (int k = 0; k < pixels.length; k++) {
        assertThat(pixels[k]).isEqualTo(k / 6 * 6 + 5 - k % 6);
      }
    }
    assertThat(flipped).isBetween(160, 240);
  }

  @Test
  void noise_has_the_asked_for_deviation() {
    ImageShape large = new ImageShape(3, 100, 100);
    float[] pixels = new float[large.size()];
    Augmentations.gaussianNoise(0.03).apply(pixels, 0, large, stream(0));
    double sum = 0;
    double squares = 0;
    for (float pixel : pixels) {
      sum += pixel;
      squares += pixel * pixel;
    }
    assertThat(sum / pixels.length).isCloseTo(0, within(0.03 * 5 / Math.sqrt(pixels.length)));
    assertThat(Math.sqrt(squares / pixels.length)).isCloseTo(0.03, within(0.001));
  }

  @Test
  void standard_is_crop_then_flip_then_noise() {
    for (int i = 0; i < 20; i++) {
      float[] standard = new float[3072];
      float[] steps = new float[3072];
      for (int k = 0; k < 3072; k++) {
        standard[k] = k;
        steps[k] = k;
      }
      Augmentations.standard(0.1).apply(standard, 0, ImageShape.CIFAR, stream(i));
      RandomStream random = stream(i);
      Augmentations.reflectPadCrop(4).apply(steps, 0, ImageShape.CIFAR, random);
      Augmentations.horizontalFlip().apply(steps, 0, ImageShape.CIFAR, random);
      Augmentations.gaussianNoise(0.1).apply(steps, 0, ImageShape.CIFAR, random);
      assertThat(standard).isEqualTo(steps);
    }
  }

  @Test
  void zero_sigma_and_zero_padding_change_nothing() {
    float[] pixels = image();
    Augmentations.gaussianNoise(0).apply(pixels, 0, SHAPE, stream(0));
    Augmentations.reflectPadCrop(0).apply(pixels, 0, SHAPE, stream(0));
    assertThat(pixels).isEqualTo(image());
  }

  @Test
  void refuses_negative_or_infinite_sigma() {
    for (double sigma : new double[] {-0.1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Augmentations.gaussianNoise(sigma))
          .withMessageContaining("sigma must be finite and not negative, was " + sigma);
    }
  }

  @Test
  void refuses_negative_padding() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Augmentations.reflectPadCrop(-1))
        .withMessageContaining("padding must not be negative, was -1");
  }

  @Test
  void refuses_image_too_small_to_reflect() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Augmentations.reflectPadCrop(5).apply(image(), 0, SHAPE, stream(0)))
        .withMessageContaining("was 5 for images of 2x5x6");
  }
}
