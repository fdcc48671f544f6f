package org.udge.evaluation.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.udge.evaluation.EvaluationFixtures.goldenNumbers;
import static org.udge.evaluation.EvaluationFixtures.goldenScores;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.udge.Threshold;
import org.udge.evaluation.Metric;

class DetectionTest {

  @Test
  void agrees_with_golden_numbers() {
    JsonNode golden = goldenNumbers().get("ood");
    DetectionMetrics metrics = DetectionMetrics.of(goldenScores(1), goldenScores(0));
    assertThat(metrics.inImages()).isEqualTo(400);
    assertThat(metrics.outImages()).isEqualTo(300);
    assertThat(metrics.auroc()).isCloseTo(golden.get("auroc").asDouble(), within(1e-12));
    assertThat(metrics.auprIn()).isCloseTo(golden.get("aupr_in").asDouble(), within(1e-9));
    assertThat(metrics.auprOut()).isCloseTo(golden.get("aupr_out").asDouble(), within(1e-9));
    assertThat(metrics.fprAt95Tpr())
        .isCloseTo(golden.get("fpr_at_95_tpr_in_positive").asDouble(), within(1e-12));
    // By trying every threshold in NumPy.
    assertThat(metrics.detectionError()).isCloseTo(0.29791666666666666, within(1e-12));
  }

  @Test
  void auroc_equals_the_share_of_ordered_pairs() {
    double[] in = {0.5, 1, 1, 2, 3, 3};
    double[] out = {0, 1, 1, 2.5, 3};
    double pairs = 0;
    for (double i : in) {
      for (double o : out) {
        pairs += i > o ? 1 : i == o ? 0.5 : 0;
      }
    }
    assertThat(DetectionMetrics.auroc(in, out)).isEqualTo(pairs / (in.length * out.length));
  }

  @Test
  void perfect_and_reversed_scores() {
    DetectionMetrics perfect = DetectionMetrics.of(new double[] {2, 3}, new double[] {0, 1});
    assertThat(perfect).isEqualTo(new DetectionMetrics(2, 2, 1, 1, 1, 0, 0));
    DetectionMetrics reversed = DetectionMetrics.of(new double[] {0, 1}, new double[] {2, 3});
    assertThat(reversed.auroc()).isZero();
    assertThat(reversed.fprAt95Tpr()).isEqualTo(1);
    assertThat(reversed.detectionError()).isEqualTo(0.5);
  }

  @Test
  void equal_scores_are_chance() {
    DetectionMetrics equal = DetectionMetrics.of(new double[] {1, 1, 1}, new double[] {1});
    assertThat(equal).isEqualTo(new DetectionMetrics(3, 1, 0.5, 0.75, 0.25, 1, 0.5));
  }

  @Test
  void infinite_scores_are_ranked() {
    assertThat(
            DetectionMetrics.auroc(
                new double[] {Double.POSITIVE_INFINITY, 0},
                new double[] {Double.NEGATIVE_INFINITY, 0}))
        .isEqualTo(0.875);
  }

  @Test
  void scores_are_left_as_they_were() {
    double[] in = {3, 1, 2};
    DetectionMetrics.of(in, new double[] {0});
    assertThat(in).containsExactly(3, 1, 2);
  }

  @Test
  void says_which_class_is_positive() {
    DetectionMetrics metrics = DetectionMetrics.of(new double[] {2, 3}, new double[] {0});
    assertThat(metrics.toString())
        .contains("2 images in distribution (positive)", "1 out of it", "higher is better");
    assertThat(metrics.metrics("ood/svhn/px"))
        .extracting(Metric::key)
        .contains("ood/svhn/px/auroc", "ood/svhn/px/fpr_at_95_tpr");
    assertThat(metrics.details().get("auroc")).isEqualTo(1.0);
  }

  @Test
  void refuses_an_empty_set() {
    assertThatThrownBy(() -> DetectionMetrics.of(new double[0], new double[] {1}))
        .hasMessage("in-distribution scores must not be empty");
    assertThatThrownBy(() -> DetectionMetrics.of(new double[] {1}, new double[0]))
        .hasMessage("out-of-distribution scores must not be empty");
  }

  @Test
  void refuses_nan() {
    assertThatThrownBy(() -> DetectionMetrics.of(new double[] {1}, new double[] {0, Double.NaN}))
        .hasMessage("out-of-distribution score of image 1 is NaN");
  }

