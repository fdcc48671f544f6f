package org.udge.evaluation.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.udge.evaluation.EvaluationFixtures.evaluate;
import static org.udge.evaluation.EvaluationFixtures.evaluateInTwoParts;
import static org.udge.evaluation.EvaluationFixtures.goldenLabels;
import static org.udge.evaluation.EvaluationFixtures.goldenLogits;
import static org.udge.evaluation.EvaluationFixtures.goldenNumbers;
import static org.udge.evaluation.EvaluationFixtures.labelsDrawnFrom;
import static org.udge.evaluation.EvaluationFixtures.randomLogits;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.udge.Calibration;
import org.udge.engine.Logits;
import org.udge.evaluation.Accumulator;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.EvaluationFixtures;
import org.udge.evaluation.LabeledLogits;

class CalibrationTest {

  private static final CalibrationEvaluator EVALUATOR = CalibrationEvaluator.ofDefaults();

  @Test
  void agrees_with_golden_numbers() {
    JsonNode golden = goldenNumbers().get("metrics");
    CalibrationResult result = evaluate(EVALUATOR, goldenLogits(), goldenLabels());
    assertThat(result.images()).isEqualTo(500);
    assertThat(result.ece(15)).isCloseTo(golden.get("ece15").asDouble(), within(1e-9));
    assertThat(result.ece(20)).isCloseTo(golden.get("ece20").asDouble(), within(1e-9));
    assertThat(result.errors(15).maximum()).isCloseTo(golden.get("mce15").asDouble(), within(1e-9));
  }

  /** Computed with NumPy in float64 from the same logits, by the definitions in the Javadoc. */
  @Test
  void agrees_with_an_independent_computation_of_the_other_errors() {
    CalibrationErrors errors = evaluate(EVALUATOR, goldenLogits(), goldenLabels()).errors(15);
    assertThat(errors.rootMeanSquare()).isCloseTo(0.2658165822823918, within(1e-9));
    assertThat(errors.classwise()).isCloseTo(0.05807686404219642, within(1e-9));
    assertThat(errors.adaptive()).isCloseTo(0.2350576883967123, within(1e-9));
  }

  @Test
  void merged_parts_equal_the_whole() {
    CalibrationErrors whole = evaluate(EVALUATOR, goldenLogits(), goldenLabels()).errors(15);
    CalibrationErrors parts =
        evaluateInTwoParts(EVALUATOR, goldenLogits(), goldenLabels()).errors(15);
    assertThat(parts.expected()).isCloseTo(whole.expected(), within(1e-12));
    assertThat(parts.adaptive()).isCloseTo(whole.adaptive(), within(1e-12));
    assertThat(parts.classwise()).isCloseTo(whole.classwise(), within(1e-12));
    assertThat(parts.maximum()).isCloseTo(whole.maximum(), within(1e-12));
    assertThat(parts.rootMeanSquare()).isCloseTo(whole.rootMeanSquare(), within(1e-12));
  }

  @Test
  void bins_are_open_below_and_closed_above() {
    for (int bins : new int[] {1, 3, 10, 15, 20, 49}) {
      assertThat(ConfidenceBins.index(0, bins)).isZero();
      assertThat(ConfidenceBins.index(Double.MIN_VALUE, bins)).isZero();
      assertThat(ConfidenceBins.index(1, bins)).isEqualTo(bins - 1);
      for (int i = 1; i < bins; i++) {
        double edge = (double) i / bins;
        assertThat(ConfidenceBins.index(edge, bins)).isEqualTo(i - 1);
        assertThat(ConfidenceBins.index(Math.nextUp(edge), bins)).isEqualTo(i);
        assertThat(ConfidenceBins.index(Math.nextDown(edge), bins)).isEqualTo(i - 1);
      }
    }
  }

  @Test
  void counts_confidences_of_exactly_one_and_probabilities_of_exactly_zero() {
    Logits sure = Logits.of(new double[][] {{2000, 0}, {0, 2000}, {2000, 0}, {2000, 0}});
    CalibrationResult result = evaluate(EVALUATOR.withBins(10), sure, 0, 1, 1, 0);
    ReliabilityBin last = result.diagram(10).bins().get(9);
    assertThat(last.count()).isEqualTo(4);
    assertThat(last.confidence()).hasValue(1);
    assertThat(last.accuracy()).hasValue(0.75);
    assertThat(last.gap()).hasValue(-0.25);
    assertThat(result.ece(10)).isEqualTo(0.25);
    assertThat(result.errors(10).classwise()).isEqualTo(0.25);
    assertThat(result.errors(10).adaptive()).isEqualTo(0.25);
  }

