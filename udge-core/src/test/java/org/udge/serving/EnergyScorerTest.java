package org.udge.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.Calibration;
import org.udge.EnergyModel;
import org.udge.Threshold;
import org.udge.data.ImageShape;
import org.udge.engine.EngineSettings;
import org.udge.engine.Logits;
import org.udge.evaluation.Models;
import org.udge.evaluation.Models.MemorySource;
import org.udge.evaluation.detection.OutOfDistributionScore;
import org.udge.evaluation.detection.OutOfDistributionScores;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;

class EnergyScorerTest {

  private final EnergyModel model = Models.smooth();

  private static INDArray images(int count, long seed) {
    return Models.images(count, seed);
  }

  @Test
  void says_what_the_model_says() {
    INDArray images = images(5, 1);
    Logits logits = model.logits(images);
    List<ScoredImage> scored = EnergyScorer.of(model).score(images);
    assertThat(scored).hasSize(5);
    for (int i = 0; i < 5; i++) {
      ScoredImage image = scored.get(i);
      assertThat(image.label()).isEqualTo(logits.argMax(i));
      assertThat(image.className()).isEqualTo(model.classNames().get(image.label()));
      assertThat(image.probability())
          .isCloseTo(logits.probabilities(i)[image.label()], within(1e-6));
      assertThat(image.logDensity()).isCloseTo(logits.logSumExp(i), within(1e-6));
      assertThat(image.logits()).isEqualTo(logits.rows(i, i + 1));
      assertThat(image.score()).isEqualTo(image.logDensity());
      assertThat(image.threshold()).isEmpty();
      assertThat(image.inDistribution()).isEmpty();
    }
  }

  @Test
  void probabilities_are_calibrated_and_densities_are_not() {
    INDArray images = images(4, 2);
    EnergyModel calibrated = model.withCalibration(Calibration.temperature(3, 3));
    List<ScoredImage> plain = EnergyScorer.of(model).score(images);
    List<ScoredImage> soft = EnergyScorer.of(calibrated).score(images);
    for (int i = 0; i < 4; i++) {
      assertThat(soft.get(i).probability()).isLessThan(plain.get(i).probability());
      assertThat(soft.get(i).probability())
          .isCloseTo(calibrated.predict(images).confidence(i), within(1e-6));
      assertThat(soft.get(i).logDensity()).isCloseTo(plain.get(i).logDensity(), within(1e-6));
    }
  }

  @Test
  void threshold_decides_between_in_and_out() {
    INDArray images = images(20, 3);
    EnergyScorer scorer = EnergyScorer.of(model);
    double[] scores = scorer.score(images).stream().mapToDouble(ScoredImage::score).toArray();
    Threshold threshold = Threshold.forFalseAlarmRate("px", scores, 0.25);
    List<ScoredImage> decided =
        scorer.withScore(OutOfDistributionScores.logDensity(), threshold).score(images);
    assertThat(decided.stream().filter(image -> !image.inDistribution().orElseThrow())).hasSize(5);
  }

  @Test
  void pieces_give_the_same_results_as_the_whole() {
    INDArray images = images(11, 4);
    List<ScoredImage> whole = EnergyScorer.of(model).score(images);
    List<ScoredImage> pieces = EnergyScorer.of(model).withBatchSize(4).score(images);
    assertThat(pieces).hasSize(11);
    for (int i = 0; i < 11; i++) {
      assertThat(pieces.get(i).score()).isCloseTo(whole.get(i).score(), within(1e-5));
    }
  }

  @Test
  void many_threads_get_the_results_of_one() throws Exception {
    EnergyScorer scorer = EnergyScorer.of(model).withBatchSize(3);
    manyThreadsGetTheResultsOfOne(scorer, Models.SHAPE);
    manyThreadsGetTheResultsOfOne(
        scorer.withScore(OutOfDistributionScores.approximateMass()), Models.SHAPE);
  }

