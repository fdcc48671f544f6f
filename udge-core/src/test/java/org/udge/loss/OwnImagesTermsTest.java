package org.udge.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.engine.Logits;
import org.udge.engine.QuadraticEngine;
import org.udge.random.RandomStreams;
import org.udge.state.State;

/** Terms that make images of the step's, or take them from another source. */
class OwnImagesTermsTest {

  private static final ImageShape SHAPE = new ImageShape(1, 2, 2);
  private static final QuadraticEngine ENGINE =
      new QuadraticEngine(
          new double[] {0, 0, 0}, new double[] {-0.5, 0.5, 2}, new double[] {1, 1, 0.5});
  private static final double[][] LOGITS = {{2, -1, 0.5}, {0.25, 1.5, -0.75}};

  /** Images whose pixels are all their index. */
  private record Numbered(int size) implements ImageSource {
    @Override
    public String name() {
      return "numbered";
    }

    @Override
    public ImageShape shape() {
      return SHAPE;
    }

    @Override
    public List<String> classNames() {
      return List.of();
    }

    @Override
    public int read(int index, float[] target, int offset) {
      Arrays.fill(target, offset, offset + SHAPE.size(), index);
      return Batch.UNLABELED;
    }
  }

  private static LossSetup setup() {
    return LossSetup.of(3, SHAPE, RandomStreams.of(1));
  }

  /** A batch whose image i has pixels that are all values[i], with labels. */
  private static Batch batch(float[] values, int... labels) {
    float[] pixels = new float[values.length * SHAPE.size()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = values[i / SHAPE.size()];
    }
    return Batch.of(Nd4j.createFromArray(pixels).reshape(SHAPE.batch(values.length)), labels);
  }

  private static SampleContext context(long step, Batch images) {
    return SampleContext.of(ENGINE, images.labels(), step, RandomStreams.of(2))
        .withImages(images, images);
  }

  private static float[] pixels(OwnImages images) {
    return images.batch().images().dup().data().asFloat();
  }

  private static OwnImages own(LossFunction run, long step, Batch images) {
    return run.ownImages(context(step, images)).orElseThrow();
  }

  private static int[] unlabeled(int count) {
    return IntStream.generate(() -> Batch.UNLABELED).limit(count).toArray();
  }

  // RegMixup

  /** Labels are all different, so that the partner of an image can be told from its pixels. */
  @Test
  void mixes_each_image_with_one_partner_by_the_share_it_reports() {
    LossFunction run = RegMixup.ofDefaults().begin(setup());
    Batch images = batch(new float[] {0, 10, 100}, 0, 1, 2);
    boolean mixed = false;
    for (long step = 0; step < 20; step++) {
      OwnImages own = own(run, step, images);
      assertThat(own.group()).isEqualTo(ImageGroup.OWN);
      assertThat(own.usesBatchStatistics()).isTrue();
      double[][] logits = LossFixtures.randomLogits(3, 3, step);
      LossValue value =
          run.evaluate(LossInput.none().with(ImageGroup.OWN, Logits.of(logits), unlabeled(3)));
      double share = value.metrics().get("lambda");
      float[] pixels = pixels(own);
      double expected = 0;
      double[] sources = {0, 10, 100};
      int[] partners = new int[3];
      for (int i = 0; i < 3; i++) {
        double pixel = pixels[i * SHAPE.size()];
        int partner = -1;
        for (int k = 0; k < 3; k++) {
          if (Math.abs(share * sources[i] + (1 - share) * sources[k] - pixel) < 1e-4) {
            partner = k;
          }
        }
        assertThat(partner).as("partner of image %d in step %d", i, step).isNotNegative();
        partners[i] = partner;
        mixed |= partner != i;
        Logits all = Logits.of(logits);
        expected -=
            (share * all.logProbability(i, i) + (1 - share) * all.logProbability(i, partner)) / 3;
      }
      assertThat(partners).containsExactlyInAnyOrder(0, 1, 2);
      assertThat(value.value()).isCloseTo(expected, within(1e-12));
    }
    assertThat(mixed).isTrue();
  }