  @Test
  void empty_bins_have_no_gap_and_do_not_count() {
    Logits logits = Logits.of(new double[][] {{2000, 0}, {0, 0}});
    CalibrationResult result = evaluate(EVALUATOR.withBins(4), logits, 0, 0);
    ReliabilityDiagram diagram = result.diagram(4);
    assertThat(diagram.bins()).extracting(ReliabilityBin::count).containsExactly(0L, 1L, 0L, 1L);
    assertThat(diagram.bins().get(0).gap()).isEmpty();
    assertThat(diagram.bins().get(0).confidence()).isEmpty();
    assertThat(diagram.bins().get(0).accuracy()).isEmpty();
    assertThat(diagram.maximumError()).isEqualTo(0.5);
    assertThat(diagram.expectedError()).isEqualTo(0.25);
    assertThat(
            EvaluationFixtures.json(result.toJson())
                .get("bins4")
                .get("reliability")
                .get(0)
                .get("gap")
                .isNull())
        .isTrue();
  }

  @Test
  void adaptive_error_keeps_equal_confidences_together_whatever_their_order() {
    Logits equal = Logits.of(new double[][] {{1, 0}, {1, 0}, {1, 0}, {1, 0}});
    double confidence = 1 / (1 + Math.exp(-1));
    double[] errors = {
      evaluate(EVALUATOR.withBins(2), equal, 0, 0, 1, 1).errors(2).adaptive(),
      evaluate(EVALUATOR.withBins(2), equal, 1, 0, 1, 0).errors(2).adaptive()
    };
    assertThat(errors[0]).isCloseTo(confidence - 0.5, within(1e-12));
    assertThat(errors[1]).isCloseTo(errors[0], within(1e-12));
  }

  @Test
  void a_model_that_labels_were_drawn_from_is_calibrated() {
    Logits logits = randomLogits(20_000, 5, 1);
    CalibrationErrors errors =
        evaluate(EVALUATOR, logits, labelsDrawnFrom(logits, 1, 2)).errors(15);
    assertThat(errors.expected()).isLessThan(0.015);
    assertThat(errors.adaptive()).isLessThan(0.015);
    assertThat(errors.classwise()).isLessThan(0.01);
  }

  @Test
  void temperature_agrees_with_the_golden_number() {
    LabeledLogits rows = goldenRowsFourToLast();
    double golden =
        goldenNumbers().get("metrics").get("temperature_fitted_on_rows_4_to_499").asDouble();
    double temperature = new TemperatureScaling().temperature(rows);
    assertThat(temperature).isCloseTo(golden, within(1e-4));
    // The golden fit stopped a little early: ours must not be worse.
    assertThat(nll(rows, Calibration.temperature(temperature, 10)))
        .isLessThanOrEqualTo(nll(rows, Calibration.temperature(golden, 10)));
    // Newton's method in NumPy, float64.
    assertThat(temperature).isCloseTo(2.086578530753748, within(1e-9));
  }

  @Test
  void temperature_recovers_the_one_labels_were_drawn_with() {
    Logits logits = randomLogits(50_000, 4, 3);
    LabeledLogits set = LabeledLogits.of(logits, labelsDrawnFrom(logits, 0.4, 4));
    assertThat(new TemperatureScaling().temperature(set)).isCloseTo(2.5, within(0.06));
  }

  @Test
  void temperature_is_bounded_where_no_temperature_is_best() {
    Logits right = Logits.of(new double[][] {{1, 0}, {0, 1}});
    assertThat(new TemperatureScaling().temperature(LabeledLogits.of(right, 0, 1)))
        .isEqualTo(TemperatureScaling.LEAST);
    assertThat(new TemperatureScaling().temperature(LabeledLogits.of(right, 1, 0)))
        .isEqualTo(TemperatureScaling.GREATEST);
    Logits flat = Logits.of(new double[][] {{1, 1}, {2, 2}});
    assertThat(new TemperatureScaling().temperature(LabeledLogits.of(flat, 1, 0)))
        .isEqualTo(TemperatureScaling.GREATEST);
  }

