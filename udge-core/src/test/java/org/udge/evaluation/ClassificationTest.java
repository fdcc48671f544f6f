package org.udge.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.udge.evaluation.EvaluationFixtures.evaluate;
import static org.udge.evaluation.EvaluationFixtures.evaluateInTwoParts;
import static org.udge.evaluation.EvaluationFixtures.goldenLabels;
import static org.udge.evaluation.EvaluationFixtures.goldenLogits;
import static org.udge.evaluation.EvaluationFixtures.goldenNumbers;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.udge.Calibration;
import org.udge.data.Batch;
import org.udge.engine.Logits;

class ClassificationTest {

  private static final ClassificationEvaluator EVALUATOR = ClassificationEvaluator.ofDefaults();
  private static final Logits TWO =
      Logits.of(new double[][] {{1, 0, -1}, {0, 2, 0}, {3, 3, 0}, {0, 1, 0}});
  private static final int[] LABELS = {0, 1, 1, 0};

  @Test
  void agrees_with_golden_numbers() {
    JsonNode golden = goldenNumbers().get("metrics");
    ClassificationResult result = evaluate(EVALUATOR, goldenLogits(), goldenLabels());
    assertThat(result.images()).isEqualTo(500);
    assertThat(result.accuracy()).isCloseTo(golden.get("accuracy").asDouble(), within(1e-12));
    assertThat(result.top5Accuracy())
        .isCloseTo(golden.get("top5_accuracy").asDouble(), within(1e-12));
    assertThat(result.nll()).isCloseTo(golden.get("nll").asDouble(), within(1e-9));
    assertThat(result.brier()).isCloseTo(golden.get("brier").asDouble(), within(1e-9));
  }

  @Test
  void merged_parts_equal_the_whole() {
    ClassificationResult whole = evaluate(EVALUATOR, goldenLogits(), goldenLabels());
    ClassificationResult parts = evaluateInTwoParts(EVALUATOR, goldenLogits(), goldenLabels());
    assertThat(parts.confusion()).isEqualTo(whole.confusion());
    assertThat(parts.top5Accuracy()).isEqualTo(whole.top5Accuracy());
    assertThat(parts.nll()).isCloseTo(whole.nll(), within(1e-12));
    assertThat(parts.brier()).isCloseTo(whole.brier(), within(1e-12));
  }

  @Test
  void merging_into_an_empty_accumulator_takes_over_everything() {
    Accumulator<ClassificationResult> empty = EVALUATOR.begin();
    Accumulator<ClassificationResult> full = EVALUATOR.begin();
    full.update(TWO, LABELS);
    empty.merge(full);
    full.merge(EVALUATOR.begin());
    assertThat(empty.compute()).isEqualTo(full.compute());
  }

  @Test
  void counts_the_first_of_equal_logits() {
    ClassificationResult result = evaluate(EVALUATOR, TWO, LABELS);
    assertThat(result.accuracy()).isEqualTo(0.5);
    assertThat(result.confusion().count(1, 0)).isEqualTo(1);
    assertThat(result.top5Accuracy()).isEqualTo(1);
  }

