package org.udge.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.udge.evaluation.EvaluationFixtures.goldenScores;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.udge.evaluation.detection.DetectionMetrics;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

class StatisticsTest {

  private static final Bootstrap BOOTSTRAP = Bootstrap.of(RandomStreams.of(5));

  @Test
  void bootstrap_of_a_mean_agrees_with_the_normal_approximation() {
    double[] right = new double[1000];
    for (int i = 0; i < 800; i++) {
      right[i] = 1;
    }
    ConfidenceInterval interval = BOOTSTRAP.mean(right);
    double deviation = Math.sqrt(0.8 * 0.2 / 1000);
    assertThat(interval.estimate()).isEqualTo(0.8);
    assertThat(interval.lower()).isCloseTo(0.8 - 1.96 * deviation, within(0.004));
    assertThat(interval.upper()).isCloseTo(0.8 + 1.96 * deviation, within(0.004));
    assertThat(interval.toString()).contains("0.8000 [", "95 %", "1000 resamples");
  }

  @Test
  void bootstrap_covers_the_truth_about_as_often_as_it_says() {
    int covered = 0;
    RandomStream random = RandomStreams.of(1).stream("data");
    for (int trial = 0; trial < 200; trial++) {
      double[] values = new double[60];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextGaussian();
      }
      Bootstrap bootstrap = Bootstrap.of(RandomStreams.of(trial)).withResamples(200).withLevel(0.9);
      ConfidenceInterval interval = bootstrap.mean(values);
      covered += interval.lower() <= 0 && interval.upper() >= 0 ? 1 : 0;
    }
    assertThat(covered / 200.0).isBetween(0.82, 0.96);
  }

  @Test
  void bootstrap_of_golden_auroc() {
    double[] in = goldenScores(1);
    double[] out = goldenScores(0);
    ConfidenceInterval once =
        BOOTSTRAP.withResamples(100).interval(in, out, DetectionMetrics::auroc);
    assertThat(once.estimate()).isEqualTo(DetectionMetrics.auroc(in, out));
    assertThat(once.lower()).isLessThan(once.estimate()).isGreaterThan(0.7);
    assertThat(once.upper()).isGreaterThan(once.estimate()).isLessThan(0.85);
  }

  @Test
  void bootstrap_of_golden_accuracy() {
    LabeledLogits golden =
        LabeledLogits.of(EvaluationFixtures.goldenLogits(), EvaluationFixtures.goldenLabels());
    ConfidenceInterval interval = BOOTSTRAP.mean(golden.correct());
    assertThat(interval.estimate()).isEqualTo(0.33);
    assertThat(interval.upper() - interval.lower())
        .isCloseTo(2 * 1.96 * Math.sqrt(0.33 * 0.67 / 500), within(0.01));
  }

  @Test
  void bootstrap_refuses_bad_settings() {
    assertThatThrownBy(() -> BOOTSTRAP.withResamples(1))
        .hasMessage("resamples must be at least 2, was 1");
    assertThatThrownBy(() -> BOOTSTRAP.withLevel(1))
        .hasMessage("level must be above 0 and below 1, was 1.0");
    assertThatThrownBy(() -> BOOTSTRAP.mean()).hasMessage("bootstrapped scores must not be empty");
    assertThatThrownBy(() -> BOOTSTRAP.interval(0, indices -> 0))
        .hasMessage("images must be at least 1, was 0");
  }

  @Test
  void summary_of_values() {
    Summary summary = Summary.of(1, 2, 3, 4);
    assertThat(summary.mean()).isEqualTo(2.5);
    assertThat(summary.deviation()).isCloseTo(Math.sqrt(5.0 / 3), within(1e-12));
    assertThat(summary.minimum()).isEqualTo(1);
    assertThat(summary.maximum()).isEqualTo(4);
    assertThat(summary).hasToString("2.5000 +- 1.2910 (n = 4)");
    assertThat(Summary.of(0.5)).hasToString("0.5000 (n = 1)");
  }

  @Test
  void summary_of_reports() {
    Map<String, Double> first = new LinkedHashMap<>(Map.of("test/accuracy", 0.5));
    Map<String, Double> second = Map.of("test/accuracy", 0.7);
    assertThat(Summary.of(List.of(first, second)).get("test/accuracy").mean())
        .isCloseTo(0.6, within(1e-12));
  }

  @Test
  void summary_refuses_bad_values() {
    assertThatThrownBy(() -> Summary.of()).hasMessage("there must be at least one value");
    assertThatThrownBy(() -> Summary.of(1, Double.NaN))
        .hasMessage("values must be finite, were [1.0, NaN]");
    assertThatThrownBy(() -> Summary.of(List.of())).hasMessage("there must be at least one report");
    assertThatThrownBy(() -> Summary.of(List.of(Map.of("a", 1.0), Map.of("b", 1.0))))
        .hasMessage("reports must have the same metrics: [a] and [b]");
  }
}