  @Test
  void vector_scaling_recovers_a_shifted_and_scaled_model() {
    Logits honest = randomLogits(30_000, 3, 5);
    int[] labels = labelsDrawnFrom(honest, 1, 6);
    double[] scale = {0.5, 2, 1};
    double[] bias = {1, -1, 0.5};
    LabeledLogits distorted =
        LabeledLogits.of(Calibration.vector(scale, bias).apply(honest), labels);
    Calibration fitted = new VectorScaling().fit(distorted);
    for (int c = 0; c < 3; c++) {
      assertThat(fitted.scale()[c] * scale[c]).isCloseTo(1, within(0.05));
    }
    assertThat(nll(distorted, fitted))
        .isLessThan(nll(distorted, new TemperatureScaling().fit(distorted)))
        .isCloseTo(
            evaluate(ClassificationEvaluator.ofDefaults(), honest, labels).nll(), within(1e-3));
  }

  @Test
  void vector_scaling_reaches_a_stationary_point_of_the_golden_set() {
    LabeledLogits rows = goldenRowsFourToLast();
    Calibration fitted = new VectorScaling().fit(rows);
    double best = nll(rows, fitted);
    for (int c = 0; c < 10; c++) {
      for (double step : new double[] {-1e-2, 1e-2}) {
        double[] scale = fitted.scale();
        scale[c] += step;
        assertThat(nll(rows, Calibration.vector(scale, fitted.bias()))).isGreaterThan(best);
        double[] bias = fitted.bias();
        bias[c] += step;
        assertThat(nll(rows, Calibration.vector(fitted.scale(), bias))).isGreaterThan(best);
      }
    }
  }

  @Test
  void comparison_shows_before_and_after() {
    LabeledLogits rows = goldenRowsFourToLast();
    CalibrationComparison comparison =
        CalibrationComparison.of(new TemperatureScaling().fit(rows), rows);
    assertThat(comparison.classificationAfter().nll())
        .isLessThan(comparison.classificationBefore().nll());
    assertThat(comparison.classificationAfter().accuracy())
        .isEqualTo(comparison.classificationBefore().accuracy());
    assertThat(comparison.calibrationAfter().ece(15))
        .isLessThan(comparison.calibrationBefore().ece(15));
    assertThat(comparison.toString()).contains("before", "after", "ece15", "496 images");
  }

  @Test
  void refuses_an_empty_set() {
    assertThatThrownBy(() -> EVALUATOR.begin().compute())
        .hasMessage("no image was evaluated: the set is empty");
  }

  @Test
  void refuses_no_bins() {
    assertThatThrownBy(() -> EVALUATOR.withBins(0)).hasMessage("bins must be at least 1, was 0");
    assertThatThrownBy(() -> EVALUATOR.withBins(5, 5)).hasMessage("bins repeat: [5, 5]");
  }

  @Test
  void refuses_bins_it_does_not_have() {
    CalibrationResult result = evaluate(EVALUATOR, goldenLogits(), goldenLabels());
    assertThatThrownBy(() -> result.ece(7))
        .hasMessage("no errors for 7 bins, there are those for [15, 20]");
  }

  @Test
  void refuses_to_merge_with_other_bins() {
    Accumulator<CalibrationResult> accumulator = EVALUATOR.begin();
    Accumulator<CalibrationResult> other = EVALUATOR.withBins(7).begin();
    assertThatThrownBy(() -> accumulator.merge(other))
        .hasMessageStartingWith("cannot merge with an accumulator of other settings");
  }

  @Test
  void refuses_to_mix_numbers_of_classes() {
    Accumulator<CalibrationResult> accumulator = EVALUATOR.begin();
    accumulator.update(Logits.of(new double[][] {{1, 2}}), 0);
    assertThatThrownBy(() -> accumulator.update(Logits.of(new double[][] {{1, 2, 3}}), 0))
        .hasMessage("classes were 2 before, now they are 3");
  }

  private static LabeledLogits goldenRowsFourToLast() {
    int[] labels = goldenLabels();
    return LabeledLogits.of(
        goldenLogits().rows(4, labels.length),
        IntStream.range(4, labels.length).map(i -> labels[i]).toArray());
  }

  private static double nll(LabeledLogits set, Calibration calibration) {
    return set.evaluate(ClassificationEvaluator.ofDefaults().withCalibration(calibration)).nll();
  }
}