  @Test
  void top_five_of_equal_logits_has_the_predicted_class_and_the_last_four() {
    Logits equal = Logits.of(new double[10][10]);
    ClassificationResult result = evaluate(EVALUATOR, equal, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(result.accuracy()).isEqualTo(0.1);
    assertThat(result.top5Accuracy()).isEqualTo(0.5);
    assertThat(evaluate(EVALUATOR, equal.rows(0, 6), 0, 6, 7, 8, 9, 5).top5Accuracy())
        .isEqualTo(5 / 6.0);
  }

  @Test
  void precision_and_recall_of_each_class() {
    ConfusionMatrix confusion = evaluate(EVALUATOR, TWO, LABELS).confusion();
    assertThat(confusion.precision(0)).hasValue(0.5);
    assertThat(confusion.recall(0)).hasValue(0.5);
    assertThat(confusion.precision(1)).hasValue(0.5);
    assertThat(confusion.recall(1)).hasValue(0.5);
    assertThat(confusion.precision(2)).isEmpty();
    assertThat(confusion.recall(2)).isEmpty();
    assertThat(confusion.toString()).contains("true \\ predicted");
  }

  @Test
  void infinitely_sure_and_wrong_has_a_finite_nll() {
    Logits sure = Logits.of(new double[][] {{1000, 0}, {1000, 0}});
    ClassificationResult result = evaluate(EVALUATOR, sure, 0, 1);
    assertThat(result.nll()).isEqualTo(500);
    assertThat(result.brier()).isEqualTo(1);
  }

  @Test
  void calibrated_metrics_have_keys_of_their_own() {
    ClassificationResult result =
        evaluate(EVALUATOR.withCalibration(Calibration.temperature(2, 3)), TWO, LABELS);
    assertThat(result.metrics("test"))
        .extracting(Metric::key)
        .startsWith("test/calibrated_accuracy");
    assertThat(result.nll())
        .isNotEqualTo(evaluate(EVALUATOR, TWO, LABELS).nll())
        .isCloseTo(
            evaluate(EVALUATOR, Calibration.temperature(2, 3).apply(TWO), LABELS).nll(),
            within(1e-12));
  }

  @Test
  void says_what_is_better_and_how_many_images() {
    ClassificationResult result = evaluate(EVALUATOR, TWO, LABELS);
    assertThat(result.toString())
        .contains("4 images", "all/accuracy", "higher is better", "lower is better", "precision");
    assertThat(
            EvaluationFixtures.json(result.toJson())
                .get("classes")
                .get(2)
                .get("precision")
                .isNull())
        .isTrue();
    assertThat(EvaluationFixtures.json(result.toJson()).get("confusion").get(1).get(0).asLong())
        .isEqualTo(1);
  }

  @Test
  void refuses_an_empty_set() {
    assertThatThrownBy(() -> EVALUATOR.begin().compute())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no image was evaluated: the set is empty");
  }

  @Test
  void refuses_a_single_class() {
    assertThatThrownBy(() -> evaluate(EVALUATOR, Logits.of(new double[][] {{1}}), 0))
        .hasMessage("there must be at least 2 classes, was 1");
  }

  @Test
  void refuses_logits_that_are_not_finite() {
    assertThatThrownBy(() -> evaluate(EVALUATOR, Logits.of(new double[][] {{1, Double.NaN}}), 0))
        .hasMessage("logits must be finite numbers, those of image 0 are [1.0, NaN]");
  }

  @Test
  void refuses_a_label_out_of_range() {
    assertThatThrownBy(() -> evaluate(EVALUATOR, Logits.of(new double[][] {{1, 2}}), 2))
        .hasMessage("labels must be 0 to 1, that of image 0 is 2");
  }

  @Test
  void refuses_a_missing_label() {
    assertThatThrownBy(
            () -> evaluate(EVALUATOR, Logits.of(new double[][] {{1, 2}}), Batch.UNLABELED))
        .hasMessage("image 0 of the batch has no label");
  }

  @Test
  void refuses_another_number_of_labels_than_rows() {
    assertThatThrownBy(() -> evaluate(EVALUATOR, Logits.of(new double[][] {{1, 2}}), 0, 1))
        .hasMessage("there must be a label for each row of logits: 1 rows, 2 labels");
  }

  @Test
  void refuses_to_mix_numbers_of_classes() {
    Accumulator<ClassificationResult> accumulator = EVALUATOR.begin();
    accumulator.update(Logits.of(new double[][] {{1, 2}}), 0);
    assertThatThrownBy(() -> accumulator.update(TWO, LABELS))
        .hasMessage("classes were [0, 1] before, now they are [0, 1, 2]");
  }

  @Test
  void refuses_to_merge_with_other_settings() {
    Accumulator<ClassificationResult> accumulator = EVALUATOR.begin();
    Accumulator<ClassificationResult> other =
        EVALUATOR.withCalibration(Calibration.temperature(2, 3)).begin();
    assertThatThrownBy(() -> accumulator.merge(other))
        .hasMessageStartingWith("cannot merge with an accumulator of other settings");
  }
}
