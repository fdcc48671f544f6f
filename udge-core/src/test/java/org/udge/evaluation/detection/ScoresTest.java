package org.udge.evaluation.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.udge.evaluation.EvaluationFixtures.golden;
import static org.udge.evaluation.EvaluationFixtures.goldenNumbers;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.engine.Logits;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.Models;
import org.udge.evaluation.Models.MemorySource;
import org.udge.evaluation.features.FeatureExtractor;
import org.udge.evaluation.features.Mahalanobis;
import org.udge.evaluation.features.NearestNeighbors;
import org.udge.evaluation.features.NetworkFeatures;
import org.udge.internal.HostImages;
import org.udge.loss.ContrastiveForm;
import org.udge.published.PublishedHabit;

class ScoresTest {

  private static final Logits LOGITS = Logits.of(new double[][] {{1, 2, 0}, {700, 0, 0}});
  private static final EvaluationBatch BATCH = EvaluationBatch.of(LOGITS, 0, 0);
  private static final double SUM = Math.exp(1) + Math.exp(2) + 1;

  @Test
  void scores_of_logits_follow_their_formulas() {
    double[] p = {Math.exp(1) / SUM, Math.exp(2) / SUM, 1 / SUM};
    assertScore("px", Math.log(SUM), 700);
    assertScore("py", p[1], 1);
    assertScore("max_logit", 2, 700);
    assertScore("entropy", Arrays.stream(p).map(value -> value * Math.log(value)).sum(), 0);
    double energy = 2 * Math.log(Math.exp(0.5) + Math.exp(1) + 1);
    assertThat(OutOfDistributionScores.energy(2).score(BATCH)[0]).isCloseTo(energy, within(1e-12));
    assertThat(OutOfDistributionScores.energy(1).score(BATCH)[0])
        .isCloseTo(Math.log(SUM), within(1e-12));
  }

  private static final Set<PublishedHabit> TRUE_LABELS =
      Set.of(PublishedHabit.SIMILARITY_UNDER_TRUE_LABELS);

  private static void assertScore(String name, double first, double second) {
    OutOfDistributionScore score = OutOfDistributionScores.named(name);
    assertThat(score.name()).isEqualTo(name);
    assertThat(score.score(BATCH)).containsExactly(new double[] {first, second}, within(1e-12));
  }

  @Test
  void approximate_mass_is_the_negated_norm_of_the_gradient() {
    EnergyModel model = Models.golden();
    EvaluationBatch batch = EvaluationBatch.of(model, golden("x"), golden("y").toIntVector());
    double[] norms = HostImages.norms(HostImages.copy(golden("grad_x_lse")), batch.size());
    double[] scores = OutOfDistributionScores.approximateMass().score(batch);
    for (int i = 0; i < scores.length; i++) {
      assertThat(scores[i]).isCloseTo(-norms[i], within(1e-4 * norms[i]));
    }
  }

  @Test
  void contrastive_similarity_of_true_labels_is_the_negated_golden_loss() {
    Logits logits = Logits.of(golden("none_logits"));
    EvaluationBatch batch = EvaluationBatch.of(logits, golden("y").toIntVector());
    Logits queue = Logits.of(golden("queue").transpose());
    ContrastiveSimilarity score =
        OutOfDistributionScores.contrastiveSimilarity(queue).withHabits(TRUE_LABELS);
    double offset = Math.log(queue.rows() + 1.0);
    assertThat(Arrays.stream(score.score(batch)).average().orElseThrow() - offset)
        .isCloseTo(-goldenNumbers().get("contrast_reference").asDouble(), within(1e-5));
    assertThat(
            Arrays.stream(score.withForm(ContrastiveForm.PAPER).score(batch))
                    .average()
                    .orElseThrow()
                - offset)
        .isCloseTo(-goldenNumbers().get("contrast_paper").asDouble(), within(1e-5));
  }

  @Test
  void contrastive_similarity_takes_the_predicted_label() {
    Logits logits = Logits.of(golden("none_logits"));
    int[] predicted = IntStream.range(0, logits.rows()).map(logits::argMax).toArray();
    int[] unlabeled = new int[logits.rows()];
    Arrays.fill(unlabeled, Batch.UNLABELED);
    ContrastiveSimilarity score =
        OutOfDistributionScores.contrastiveSimilarity(Logits.of(golden("queue").transpose()));
    assertThat(score.name()).isEqualTo("pxsim");
    assertThat(score.score(EvaluationBatch.of(logits, unlabeled)))
        .containsExactly(
            score.withHabits(TRUE_LABELS).score(EvaluationBatch.of(logits, predicted)),
            within(1e-12));
    assertThatThrownBy(
            () -> score.withHabits(TRUE_LABELS).score(EvaluationBatch.of(logits, unlabeled)))
        .hasMessage("image 0 of the batch has no label");
  }

