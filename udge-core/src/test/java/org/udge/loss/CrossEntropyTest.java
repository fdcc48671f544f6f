package org.udge.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;
import static org.udge.loss.LossFixtures.randomLabels;
import static org.udge.loss.LossFixtures.randomLogits;
import static org.udge.loss.LossFixtures.setup;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.udge.engine.Logits;

class CrossEntropyTest {

  @Test
  void agrees_with_golden() {
    LossValue value =
        CrossEntropy.ofDefaults().begin(setup(10)).evaluate(LossFixtures.goldenStep());
    LossFixtures.assertGolden(value, ImageGroup.LABELED, "ce", "ce_grad_logits");
  }

  @Test
  void agrees_with_golden_when_smoothed() {
    LossValue value =
        CrossEntropy.ofDefaults()
            .withSmoothing(0.1)
            .begin(setup(10))
            .evaluate(LossFixtures.goldenStep());
    LossFixtures.assertGolden(
        value, ImageGroup.LABELED, "ce_smooth0.1", "ce_grad_logits_smooth0.1");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 0.7})
  void gradient_agrees_with_finite_differences(double smoothing) {
    LossGradientCheck.of(CrossEntropy.ofDefaults().withSmoothing(smoothing).begin(setup(5)))
        .group(ImageGroup.LABELED, randomLogits(3, 5, 1), randomLabels(3, 5, 1))
        .passes(1e-9);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1})
  void gradient_of_normalized_logits_agrees_with_finite_differences(double smoothing) {
    for (double temperature : new double[] {0.5, 1, 3}) {
      LossGradientCheck.of(
              CrossEntropy.ofDefaults()
                  .withSmoothing(smoothing)
                  .withLogitNormalization(temperature)
                  .begin(setup(5)))
          .group(ImageGroup.LABELED, randomLogits(3, 5, 1), randomLabels(3, 5, 1))
          .passes(1e-8);
    }
  }

  /** Worked out in float64: mean of logsumexp z - z[y] for z = f / (t ||f||). */
  @Test
  void normalized_logits_agree_with_values_worked_out() {
    double[][] logits = {{2, -1, 0.5}, {0.25, 1.5, -0.75}};
    assertThat(normalized(0.5, logits, 0, 2)).isCloseTo(1.6053039809761072, within(1e-14));
    assertThat(normalized(0.04, logits, 0, 1)).isCloseTo(4.396080832691496e-08, within(1e-14));
  }

  @Test
  void the_length_of_logits_does_not_count_where_they_are_normalized() {
    assertThat(normalized(0.1, new double[][] {{200, -100, 50}}, 1))
        .isCloseTo(normalized(0.1, new double[][] {{2, -1, 0.5}}, 1), within(1e-12));
    assertThat(normalized(0.1, new double[][] {{0, 0, 0}}, 1))
        .isCloseTo(Math.log(3), within(1e-15));
  }

  private static double normalized(double temperature, double[][] logits, int... labels) {
    return CrossEntropy.ofDefaults()
        .withLogitNormalization(temperature)
        .begin(setup(3))
        .evaluate(LossInput.ofLabeled(Logits.of(logits), labels))
        .value();
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 0, Double.NaN})
  void refuses_logit_temperatures_out_of_range(double temperature) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CrossEntropy.ofDefaults().withLogitNormalization(temperature))
        .withMessage(
            "the temperature of normalized logits must be positive and finite, was %s",
            temperature);
  }

  @Test
  void uniform_logits_cost_log_of_the_number_of_classes() {
    LossValue value = evaluate(new double[][] {{3, 3, 3, 3}}, 2);
    assertThat(value.value()).isCloseTo(Math.log(4), within(1e-15));
  }

  @Test
  void large_logits_do_not_overflow() {
    LossValue value = evaluate(new double[][] {{1e4, 0}, {0, 1e4}}, 0, 0);
    assertThat(value.value()).isEqualTo(5e3);
    assertThat(value.gradient(ImageGroup.LABELED).orElseThrow())
        .isDeepEqualTo(new double[][] {{0, 0}, {-0.5, 0.5}});
  }

  @Test
  void reports_accuracy() {
    LossValue value = evaluate(new double[][] {{2, 1}, {2, 1}, {1, 2}, {1, 2}}, 0, 1, 1, 1);
    assertThat(value.metrics()).containsExactlyInAnyOrderEntriesOf(Map.of("accuracy", 0.75));
  }

  @Test
  void refuses_images_without_label() {
    assertThatIllegalStateException()
        .isThrownBy(() -> evaluate(new double[][] {{2, 1}, {2, 1}}, 0, -1))
        .withMessage("LABELED image 1 has no label");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, Double.NaN})
  void refuses_smoothing_out_of_range(double smoothing) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CrossEntropy.ofDefaults().withSmoothing(smoothing))
        .withMessage("smoothing must be in [0, 1), was %s", smoothing);
  }

  @Test
  void refuses_smoothing_that_hides_the_label() {
    CrossEntropy term = CrossEntropy.ofDefaults().withSmoothing(0.5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> term.begin(setup(2)))
        .withMessage(
            "smoothing must be below 0.5 to leave the label the most probable of 2 classes, was"
                + " 0.5");
  }

  private static LossValue evaluate(double[][] logits, int... labels) {
    return CrossEntropy.ofDefaults()
        .begin(setup(logits[0].length))
        .evaluate(LossInput.ofLabeled(Logits.of(logits), labels));
  }
}