  @Test
  void threshold_keeps_the_false_alarm_rate() {
    double[] in = {9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
    Threshold threshold = Threshold.forFalseAlarmRate("px", in, 0.2);
    assertThat(threshold).isEqualTo(new Threshold("px", 2, OptionalDouble.of(0.2), 10));
    assertThat(threshold.accepts(2)).isTrue();
    assertThat(threshold.accepts(1.999)).isFalse();
    assertThat(threshold.accepts(Double.NaN)).isFalse();
  }

  @Test
  void threshold_stays_below_the_rate_where_scores_are_equal() {
    Threshold threshold = Threshold.forFalseAlarmRate("px", new double[] {0, 1, 1, 1, 2}, 0.5);
    assertThat(threshold).isEqualTo(new Threshold("px", 1, OptionalDouble.of(0.2), 5));
  }

  @Test
  void threshold_of_a_rate_no_image_fits_in_lets_all_through() {
    assertThat(Threshold.forFalseAlarmRate("px", new double[] {3, 1}, 0.05))
        .isEqualTo(new Threshold("px", 1, OptionalDouble.of(0), 2));
  }

  @Test
  void threshold_refuses_bad_rates_and_scores() {
    assertThatThrownBy(() -> Threshold.forFalseAlarmRate("px", new double[] {1}, 0))
        .hasMessage("false-alarm rate must be above 0 and below 1, was 0.0");
    assertThatThrownBy(() -> Threshold.forFalseAlarmRate("px", new double[] {1}, 1))
        .hasMessage("false-alarm rate must be above 0 and below 1, was 1.0");
    assertThatThrownBy(() -> Threshold.forFalseAlarmRate("px", new double[0], 0.1))
        .hasMessage("in-distribution scores must not be empty");
    assertThatThrownBy(() -> new Threshold("px", Double.NaN, OptionalDouble.of(0), 1))
        .hasMessage("threshold of score px is NaN");
    assertThatThrownBy(() -> new Threshold("px", 0, OptionalDouble.of(2), 1))
        .hasMessage("false-alarm rate must be in [0, 1], was 2.0");
  }

  @Test
  void histogram_shares_edges_and_has_unit_area() {
    Map<String, double[]> sets = new LinkedHashMap<>();
    sets.put("in", new double[] {0, 1, 2, 4});
    sets.put("out", new double[] {0, 0});
    ScoreHistogram histogram = ScoreHistogram.of("px", sets, 4);
    assertThat(histogram.edges()).containsExactly(0.0, 1.0, 2.0, 3.0, 4.0);
    assertThat(histogram.counts().get("in")).containsExactly(1L, 1L, 1L, 1L);
    assertThat(histogram.counts().get("out")).containsExactly(2L, 0L, 0L, 0L);
    assertThat(histogram.counts().keySet()).containsExactly("in", "out");
    assertThat(histogram.density("out", 0)).isEqualTo(1);
    assertThat(histogram.density("in", 3)).isEqualTo(0.25);
    assertThat(histogram.center(1)).isEqualTo(1.5);
  }

  @Test
  void histogram_keeps_its_range_whatever_a_few_odd_images_score() {
    double[] scores = IntStream.range(0, 3000).mapToDouble(i -> i / 3000.0).toArray();
    scores[0] = -1e6;
    scores[1] = 1e9;
    ScoreHistogram histogram = ScoreHistogram.of("px", Map.of("in", scores), 10);
    assertThat(histogram.edges().get(0)).isBetween(0.0, 0.01);
    assertThat(histogram.edges().get(10)).isBetween(0.99, 1.0);
    assertThat(histogram.counts().get("in").stream().mapToLong(n -> n).sum()).isEqualTo(2998);
    assertThat(histogram.counts().get("in").get(9)).isBetween(295L, 305L);
    assertThat(histogram.below()).containsExactly(Map.entry("in", 1L));
    assertThat(histogram.above()).containsExactly(Map.entry("in", 1L));
    assertThat(histogram.beyond("in")).isEqualTo(2);
    assertThat(histogram.images("in")).isEqualTo(3000);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 50, 300, 999})
  void histogram_of_a_small_set_keeps_its_range_too(int images) {
    double[] scores = IntStream.range(0, images).mapToDouble(i -> i / (double) images).toArray();
    scores[images / 2] = -1e6;
    ScoreHistogram histogram = ScoreHistogram.of("px", Map.of("in", scores), 10);
    assertThat(histogram.edges().get(0)).isZero();
    assertThat(histogram.below()).containsExactly(Map.entry("in", 1L));
    assertThat(histogram.above()).containsExactly(Map.entry("in", 0L));
    double area = IntStream.range(0, 10).mapToDouble(bin -> histogram.density("in", bin)).sum();
    double width = histogram.edges().get(1) - histogram.edges().get(0);
    assertThat(area * width).isCloseTo((images - 1.0) / images, within(1e-9));
  }