  @Test
  void odin_without_step_is_the_tempered_probability() {
    EnergyModel model = Models.smooth();
    EvaluationBatch batch = EvaluationBatch.of(model, Models.images(4, 1), new int[4]);
    double[] scores = OutOfDistributionScores.odin(10, 0).score(batch);
    for (int i = 0; i < 4; i++) {
      double[] tempered =
          Arrays.stream(batch.logits().row(i)).map(value -> Math.exp(value / 10)).toArray();
      double expected = Arrays.stream(tempered).max().orElseThrow() / Arrays.stream(tempered).sum();
      assertThat(scores[i]).isCloseTo(expected, within(1e-9));
    }
  }

  @Test
  void odin_steps_up_its_own_score() {
    EnergyModel model = Models.smooth();
    EvaluationBatch batch = EvaluationBatch.of(model, Models.images(16, 2), new int[16]);
    double[] before = OutOfDistributionScores.odin(2, 0).score(batch);
    double[] after = OutOfDistributionScores.odin(2, 0.002).score(batch);
    for (int i = 0; i < before.length; i++) {
      assertThat(after[i]).isGreaterThan(before[i]);
    }
  }

  @Test
  void features_times_output_weights_are_the_logits() {
    EnergyModel model = Models.golden();
    INDArray images = golden("x");
    try (NetworkFeatures features = NetworkFeatures.of(model)) {
      assertThat(features.size()).isEqualTo(64);
      double[][] rows = features.features(images);
      INDArray weights = model.graph().getParam("class_output_W");
      INDArray bias = model.graph().getParam("class_output_b");
      INDArray logits = golden("none_logits");
      for (int i = 0; i < rows.length; i++) {
        for (int c = 0; c < 10; c++) {
          double sum = bias.getDouble(c);
          for (int d = 0; d < rows[i].length; d++) {
            sum += rows[i][d] * weights.getDouble(d, c);
          }
          assertThat(sum).isCloseTo(logits.getDouble(i, c), within(1e-5));
        }
      }
    }
  }

  /** Takes the first numbers of an image for its features. */
  private record FirstPixels(int size) implements FeatureExtractor {
    @Override
    public String name() {
      return "first pixels";
    }

    @Override
    public double[][] features(INDArray images) {
      float[] pixels = HostImages.copy(images);
      double[][] rows = new double[(int) images.size(0)][size];
      for (int i = 0; i < rows.length; i++) {
        for (int d = 0; d < size; d++) {
          rows[i][d] = pixels[i * Models.SHAPE.size() + d];
        }
      }
      return rows;
    }
  }

  /** Two classes around (0.5, 0) and (-0.5, 0), wide along y, narrow along x. */
  private static MemorySource twoClasses() {
    float[] pixels = new float[8 * Models.SHAPE.size()];
    double[][] offsets = {{0.1, 0}, {-0.1, 0}, {0, 0.4}, {0, -0.4}};
    int[] labels = new int[8];
    for (int i = 0; i < 8; i++) {
      labels[i] = i / 4;
      pixels[i * Models.SHAPE.size()] = (float) (offsets[i % 4][0] + (i < 4 ? 0.5 : -0.5));
      pixels[i * Models.SHAPE.size() + 1] = (float) offsets[i % 4][1];
    }
    return new MemorySource("two classes", pixels, labels);
  }

  private static double[] scoreAt(OutOfDistributionScore score, double... point) {
    float[] pixels = new float[Models.SHAPE.size()];
    for (int d = 0; d < point.length; d++) {
      pixels[d] = (float) point[d];
    }
    INDArray image = HostImages.array(pixels, Models.SHAPE.batch(1));
    return score.score(EvaluationBatch.of(Models.smooth(), image, 0));
  }