  /** Mean 1/2 and variance 1 / (4 (2 a + 1)) of Beta(a, a). */
  @Test
  void shares_are_of_the_beta_distribution() {
    for (double alpha : new double[] {0.5, 10}) {
      LossFunction run = RegMixup.ofDefaults().withAlpha(alpha).begin(setup());
      Batch images = batch(new float[] {0}, 0);
      LossInput input =
          LossInput.none().with(ImageGroup.OWN, Logits.of(new double[][] {{0, 0, 0}}), -1);
      double[] shares = new double[2000];
      for (int step = 0; step < shares.length; step++) {
        assertThat(own(run, step, images).batch().size()).isEqualTo(1);
        shares[step] = run.evaluate(input).metrics().get("lambda");
      }
      double mean = Arrays.stream(shares).average().orElseThrow();
      double variance =
          Arrays.stream(shares).map(l -> (l - mean) * (l - mean)).average().orElseThrow();
      assertThat(mean).isCloseTo(0.5, within(0.03));
      assertThat(variance * 4 * (2 * alpha + 1)).isCloseTo(1, within(0.15));
    }
  }

  @Test
  void gradient_of_mixed_images_agrees_with_finite_differences() {
    LossFunction run = RegMixup.ofDefaults().begin(setup());
    assertThat(own(run, 3, batch(new float[] {0, 1, 2, 3}, 0, 1, 2, 2)).batch().size())
        .isEqualTo(4);
    LossGradientCheck.of(run)
        .group(ImageGroup.OWN, LossFixtures.randomLogits(4, 3, 1), unlabeled(4))
        .passes(1e-9);
  }

  @Test
  void the_step_decides_what_is_made() {
    Batch images = batch(new float[] {0, 1, 2, 3}, 0, 1, 2, 2);
    for (LossTerm term :
        List.of(
            RegMixup.ofDefaults(),
            EnergyDiscrepancy.ofDefaults(),
            EnergyMargin.of(new Numbered(50)).withMargins(-1, 1))) {
      float[] third = pixels(own(term.begin(setup()), 3, images));
      LossFunction other = term.begin(setup());
      assertThat(pixels(own(other, 2, images))).as(term.name()).isNotEqualTo(third);
      assertThat(pixels(own(other, 3, images))).as(term.name()).isEqualTo(third);
    }
  }