  @Test
  void histogram_cuts_no_more_than_a_hundredth_and_nothing_that_is_near() {
    // Most scores are 1, as those of max p(y|x) are; every tenth is lower.
    double[] sure = IntStream.range(0, 1000).mapToDouble(i -> i % 10 == 0 ? 0.3 : 1).toArray();
    ScoreHistogram histogram = ScoreHistogram.of("py", Map.of("in", sure), 10);
    assertThat(histogram.edges().get(0)).isEqualTo(0.3);
    assertThat(histogram.counts().get("in").get(0)).isEqualTo(100);
    assertThat(histogram.beyond("in")).isZero();
    double[] bell =
        IntStream.range(0, 1000).mapToDouble(i -> Math.tan((i - 499.5) / 400)).toArray();
    assertThat(ScoreHistogram.of("px", Map.of("in", bell), 10).beyond("in")).isZero();
  }

  @Test
  void a_set_far_from_another_is_in_the_picture() {
    Map<String, double[]> sets = new LinkedHashMap<>();
    sets.put("in", new double[] {0, 1, 2, 3});
    sets.put("out", new double[] {-1000, -1001});
    ScoreHistogram histogram = ScoreHistogram.of("px", sets, 4);
    assertThat(histogram.edges().get(0)).isEqualTo(-1001);
    assertThat(histogram.beyond("in") + histogram.beyond("out")).isZero();
  }

  @Test
  void histogram_of_equal_scores_has_bins_of_some_width() {
    ScoreHistogram histogram = ScoreHistogram.of("px", Map.of("in", new double[] {7, 7}), 2);
    assertThat(histogram.edges()).containsExactly(6.5, 7.0, 7.5);
    assertThat(histogram.counts().get("in").stream().mapToLong(n -> n).sum()).isEqualTo(2);
  }

  @Test
  void histogram_takes_another_name_for_a_set() {
    Map<String, double[]> sets = new LinkedHashMap<>();
    sets.put("in", new double[] {1, 2});
    sets.put("out", new double[] {3});
    ScoreHistogram histogram = ScoreHistogram.of("px", sets, 2);
    ScoreHistogram renamed = histogram.withSetName("in", "cifar10");
    assertThat(renamed.counts().keySet()).containsExactly("cifar10", "out");
    assertThat(renamed.counts().get("cifar10")).isEqualTo(histogram.counts().get("in"));
    assertThat(renamed.images("cifar10")).isEqualTo(2);
    assertThat(renamed.withSetName("cifar10", "in")).isEqualTo(histogram);
    assertThatThrownBy(() -> histogram.withSetName("in", "out"))
        .hasMessage("two sets called 'out'");
    assertThatThrownBy(() -> histogram.withSetName("other", "x"))
        .hasMessage("no set 'other', there are [in, out]");
  }

  @Test
  void histogram_refuses_bad_input() {
    Map<String, double[]> one = Map.of("in", new double[] {1});
    assertThatThrownBy(() -> ScoreHistogram.of("px", one, 0))
        .hasMessage("bins must be at least 1, was 0");
    assertThatThrownBy(() -> ScoreHistogram.of("px", Map.of(), 3))
        .hasMessage("there must be at least one set of scores");
    assertThatThrownBy(() -> ScoreHistogram.of("px", Map.of("in", new double[0]), 3))
        .hasMessage("scores of in must not be empty");
    assertThatThrownBy(() -> ScoreHistogram.of("px", Map.of("in", new double[] {Double.NaN}), 3))
        .hasMessage("score of image 0 of in must be finite, was NaN");
    assertThatThrownBy(() -> ScoreHistogram.of("px", one, 3).density("out", 0))
        .hasMessage("no set 'out', there are [in]");
    assertThatThrownBy(() -> ScoreHistogram.of("px", one, 3).beyond("out"))
        .hasMessage("no set 'out', there are [in]");
  }
}
