package org.udge.evaluation.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.udge.evaluation.EvaluationFixtures.evaluate;
import static org.udge.evaluation.EvaluationFixtures.evaluateInTwoParts;
import static org.udge.evaluation.EvaluationFixtures.labelsDrawnFrom;
import static org.udge.evaluation.EvaluationFixtures.randomLogits;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.Calibration;
import org.udge.ConfidenceCurve;
import org.udge.EnergyModel;
import org.udge.PredictionSets;
import org.udge.PredictionSets.Method;
import org.udge.engine.Logits;
import org.udge.evaluation.LabeledLogits;
import org.udge.evaluation.Models;
import org.udge.serving.EnergyScorer;
import org.udge.serving.ScoredImage;

/** Golden numbers are those of {@code evaluation/make_evaluation.py}, NumPy in float64. */
class TopLabelCalibrationTest {

  private static final JsonNode GOLDEN = golden();
  private static final double[] CONFIDENCE = vector(GOLDEN.at("/calibration/confidence"));
  private static final double[] RIGHT = vector(GOLDEN.at("/calibration/right"));

  private static JsonNode golden() {
    try {
      return new ObjectMapper()
          .readTree(TopLabelCalibrationTest.class.getResource("/evaluation/evaluation.json"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double[] vector(JsonNode node) {
    return IntStream.range(0, node.size()).mapToDouble(i -> node.get(i).asDouble()).toArray();
  }

  /** Three classes; the first has the golden confidence and is the label where it is right. */
  private static LabeledLogits goldenSet() {
    double[][] rows = new double[CONFIDENCE.length][];
    int[] labels = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      double rest = Math.log((1 - CONFIDENCE[i]) / 2);
      rows[i] = new double[] {Math.log(CONFIDENCE[i]), rest, rest};
      labels[i] = RIGHT[i] == 1 ? 0 : 1;
    }
    return LabeledLogits.of(Logits.of(rows), labels);
  }

  @Test
  void isotonic_regression_agrees_with_the_max_min_formula() {
    ConfidenceCurve curve = IsotonicRegression.curve(CONFIDENCE, RIGHT);
    double[] x = vector(GOLDEN.at("/calibration/isotonic/x"));
    double[] y = vector(GOLDEN.at("/calibration/isotonic/y"));
    double edge = 1 / (CONFIDENCE.length + 2.0);
    for (int i = 0; i < x.length; i++) {
      double expected = Math.min(1 - edge, Math.max(edge, y[i]));
      assertThat(curve.at(x[i])).as("at %s", x[i]).isCloseTo(expected, within(1e-12));
    }
    assertThat(curve.at(0)).isEqualTo(curve.at(x[0]));
    assertThat(curve.at(1)).isEqualTo(curve.at(x[x.length - 1]));
  }

  @Test
  void platt_scaling_agrees_with_an_independent_optimizer() {
    assertThat(PlattScaling.line(CONFIDENCE, RIGHT))
        .containsExactly(vector(GOLDEN.at("/calibration/platt")), within(1e-5));
  }

  @Test
  void platt_scaling_bears_images_that_are_all_right_or_certain() {
    double[] line = PlattScaling.line(new double[] {1, 1, 0.9, 0.8}, 1, 1, 1, 1);
    assertThat(ConfidenceCurve.ofLogOdds(line[0], line[1]).at(0.85)).isBetween(0.5, 1.0);
  }

  @Test
  void calibrators_of_the_top_label_mend_a_model_that_is_too_sure_and_keep_its_classes() {
    Logits logits = randomLogits(8_000, 5, 1);
    LabeledLogits set = LabeledLogits.of(logits, labelsDrawnFrom(logits, 0.5, 2));
    double before = set.evaluate(CalibrationEvaluator.ofDefaults()).ece(15);
    for (Calibrator calibrator : new Calibrator[] {new IsotonicRegression(), new PlattScaling()}) {
      Calibration calibration = calibrator.fit(set);
      Logits calibrated = calibration.apply(logits);
      for (int i = 0; i < logits.rows(); i++) {
        assertThat(calibrated.argMax(i)).isEqualTo(logits.argMax(i));
        assertThat(calibrated.logSumExp(i)).isCloseTo(0, within(1e-9));
      }
      double after =
          set.evaluate(CalibrationEvaluator.ofDefaults().withCalibration(calibration)).ece(15);
      assertThat(after).as("%s", calibrator).isLessThan(0.03).isLessThan(before / 5);
    }
  }

  @Test
  void other_classes_keep_their_ratios() {
    Calibration calibration =
        Calibration.topLabel(ConfidenceCurve.ofPoints(new double[] {0, 1}, 0.5, 0.9), 3);
    double[] before = Logits.of(new double[][] {{2, 0, -1}}).probabilities(0);
    double[] after = calibration.apply(Logits.of(new double[][] {{2, 0, -1}})).probabilities(0);
    assertThat(after[0]).isCloseTo(0.5 + 0.4 * before[0], within(1e-12));
    assertThat(after[1] / after[2]).isCloseTo(before[1] / before[2], within(1e-9));
    // Two classes: below a half the other one would be predicted.
    Calibration low = Calibration.topLabel(ConfidenceCurve.ofPoints(new double[] {0}, 0.1), 2);
    Logits two = low.apply(Logits.of(new double[][] {{0, 1}, {3000, 0}}));
    assertThat(two.argMax(0)).isEqualTo(1);
    assertThat(two.probabilities(0)[1]).isCloseTo(0.5, within(1e-6));
    assertThat(two.requireFinite().argMax(1)).isZero();
  }

  @Test
  void curves_refuse_bad_points() {
    assertThatThrownBy(() -> ConfidenceCurve.ofPoints(new double[] {0.5, 0.5}, 0.1, 0.2))
        .hasMessage("confidences must ascend within [0, 1], that of point 1 is 0.5");
    assertThatThrownBy(() -> ConfidenceCurve.ofPoints(new double[] {0.5, 0.6}, 0.3, 0.2))
        .hasMessage(
            "accuracies must not descend and be above 0 and below 1, that of point 1 is 0.2");
    assertThatThrownBy(() -> ConfidenceCurve.ofPoints(new double[0]))
        .hasMessage(
            "there must be as many confidences as accuracies, and at least one: were 0 and 0");
    assertThatThrownBy(() -> ConfidenceCurve.ofLogOdds(Double.NaN, 0))
        .hasMessage("slope and offset must be finite, were NaN and 0.0");
  }

  @Test
  void corrected_errors_agree_with_an_independent_computation() {
    CalibrationEvaluator five = CalibrationEvaluator.ofDefaults().withBins(5);
    CalibrationResult result = goldenSet().evaluate(five);
    JsonNode golden = GOLDEN.get("calibration");
    assertThat(result.ece(5)).isCloseTo(golden.get("ece5").asDouble(), within(1e-9));
    assertThat(result.errors(5).debiased())
        .isCloseTo(golden.get("debiased_ece5").asDouble(), within(1e-9));
    assertThat(result.errors(5).perfect())
        .isCloseTo(golden.get("perfect_ece5").asDouble(), within(1e-9));
    assertThat(result.diagram(5).debiasedSquaredError())
        .isCloseTo(golden.get("debiased_square5").asDouble(), within(1e-9));
  }

  @Test
  void a_calibrated_model_shows_the_error_that_is_foretold_and_none_once_it_is_unbiased() {
    double shown = 0;
    double foretold = 0;
    double debiased = 0;
    double square = 0;
    int draws = 60;
    for (int draw = 0; draw < draws; draw++) {
      Logits logits = randomLogits(1_000, 5, draw);
      CalibrationResult result =
          evaluate(
              CalibrationEvaluator.ofDefaults(), logits, labelsDrawnFrom(logits, 1, 900 + draw));
      shown += result.ece(15) / draws;
      foretold += result.errors(15).perfect() / draws;
      debiased += result.errors(15).debiased() / draws;
      square += result.diagram(15).debiasedSquaredError() / draws;
    }
    assertThat(shown).isBetween(0.02, 0.05).isCloseTo(foretold, within(0.002));
    assertThat(debiased).isLessThan(0.7 * shown);
    assertThat(square).isCloseTo(0, within(1e-4));
  }

  @Test
  void risks_agree_with_an_independent_computation_with_ties() {
    RiskCoverageResult result = goldenSet().evaluate(RiskCoverageEvaluator.ofDefaults());
    assertThat(result.risks())
        .containsExactly(vector(GOLDEN.at("/calibration/risks")), within(1e-9));
    assertThat(result.aurc()).isCloseTo(GOLDEN.at("/calibration/aurc").asDouble(), within(1e-9));
    LabeledLogits set = goldenSet();
    RiskCoverageResult parts =
        evaluateInTwoParts(RiskCoverageEvaluator.ofDefaults(), set.logits(), set.labels());
    assertThat(parts.risks()).containsExactly(result.risks(), within(1e-12));
  }

  @Test
  void confidence_that_ranks_perfectly_has_no_excess_risk() {
    Logits logits = Logits.of(new double[][] {{4, 0}, {3, 0}, {2, 0}, {1, 0}});
    RiskCoverageResult best = evaluate(RiskCoverageEvaluator.ofDefaults(), logits, 0, 0, 0, 1);
    assertThat(best.excessAurc()).isCloseTo(0, within(1e-12));
    assertThat(best.aurc()).isCloseTo(0.25 / 4, within(1e-12));
    RiskCoverageResult worst = evaluate(RiskCoverageEvaluator.ofDefaults(), logits, 1, 0, 0, 0);
    assertThat(worst.excessAurc()).isPositive();
  }

  @Test
  void line_for_a_risk_answers_the_most_images() {
    Logits logits = Logits.of(new double[][] {{4, 0}, {3, 0}, {2, 0}, {2, 0}, {1, 0}});
    RiskCoverageResult result = evaluate(RiskCoverageEvaluator.ofDefaults(), logits, 0, 0, 0, 1, 1);
    RiskCoverageResult.Line line = result.lineForRisk(0.25).orElseThrow();
    assertThat(line.coverage()).isEqualTo(0.8);
    assertThat(line.risk()).isEqualTo(0.25);
    assertThat(line.confidence()).isCloseTo(1 / (1 + Math.exp(-2)), within(1e-12));
    // Between two images of equal confidence there is no line.
    assertThat(result.lineForRisk(0.2).orElseThrow().coverage()).isEqualTo(0.4);
    assertThat(result.riskAt(1)).isEqualTo(0.4);
    RiskCoverageResult wrong = evaluate(RiskCoverageEvaluator.ofDefaults(), logits, 1, 1, 1, 1, 1);
    assertThat(wrong.lineForRisk(0.5)).isEmpty();
    assertThatThrownBy(() -> result.lineForRisk(2)).hasMessage("risk must be in [0, 1], was 2.0");
    assertThatThrownBy(() -> result.riskAt(0)).hasMessage("coverage must be in (0, 1], was 0.0");
  }

  private static LabeledLogits conformalSet() {
    JsonNode rows = GOLDEN.at("/sets/logits");
    double[][] logits =
        IntStream.range(0, rows.size()).mapToObj(i -> vector(rows.get(i))).toArray(double[][]::new);
    int[] labels =
        Arrays.stream(vector(GOLDEN.at("/sets/labels"))).mapToInt(v -> (int) v).toArray();
    return LabeledLogits.of(Logits.of(logits), labels);
  }

  @Test
  void conformal_thresholds_agree_with_an_independent_computation() {
    ConformalSets eighty = ConformalSets.ofCoverage(0.8);
    LabeledLogits set = conformalSet();
    assertThat(threshold(eighty.withMethod(Method.SPLIT), set))
        .isCloseTo(GOLDEN.at("/sets/split").asDouble(), within(1e-9));
    assertThat(threshold(eighty, set)).isCloseTo(GOLDEN.at("/sets/aps").asDouble(), within(1e-9));
    assertThat(threshold(eighty.withPenalty(0.1, 2), set))
        .isCloseTo(GOLDEN.at("/sets/raps").asDouble(), within(1e-9));
    PredictionSets byClass =
        ConformalSets.ofCoverage(0.5).withThresholdOfEachClass(true).fit(set, Optional.empty());
    assertThat(byClass.thresholds())
        .containsExactly(vector(GOLDEN.at("/sets/aps_by_class")), within(1e-9));
  }

  private static double threshold(ConformalSets settings, LabeledLogits set) {
    return settings.fit(set, Optional.empty()).thresholds()[0];
  }

  /** Mean coverage over many choices of held-out images lies at what was asked for, or above. */
  @Test
  void coverage_is_guaranteed_whatever_the_model() {
    for (Method method : Method.values()) {
      double coverage = 0;
      int draws = 40;
      for (int draw = 0; draw < draws; draw++) {
        // A bad model: labels are drawn from quite other probabilities than it gives.
        Logits logits = randomLogits(1_200, 6, draw);
        int[] labels = labelsDrawnFrom(logits, 0.3, 700 + draw);
        LabeledLogits heldOut = part(logits, labels, 0, 200);
        LabeledLogits test = part(logits, labels, 200, 1_200);
        PredictionSets sets =
            ConformalSets.ofCoverage(0.9).withMethod(method).fit(heldOut, Optional.empty());
        PredictionSetResult result =
            test.evaluate(new PredictionSetEvaluator(sets, Optional.empty()));
        coverage += result.coverage() / draws;
        assertThat(result.meanSize()).isBetween(1.0, 6.0);
      }
      // The standard error of the mean is about .0035.
      assertThat(coverage).as("%s", method).isBetween(0.89, 0.96);
    }
  }

  private static LabeledLogits part(Logits logits, int[] labels, int from, int to) {
    return LabeledLogits.of(logits.rows(from, to), Arrays.copyOfRange(labels, from, to));
  }

  @Test
  void thresholds_of_each_class_cover_a_class_that_the_model_overlooks() {
    // Class 2 never looks probable.
    Logits plain = randomLogits(6_000, 3, 5);
    double[][] rows = new double[plain.rows()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = plain.row(i);
      rows[i][2] -= 3;
    }
    Logits logits = Logits.of(rows);
    int[] labels = labelsDrawnFrom(plain, 1, 6);
    LabeledLogits heldOut = part(logits, labels, 0, 3_000);
    LabeledLogits test = part(logits, labels, 3_000, 6_000);
    ConformalSets settings = ConformalSets.ofCoverage(0.9).withMethod(Method.SPLIT);
    PredictionSetResult all = judged(settings, heldOut, test);
    PredictionSetResult each = judged(settings.withThresholdOfEachClass(true), heldOut, test);
    assertThat(all.coverage()).isGreaterThan(0.88);
    assertThat(all.worstClassCoverage()).isLessThan(0.85);
    assertThat(each.worstClassCoverage()).isGreaterThan(0.87);
  }

  private static PredictionSetResult judged(
      ConformalSets settings, LabeledLogits heldOut, LabeledLogits test) {
    PredictionSets sets = settings.fit(heldOut, Optional.empty());
    return test.evaluate(new PredictionSetEvaluator(sets, Optional.empty()));
  }

  @Test
  void too_few_held_out_images_put_every_class_into_the_set() {
    LabeledLogits few = LabeledLogits.of(Logits.of(new double[][] {{5, 0, 0}}), 0);
    PredictionSets sets = ConformalSets.ofCoverage(0.9).fit(few, Optional.empty());
    assertThat(sets.thresholds()).containsExactly(Double.POSITIVE_INFINITY);
    assertThat(sets.set(0.2, 0.7, 0.1)).containsExactly(1, 0, 2);
    // A class without images is in every set, the others are not.
    PredictionSets byClass =
        ConformalSets.ofCoverage(0.5).withThresholdOfEachClass(true).fit(few, Optional.empty());
    assertThat(byClass.set(0.98, 0.01, 0.01)).containsExactly(0, 1, 2);
  }

  @Test
  void sets_hold_at_least_the_most_probable_class() {
    PredictionSets strict = PredictionSets.of(Method.APS, 0.1, 0, 0, 0.0);
    assertThat(strict.set(0.3, 0.4, 0.3)).containsExactly(1);
    assertThatThrownBy(() -> PredictionSets.of(Method.APS, 1, 0, 0, 1))
        .hasMessage("coverage must be above 0 and below 1, was 1.0");
    assertThatThrownBy(() -> PredictionSets.of(Method.APS, 0.5, 1, 0, 1))
        .hasMessage("penalty is for RAPS, method is APS");
    assertThatThrownBy(() -> PredictionSets.of(Method.RAPS, 0.5, 1, 0))
        .hasMessage("there must be a threshold, and none may be NaN: []");
    PredictionSets two = PredictionSets.of(Method.SPLIT, 0.5, 0, 0, 1, 1);
    assertThatThrownBy(() -> two.set(0.3, 0.3, 0.4))
        .hasMessage("prediction sets are for 2 classes, there are 3");
  }

  @Test
  void a_model_keeps_curve_and_sets_and_the_scorer_answers_with_them(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("model.zip");
    ConfidenceCurve curve = ConfidenceCurve.ofPoints(new double[] {0.2, 0.9}, 0.4, 0.6);
    PredictionSets sets =
        PredictionSets.of(Method.RAPS, 0.9, 0.1, 1, 0.5, Double.POSITIVE_INFINITY, 0.7);
    for (ConfidenceCurve each : new ConfidenceCurve[] {curve, ConfidenceCurve.ofLogOdds(2, -1)}) {
      Calibration calibration = Calibration.topLabel(each, Models.CLASSES);
      try (EnergyModel model = Models.smooth()) {
        model.withCalibration(calibration).withPredictionSets(sets).save(file);
      }
      try (EnergyModel read = EnergyModel.load(file)) {
        assertThat(read.calibration()).hasValue(calibration);
        assertThat(read.predictionSets()).hasValue(sets);
        ScoredImage image = EnergyScorer.of(read).score(Models.images(1, 3)).get(0);
        double[] calibrated = calibration.apply(image.logits()).probabilities(0);
        assertThat(image.probability()).isCloseTo(calibrated[image.label()], within(1e-12));
        assertThat(image.rawProbability())
            .isCloseTo(image.logits().probabilities(0)[image.label()], within(1e-12));
        assertThat(image.predictionSet()).hasValue(sets.set(calibrated));
        // Sets are of the probabilities before: another calibration drops them.
        assertThat(read.withCalibration(calibration).predictionSets()).isEmpty();
      }
    }
  }
}
