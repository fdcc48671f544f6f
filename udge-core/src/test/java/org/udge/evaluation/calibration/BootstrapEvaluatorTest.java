package org.udge.evaluation.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.udge.Calibration;
import org.udge.engine.Logits;
import org.udge.evaluation.Accumulator;
import org.udge.evaluation.Bootstrap;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.ConfidenceInterval;
import org.udge.evaluation.EvaluationFixtures;
import org.udge.evaluation.LabeledLogits;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

class BootstrapEvaluatorTest {

  private static final int IMAGES = 200;

  private final Bootstrap bootstrap = Bootstrap.of(RandomStreams.of(1)).withResamples(500);
  private final BootstrapEvaluator evaluator = BootstrapEvaluator.of(bootstrap);
  private final double[][] rows = new double[IMAGES][3];
  private final int[] labels = new int[IMAGES];

  BootstrapEvaluatorTest() {
    RandomStream random = RandomStreams.of(1).stream("logits");
    for (int i = 0; i < IMAGES; i++) {
      Arrays.setAll(rows[i], c -> 2 * random.nextGaussian());
      labels[i] = random.nextInt(3);
    }
  }

  private LabeledLogits logits() {
    return LabeledLogits.of(Logits.of(rows), labels);
  }

  @Test
  void estimates_are_those_of_the_other_evaluators() {
    BootstrapResult result = logits().evaluate(evaluator);
    assertThat(result.images()).isEqualTo(IMAGES);
    assertThat(result.accuracy().estimate())
        .isEqualTo(logits().evaluate(ClassificationEvaluator.ofDefaults()).accuracy());
    assertThat(result.ece15().estimate())
        .isEqualTo(logits().evaluate(CalibrationEvaluator.ofDefaults()).ece(15));
  }

  @Test
  void accuracy_has_the_width_of_a_binomial() {
    ConfidenceInterval accuracy = logits().evaluate(evaluator).accuracy();
    double p = accuracy.estimate();
    double width = 2 * 1.96 * Math.sqrt(p * (1 - p) / IMAGES);
    assertThat(accuracy.upper() - accuracy.lower()).isCloseTo(width, within(0.2 * width));
  }

  @Test
  void applies_a_calibration() {
    Calibration calibration = Calibration.temperature(3, 3);
    BootstrapResult result = logits().evaluate(evaluator.withCalibration(calibration));
    assertThat(result.calibrated()).isTrue();
    assertThat(result.ece15().estimate())
        .isEqualTo(
            logits()
                .evaluate(CalibrationEvaluator.ofDefaults().withCalibration(calibration))
                .ece(15));
    assertThat(result.toString()).contains("calibrated", "200 images", "(95 %, 500 resamples)");
    assertThat(EvaluationFixtures.json(result.toJson()).at("/ece15/resamples").asInt())
        .isEqualTo(500);
  }

  @Test
  void merges_parts() {
    Accumulator<BootstrapResult> first = evaluator.begin();
    Accumulator<BootstrapResult> second = evaluator.begin();
    first.update(Logits.of(rows).rows(0, 50), Arrays.copyOf(labels, 50));
    second.update(Logits.of(rows).rows(50, IMAGES), Arrays.copyOfRange(labels, 50, IMAGES));
    first.merge(second);
    assertThat(first.compute()).isEqualTo(logits().evaluate(evaluator));
    assertThatThrownBy(() -> first.merge(BootstrapEvaluator.of(bootstrap.withResamples(9)).begin()))
        .hasMessageStartingWith("cannot merge with an accumulator of other settings: ");
  }

  @Test
  void refuses_an_empty_set() {
    assertThatThrownBy(() -> evaluator.begin().compute())
        .hasMessage("no image was evaluated: the set is empty");
  }
}