  @Test
  void mahalanobis_measures_in_units_of_the_spread() {
    Mahalanobis score = Mahalanobis.fit(new FirstPixels(2), twoClasses());
    // Variances are .005 and .08; a thousandth of their mean, .0000425, is added to each.
    assertThat(scoreAt(score, 0.5, 0.4)[0]).isCloseTo(-0.16 / 0.0800425, within(1e-4));
    assertThat(scoreAt(score, -0.6, 0)[0]).isCloseTo(-0.01 / 0.0050425, within(1e-4));
    assertThat(scoreAt(score, 0.5, 0)[0]).isCloseTo(0, within(1e-9));
  }

  @Test
  void mahalanobis_bears_features_that_are_always_zero() {
    assertThat(scoreAt(Mahalanobis.fit(new FirstPixels(4), twoClasses()), 0.5, 0)[0])
        .isCloseTo(0, within(1e-9));
  }

  @Test
  void nearest_neighbors_measures_the_angle_to_the_kth() {
    NearestNeighbors score = NearestNeighbors.fit(new FirstPixels(2), twoClasses(), 2);
    // (.6, 0) and (.4, 0) point the same way; so does (2, 0).
    assertThat(scoreAt(score, 2, 0)[0]).isCloseTo(0, within(1e-9));
    assertThat(scoreAt(score, 0, 3)[0])
        .isCloseTo(-Math.sqrt(2 - 2 * 0.4 / Math.sqrt(0.25 + 0.16)), within(1e-6));
  }

  @Test
  void feature_scores_refuse_bad_training_sets() {
    FirstPixels features = new FirstPixels(2);
    MemorySource set = twoClasses();
    assertThatThrownBy(() -> NearestNeighbors.fit(features, set, 0))
        .hasMessage("k must be at least 1, was 0");
    assertThatThrownBy(() -> NearestNeighbors.fit(features, set, 9))
        .hasMessage("k must be at most the number of training images, 8, was 9");
    assertThatThrownBy(() -> Mahalanobis.fit(features, Models.source("nothing", 0, 1)))
        .hasMessage("nothing is empty");
    int[] gap = {0, 0, 0, 0, 2, 2, 2, 2};
    assertThatThrownBy(() -> Mahalanobis.fit(features, new MemorySource("gap", set.pixels(), gap)))
        .hasMessage("there is no training image of class 1");
    int[] bare = {0, 0, 0, 0, Batch.UNLABELED, 1, 1, 1};
    assertThatThrownBy(
            () -> Mahalanobis.fit(features, new MemorySource("bare", set.pixels(), bare)))
        .hasMessage("training images must have labels");
    MemorySource constant =
        new MemorySource("constant", new float[8 * Models.SHAPE.size()], set.labels());
    assertThatThrownBy(() -> Mahalanobis.fit(features, constant))
        .hasMessage(
            "features must be finite and vary within classes, their summed variance is 0.0");
  }

  @Test
  void refuses_bad_settings() {
    assertThatThrownBy(() -> OutOfDistributionScores.named("pz"))
        .hasMessage("no score 'pz', there are [px, py, max_logit, entropy, pxgrad]");
    assertThatThrownBy(() -> OutOfDistributionScores.energy(0))
        .hasMessage("temperature must be positive and finite, was 0.0");
    assertThatThrownBy(() -> OutOfDistributionScores.odin(-1, 0))
        .hasMessage("temperature must be positive and finite, was -1.0");
    assertThatThrownBy(() -> OutOfDistributionScores.odin(1, -0.1))
        .hasMessage("epsilon must not be negative, was -0.1");
    assertThatThrownBy(
            () -> OutOfDistributionScores.contrastiveSimilarity(LOGITS).withTemperature(0))
        .hasMessage("temperature must be positive and finite, was 0.0");
  }

  @Test
  void refuses_logits_where_images_are_needed() {
    assertThatThrownBy(() -> OutOfDistributionScores.approximateMass().score(BATCH))
        .hasMessage("this needs the model, the batch has only logits");
    assertThatThrownBy(() -> OutOfDistributionScores.odin(1, 0).score(BATCH))
        .hasMessage("this needs images, the batch has only logits");
  }

  @Test
  void refuses_logits_that_are_not_finite() {
    EvaluationBatch batch =
        EvaluationBatch.of(Logits.of(new double[][] {{Double.NaN, 0}}), Batch.UNLABELED);
    assertThatThrownBy(() -> OutOfDistributionScores.logDensity().score(batch))
        .hasMessage("logits must be finite numbers, those of image 0 are [NaN, 0.0]");
  }
}