  @Test
  void many_threads_get_the_results_of_one_from_the_default_engine() throws Exception {
    ImageShape shape = new ImageShape(3, 8, 8);
    try (EnergyModel network =
        EnergyModel.builder(WideResNet.of(10, 1).withNorm(Norm.NONE))
            .shape(shape)
            .classes(4)
            .engine(EngineSettings.ofDefaults().withThreads(1))
            .build()) {
      EnergyScorer scorer = EnergyScorer.of(network);
      manyThreadsGetTheResultsOfOne(
          scorer.withScore(OutOfDistributionScores.approximateMass()), shape);
    }
  }

  private static void manyThreadsGetTheResultsOfOne(EnergyScorer scorer, ImageShape shape)
      throws Exception {
    int requests = 12;
    List<List<ScoredImage>> expected = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      expected.add(scorer.score(images(shape, 1 + i % 7, i)));
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<List<ScoredImage>>> futures = new ArrayList<>();
      for (int i = 0; i < requests; i++) {
        INDArray images = images(shape, 1 + i % 7, i);
        futures.add(threads.submit(() -> scorer.score(images)));
      }
      for (int i = 0; i < requests; i++) {
        assertThat(futures.get(i).get()).isEqualTo(expected.get(i));
      }
    } finally {
      threads.shutdown();
    }
  }

  private static INDArray images(ImageShape shape, int count, long seed) {
    float[] pixels = new float[count * shape.size()];
    RandomStreams.of(seed).stream("images").fillUniform(pixels, -1, 1);
    return Nd4j.createFromArray(pixels).reshape(shape.batch(count));
  }

  @Test
  void takes_the_threshold_that_the_model_keeps_for_the_score() {
    Threshold density = OutOfDistributionScores.logDensity().threshold(model, source(), 0.25);
    Threshold odin = Threshold.of("odin", 2);
    EnergyModel decided = model.withThreshold(density).withThreshold(odin);
    assertThat(EnergyScorer.of(decided).threshold()).contains(density);
    EnergyScorer other = EnergyScorer.of(decided).withScore(OutOfDistributionScores.odin());
    assertThat(other.threshold()).contains(odin);
    assertThat(other.score(images(1, 3)).get(0).inDistribution()).contains(false);
    assertThat(EnergyScorer.of(decided).withScore(OutOfDistributionScores.maxLogit()).threshold())
        .isEmpty();
  }

  @Test
  void a_threshold_is_fitted_in_one_line() {
    double[] scores =
        EnergyScorer.of(model).score(source().array()).stream()
            .mapToDouble(ScoredImage::score)
            .toArray();
    assertThat(OutOfDistributionScores.logDensity().threshold(model, source(), 0.25))
        .isEqualTo(Threshold.forFalseAlarmRate("px", scores, 0.25));
    assertThatThrownBy(() -> OutOfDistributionScores.logDensity().threshold(model, source(), 1))
        .hasMessage("false-alarm rate must be above 0 and below 1, was 1.0");
  }

  private static MemorySource source() {
    return Models.source("held out", 40, 5);
  }

  @Test
  void refuses_a_threshold_of_another_score() {
    OutOfDistributionScore score = OutOfDistributionScores.logDensity();
    assertThatThrownBy(() -> EnergyScorer.of(model).withScore(score, Threshold.of("py", 0.5)))
        .hasMessage("the threshold is for score 'py', the score is 'px'");
  }

  @Test
  void refuses_bad_input() {
    EnergyScorer scorer = EnergyScorer.of(model);
    assertThatThrownBy(() -> scorer.withBatchSize(0))
        .hasMessage("batch size must be at least 1, was 0");
    assertThatThrownBy(() -> scorer.score(Nd4j.zeros(2, 5, 4)))
        .hasMessage("images must be [N, C, H, W] or [N, F], were [2, 5, 4]");
    assertThatThrownBy(() -> scorer.score(Nd4j.zeros(1, 1, 5, 4)))
        .hasMessage("images must have 2 channels, shape was [1, 1, 5, 4]");
  }

  @Test
  void names_its_score() {
    assertThat(EnergyScorer.of(model).scoreName()).isEqualTo("px");
    assertThat(
            EnergyScorer.of(model).withScore(OutOfDistributionScores.maxProbability()).toString())
        .contains("score=py", "threshold=none");
  }
}
