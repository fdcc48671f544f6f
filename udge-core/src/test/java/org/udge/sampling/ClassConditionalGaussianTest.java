package org.udge.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

class ClassConditionalGaussianTest {

  private static final ImageShape SHAPE = new ImageShape(1, 2, 4);

  /** Two blocks of 2 x 2 pixels: class 0 moves them together, class 1 against each other. */
  private static final class Blocks implements ImageSource {
    private final int size;
    private final List<String> names;

    Blocks(int size, String... names) {
      this.size = size;
      this.names = List.of(names);
    }

    @Override
    public String name() {
      return "blocks";
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public ImageShape shape() {
      return SHAPE;
    }

    @Override
    public List<String> classNames() {
      return names;
    }

    @Override
    public int read(int index, float[] target, int offset) {
      int label = index % 4 == 0 ? 1 : 0;
      float deviate = (float) RandomStreams.of(2).stream("pixels", index).nextGaussian() * 0.1f;
      for (int i = 0; i < SHAPE.size(); i++) {
        float mean = label == 0 ? 0.01f * i : -0.2f;
        boolean right = i % 4 >= 2;
        target[offset + i] = mean + (label == 1 && right ? -deviate : deviate);
      }
      return label;
    }
  }

  private static final ClassConditionalGaussian FITTED =
      ClassConditionalGaussian.fit(new Blocks(4_000, "together", "against"), 2);

  private static double[][] draws(int label, int count) {
    RandomStream random = RandomStreams.of(3).stream("draws", label + 1);
    double[][] result = new double[count][SHAPE.size()];
    for (double[] row : result) {
      float[] pixels = FITTED.draw(SHAPE, label, random);
      for (int i = 0; i < row.length; i++) {
        row[i] = pixels[i];
      }
    }
    return result;
  }

  private static double mean(double[][] rows, int i) {
    double sum = 0;
    for (double[] row : rows) {
      sum += row[i];
    }
    return sum / rows.length;
  }

  private static double covariance(double[][] rows, int i, int j) {
    double sum = 0;
    for (double[] row : rows) {
      sum += (row[i] - mean(rows, i)) * (row[j] - mean(rows, j));
    }
    return sum / rows.length;
  }

  @Test
  void draws_have_the_mean_and_covariance_of_their_class() {
    double[][] together = draws(0, 1_500);
    double[][] against = draws(1, 1_500);
    for (int i = 0; i < SHAPE.size(); i++) {
      assertThat(mean(together, i)).isCloseTo(0.01 * i, within(0.018));
      assertThat(mean(against, i)).isCloseTo(-0.2, within(0.02));
    }
    // variance 0.01 and a ridge of 1e-4 on each block's own variance
    assertThat(covariance(together, 0, 0)).isCloseTo(0.0101, within(0.0022));
    assertThat(covariance(together, 0, 7)).isCloseTo(0.01, within(0.0022));
    assertThat(covariance(against, 0, 7)).isCloseTo(-0.01, within(0.0024));
  }

  @Test
  void draws_of_no_class_in_particular_follow_the_shares_of_classes() {
    double[][] any = draws(Batch.UNLABELED, 4_000);
    long against = 0;
    for (double[] row : any) {
      // pixel 0 and pixel 3 of class 1 lie around -0.2, their mean is -0.2 exactly but for the
      // ridge
      against += (row[0] + row[3]) / 2 < -0.17 && (row[0] + row[3]) / 2 > -0.23 ? 1 : 0;
    }
    assertThat(against / 4_000.0).isCloseTo(0.25, within(0.05));
  }

  @Test
  void draws_stay_in_the_range_of_images() {
    ImageSource loud =
        new ImageSource() {
          private final Blocks blocks = new Blocks(100, "a", "b");

          @Override
          public String name() {
            return "loud";
          }

          @Override
          public int size() {
            return blocks.size();
          }

          @Override
          public ImageShape shape() {
            return SHAPE;
          }

          @Override
          public List<String> classNames() {
            return blocks.classNames();
          }

          @Override
          public int read(int index, float[] target, int offset) {
            int label = blocks.read(index, target, offset);
            for (int i = 0; i < SHAPE.size(); i++) {
              target[offset + i] *= 10;
            }
            return label;
          }
        };
    ClassConditionalGaussian start = ClassConditionalGaussian.fit(loud, 1);
    RandomStream random = RandomStreams.of(1).stream("loud");
    int atEnd = 0;
    for (int k = 0; k < 100; k++) {
      for (float pixel : start.draw(SHAPE, 1, random)) {
        assertThat(pixel).isBetween(-1f, 1f);
        atEnd += pixel == -1 ? 1 : 0;
      }
    }
    assertThat(atEnd).isGreaterThan(100);
  }

  @Test
  void survives_its_state() {
    ClassConditionalGaussian copy = ClassConditionalGaussian.fromState(FITTED.toState());
    assertThat(copy.draw(SHAPE, 1, RandomStreams.of(1).stream("state")))
        .isEqualTo(FITTED.draw(SHAPE, 1, RandomStreams.of(1).stream("state")));
    assertThat(copy.toState()).isEqualTo(FITTED.toState());
    assertThat(copy).isEqualTo(FITTED).hasSameHashCodeAs(FITTED);
    assertThat(copy.classes()).isEqualTo(2);
  }

  @Test
  void refuses_images_without_labels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClassConditionalGaussian.fit(new Blocks(10), 1))
        .withMessage("images of blocks have no labels");
  }

  @Test
  void refuses_a_class_with_one_image() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClassConditionalGaussian.fit(new Blocks(4, "a", "b"), 1))
        .withMessage(
            "class 1 (b) has 1 labeled images in blocks, a normal distribution needs at least 2");
  }

  @Test
  void refuses_a_factor_that_does_not_divide() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClassConditionalGaussian.fit(new Blocks(10, "a", "b")))
        .withMessage("factor must divide the height and width of 1x2x4 images, was 4");
  }

  @Test
  void refuses_another_shape() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FITTED.draw(ImageShape.CIFAR, 0, RandomStreams.of(1).stream("x")))
        .withMessage("start was fitted to 1x2x4 images, not to 3x32x32 images");
  }

  @Test
  void refuses_a_class_it_does_not_know() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FITTED.draw(SHAPE, 2, RandomStreams.of(1).stream("x")))
        .withMessage("start was fitted to 2 classes, there is no class 2");
  }
}