  @Test
  void refuses_what_cannot_be_mixed() {
    LossFunction run = RegMixup.ofDefaults().begin(setup());
    assertThatIllegalStateException()
        .isThrownBy(() -> own(run, 0, batch(new float[] {0, 1}, 0, -1)))
        .withMessage("image 1 of the batch has no label");
    assertThatIllegalStateException()
        .isThrownBy(
            () -> run.ownImages(SampleContext.of(ENGINE, new int[0], 0, RandomStreams.of(1))))
        .withMessage("this context was made without the step's images: add them by withImages");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RegMixup.ofDefaults().withAlpha(0))
        .withMessage("alpha of the Beta distribution must be above 0 and at most 1e6, was 0.0");
  }

  // EnergyMargin

  /** Worked out in float64 from the formula. */
  @Test
  void margins_agree_with_values_worked_out() {
    LossFunction run = EnergyMargin.of(new Numbered(9)).withMargins(-2, -1).begin(setup());
    LossValue value =
        run.evaluate(
            LossInput.ofLabeled(Logits.of(LOGITS), 0, 1)
                .with(
                    ImageGroup.OWN,
                    Logits.of(new double[][] {{0.1, 0.2, -0.3}, {1, 1, 1}}),
                    unlabeled(2)));
    assertThat(value.value()).isCloseTo(0.6251100241820191, within(1e-14));
    assertThat(value.metrics())
        .containsEntry("margin_data", -2.0)
        .containsEntry("margin_foreign", -1.0);
    assertThat(value.metrics().get("energy_data")).isCloseTo(-2.0359919530321906, within(1e-14));
  }

  @Test
  void gradient_of_margins_agrees_with_finite_differences() {
    for (double[] margins : new double[][] {{-3, -2}, {-1, 3}, {-2.5, -1.5}}) {
      LossGradientCheck.of(
              EnergyMargin.of(new Numbered(9)).withMargins(margins[0], margins[1]).begin(setup()))
          .group(ImageGroup.LABELED, LossFixtures.randomLogits(4, 3, 1), 0, 1, 2, 0)
          .group(ImageGroup.OWN, LossFixtures.randomLogits(5, 3, 2), unlabeled(5))
          .passes(1e-8);
    }
  }

  @Test
  void foreign_images_are_as_many_as_labeled_ones_unless_told_otherwise() {
    EnergyMargin term = EnergyMargin.of(new Numbered(50)).withMargins(-1, 1);
    Batch images = batch(new float[] {0, 1, 2}, 0, 1, 2);
    OwnImages own = own(term.begin(setup()), 0, images);
    assertThat(own.batch().size()).isEqualTo(3);
    assertThat(own.usesBatchStatistics()).isFalse();
    assertThat(pixels(own)[0]).isBetween(0f, 49f).isEqualTo(pixels(own)[1]);
    assertThat(own(term.withBatchSize(7).begin(setup()), 0, images).batch().size()).isEqualTo(7);
  }

  /** The network is known in closed form, so energies of data and foreign images are. */
  @Test
  void margins_are_derived_from_the_first_step_and_part_of_the_state() {
    float[] values = {-0.5f, 0.5f, 1};
    Batch images = batch(values, 0, 1, 2);
    double[] energies = new double[3];
    for (int i = 0; i < 3; i++) {
      energies[i] = energy(values[i]);
    }
    double mean = Arrays.stream(energies).average().orElseThrow();
    LossFunction run = EnergyMargin.of(new Numbered(1)).begin(setup()); // Foreign: all 0.
    assertThat(own(run, 0, images).batch().size()).isEqualTo(3);
    LossInput input =
        LossInput.ofLabeled(Logits.of(LOGITS), 0, 1)
            .with(ImageGroup.OWN, Logits.of(LOGITS), unlabeled(2));
    double deviation =
        Math.sqrt(
            Arrays.stream(energies).map(e -> (e - mean) * (e - mean)).average().orElseThrow());
    LossValue value = run.evaluate(input);
    assertThat(value.metrics().get("margin_data")).isCloseTo(mean, within(1e-5));
    assertThat(value.metrics().get("margin_foreign"))
        .isCloseTo(Math.max(energy(0), mean + deviation), within(1e-5));

    State state = run.captureState();
    LossFunction resumed = EnergyMargin.of(new Numbered(1)).begin(setup());
    resumed.restoreState(state);
    assertThat(own(resumed, 1, batch(new float[] {9, 9, 9}, 0, 1, 2)).batch().size()).isEqualTo(3);
    assertThat(resumed.evaluate(input).value()).isEqualTo(value.value());
    LossFunction given = EnergyMargin.of(new Numbered(1)).withMargins(-4, 4).begin(setup());
    given.restoreState(state);
    assertThat(given.evaluate(input).metrics()).containsEntry("margin_data", -4.0);
  }

  private static double energy(double pixel) {
    double[] heights = {
      -4 * (pixel + 0.5) * (pixel + 0.5) / 2,
      -4 * (pixel - 0.5) * (pixel - 0.5) / 2,
      -4 * (pixel - 2) * (pixel - 2) / (2 * 0.5)
    };
    return -Math.log(Arrays.stream(heights).map(Math::exp).sum());
  }

  @Test
  void refuses_bad_margins_and_sources() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EnergyMargin.of(new Numbered(0)))
        .withMessage("the set 'numbered' of foreign images is empty");
    EnergyMargin term = EnergyMargin.of(new Numbered(5));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> term.withMargins(1, 1))
        .withMessage("the margin of data must be below that of foreign images, were 1.0 and 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> term.withBatchSize(0))
        .withMessage("batch size must be at least 1, was 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> term.begin(LossSetup.of(3, new ImageShape(3, 2, 2), RandomStreams.of(1))))
        .withMessageContaining("the foreign images 'numbered' are")
        .withMessageContaining("the model expects");
    assertThatIllegalStateException()
        .isThrownBy(
            () -> term.begin(setup()).evaluate(LossInput.ofLabeled(Logits.of(LOGITS), 0, 1)))
        .withMessage("margins are derived with the first own images");
  }

  // EnergyDiscrepancy

  private static LossInput noised(double[][] data, double[][] copies) {
    return LossInput.none()
        .with(ImageGroup.UNLABELED, Logits.of(data), unlabeled(data.length))
        .with(ImageGroup.OWN, Logits.of(copies), unlabeled(copies.length));
  }

  /** Worked out in float64 from the formula, with w = 1 and 1/4. */
  @Test
  void discrepancy_agrees_with_values_worked_out() {
    double[][] copies = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0, 2, 0}, {1, 1, -1}};
    EnergyDiscrepancy term = EnergyDiscrepancy.ofDefaults().withCopies(2);
    assertThat(term.begin(setup()).evaluate(noised(LOGITS, copies)).value())
        .isCloseTo(0.27735453551592704, within(1e-14));
    assertThat(term.withStability(0.25).begin(setup()).evaluate(noised(LOGITS, copies)).value())
        .isCloseTo(-0.07673616414712303, within(1e-14));
  }

  @Test
  void gradient_of_the_discrepancy_agrees_with_finite_differences() {
    for (double stability : new double[] {0, 0.5, 1}) {
      LossGradientCheck.of(
              EnergyDiscrepancy.ofDefaults().withCopies(3).withStability(stability).begin(setup()))
          .group(ImageGroup.UNLABELED, LossFixtures.randomLogits(2, 3, 1), unlabeled(2))
          .group(ImageGroup.OWN, LossFixtures.randomLogits(6, 3, 2), unlabeled(6))
          .passes(1e-9);
    }
  }

  @Test
  void large_energies_do_not_overflow() {
    LossValue value =
        EnergyDiscrepancy.ofDefaults()
            .withCopies(1)
            .begin(setup())
            .evaluate(noised(new double[][] {{-1e4, -1e4, -1e4}}, new double[][] {{1e4, 0, 0}}));
    assertThat(value.value()).isCloseTo(2e4 - Math.log(3), within(1e-6));
    assertThat(value.gradient(ImageGroup.OWN).orElseThrow()[0][0]).isCloseTo(1, within(1e-12));
  }

  /** Deviation of u + v is s sqrt 2; copies of one image share u, so they are closer together. */
  @Test
  void copies_share_one_half_of_the_variance_of_their_noise() {
    int count = 1000;
    Batch images = batch(new float[count], new int[count]);
    LossFunction run = EnergyDiscrepancy.ofDefaults().withNoise(0.3).withCopies(2).begin(setup());
    float[] pixels = pixels(own(run, 0, images));
    double squares = 0;
    double differences = 0;
    int size = SHAPE.size();
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < size; k++) {
        double first = pixels[2 * i * size + k];
        double second = pixels[(2 * i + 1) * size + k];
        squares += first * first + second * second;
        differences += (first - second) * (first - second);
      }
    }
    assertThat(squares / (2 * count * size)).isCloseTo(2 * 0.09, within(0.015));
    assertThat(differences / (count * size)).isCloseTo(2 * 0.09, within(0.015));
  }

  @Test
  void refuses_bad_settings_of_the_discrepancy() {
    EnergyDiscrepancy term = EnergyDiscrepancy.ofDefaults();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> term.withNoise(0))
        .withMessage("noise must be positive and finite, was 0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> term.withCopies(0))
        .withMessage("copies must be at least 1, were 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> term.withStability(-1))
        .withMessage("stability must be finite and not negative, was -1.0");
  }

  @Test
  void equal_terms_are_equal() {
    Numbered source = new Numbered(3);
    assertThat(EnergyMargin.of(source))
        .isEqualTo(EnergyMargin.of(source))
        .hasSameHashCodeAs(EnergyMargin.of(source))
        .isNotEqualTo(EnergyMargin.of(source).withMargins(0, 1))
        .hasToString("EnergyMargin[foreign=numbered, batchSize=as labeled, margins=derived]");
    assertThat(RegMixup.ofDefaults())
        .isEqualTo(RegMixup.ofDefaults().withAlpha(10))
        .hasToString("RegMixup[alpha=10.0]");
    assertThat(EnergyDiscrepancy.ofDefaults())
        .isEqualTo(EnergyDiscrepancy.ofDefaults().withCopies(4))
        .hasToString("EnergyDiscrepancy[noise=0.1, copies=4, stability=1.0]");
  }
}
