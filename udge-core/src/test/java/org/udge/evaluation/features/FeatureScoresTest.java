package org.udge.evaluation.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.engine.Logits;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.Models;
import org.udge.evaluation.Models.MemorySource;
import org.udge.evaluation.detection.OutOfDistributionScore;
import org.udge.evaluation.detection.OutOfDistributionScores;
import org.udge.internal.HostImages;

/** Golden numbers are those of {@code evaluation/make_evaluation.py}, NumPy in float64. */
class FeatureScoresTest {

  private static final JsonNode GOLDEN = golden().get("scores");
  private static final double[][] FEATURES = matrix(GOLDEN.get("features"));
  private static final int[] LABELS =
      Arrays.stream(vector(GOLDEN.get("labels"))).mapToInt(v -> (int) v).toArray();
  private static final LinearHead HEAD =
      LinearHead.of(matrix(GOLDEN.get("weights")), vector(GOLDEN.get("bias")));

  private static JsonNode golden() {
    try {
      return new ObjectMapper()
          .readTree(FeatureScoresTest.class.getResource("/evaluation/evaluation.json"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double[] vector(JsonNode node) {
    return IntStream.range(0, node.size()).mapToDouble(i -> node.get(i).asDouble()).toArray();
  }

  private static double[][] matrix(JsonNode node) {
    return IntStream.range(0, node.size())
        .mapToObj(i -> vector(node.get(i)))
        .toArray(double[][]::new);
  }

  /** The first pixel of an image is the number of its row. */
  private record Rows(double[][] rows) implements FeatureExtractor {
    @Override
    public String name() {
      return "rows";
    }

    @Override
    public int size() {
      return rows[0].length;
    }

    @Override
    public double[][] features(INDArray images) {
      float[] pixels = HostImages.copy(images);
      int count = (int) images.size(0);
      return IntStream.range(0, count)
          .mapToObj(i -> rows[Math.round(pixels[i * pixels.length / count])].clone())
          .toArray(double[][]::new);
    }
  }

  private static float[] pixels(int count) {
    float[] pixels = new float[count * Models.SHAPE.size()];
    for (int i = 0; i < count; i++) {
      pixels[i * Models.SHAPE.size()] = i;
    }
    return pixels;
  }

  private static TrainingFeatures training(double[][] rows, int... labels) {
    return TrainingFeatures.of(
        new Rows(rows), new MemorySource("rows", pixels(rows.length), labels));
  }

  /** Fitted on the first rows, then asked for those that follow. */
  private static double[] scores(OutOfDistributionScore score, int first, int count) {
    float[] pixels = new float[count * Models.SHAPE.size()];
    for (int i = 0; i < count; i++) {
      pixels[i * Models.SHAPE.size()] = first + i;
    }
    INDArray images = HostImages.array(pixels, Models.SHAPE.batch(count));
    return score.score(EvaluationBatch.of(Models.smooth(), images, new int[count]));
  }

  private static void agrees(String name, int images, JsonNode golden) {
    double[][] queries = matrix(GOLDEN.get("queries"));
    double[][] known = Arrays.copyOf(FEATURES, images + queries.length);
    System.arraycopy(queries, 0, known, images, queries.length);
    TrainingFeatures training =
        TrainingFeatures.of(
            new Rows(known),
            new MemorySource("rows", pixels(images), Arrays.copyOf(LABELS, images)));
    OutOfDistributionScore score =
        switch (name) {
          case "mahalanobis" -> Mahalanobis.fit(training);
          case "rmds" -> RelativeMahalanobis.fit(training);
          case "fdbd" -> DecisionBoundaryDistance.fit(training, HEAD);
          case "nci" -> NeuralCollapse.fit(training, HEAD);
          case "vim" -> VirtualLogit.fit(training, HEAD);
          case "relation" -> Relation.fit(training, HEAD);
          default -> throw new IllegalArgumentException(name);
        };
    assertThat(score.name()).isEqualTo(name);
    double[] expected = vector(golden.get(name));
    double[] found = scores(score, images, queries.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat(found[i])
          .as("%s of query %s, fitted on %s images", name, i, images)
          .isCloseTo(expected[i], within(1e-8 * Math.max(1, Math.abs(expected[i]))));
    }
  }

  private static final List<String> NAMES =
      List.of("mahalanobis", "rmds", "fdbd", "nci", "vim", "relation");

  @Test
  void agree_with_an_independent_computation_where_a_feature_is_always_zero() {
    NAMES.forEach(name -> agrees(name, FEATURES.length, GOLDEN.get("all")));
  }

  @Test
  void agree_with_an_independent_computation_on_fewer_images_than_features() {
    NAMES.forEach(name -> agrees(name, 5, GOLDEN.get("few")));
  }

  @Test
  void generalized_entropy_agrees_with_an_independent_computation() {
    double[][] logits =
        Arrays.stream(matrix(GOLDEN.get("queries"))).map(HEAD::logits).toArray(double[][]::new);
    OutOfDistributionScore score = OutOfDistributionScores.generalizedEntropy();
    assertThat(score.name()).isEqualTo("gen");
    assertThat(score.score(EvaluationBatch.of(Logits.of(logits), new int[logits.length])))
        .containsExactly(vector(GOLDEN.get("all").get("gen")), within(1e-9));
  }

  @Test
  void generalized_entropy_is_highest_where_one_class_is_certain() {
    Logits logits = Logits.of(new double[][] {{2000, 0, 0}, {0, 0, 0}});
    double[] scores =
        OutOfDistributionScores.generalizedEntropy(0.1, 2).score(EvaluationBatch.of(logits, 0, 0));
    assertThat(scores[0]).isEqualTo(-0.0);
    assertThat(scores[1]).isCloseTo(-2 * Math.pow(2 / 9., 0.1), within(1e-12));
    assertThatThrownBy(() -> OutOfDistributionScores.generalizedEntropy(1, 10))
        .hasMessage("gamma must be above 0 and below 1, was 1.0");
    assertThatThrownBy(() -> OutOfDistributionScores.generalizedEntropy(0.5, 0))
        .hasMessage("classes must be at least 1, was 0");
  }

  /**
   * Why {@code mahalanobis} ranks means of two images, and images with small features, above
   * typical ones: class means lie around the middle, and in directions that do not tell classes
   * apart every mean is at the middle, so shrinking a row towards the middle can only bring it
   * nearer.
   */
  @Test
  void mahalanobis_takes_means_of_images_for_typical_and_rmds_does_so_less() {
    int n = 400;
    int size = 12;
    double[][] rows = new double[2 * n][];
    int[] labels = new int[n];
    var random = org.udge.random.RandomStreams.of(3).stream("features");
    for (int i = 0; i < n; i++) {
      labels[i] = i % 2;
      rows[i] = new double[size];
      for (int d = 0; d < size; d++) {
        rows[i][d] = random.nextGaussian();
      }
      rows[i][0] += labels[i] == 0 ? 2 : -2;
    }
    for (int i = 0; i < n; i++) {
      double[] mean = new double[size];
      for (int d = 0; d < size; d++) {
        mean[d] = (rows[i][d] + rows[(i + 1) % n][d]) / 2;
      }
      rows[n + i] = mean;
    }
    TrainingFeatures training =
        TrainingFeatures.of(new Rows(rows), new MemorySource("rows", pixels(n), labels));
    double plain = auroc(Mahalanobis.fit(training), n);
    double relative = auroc(RelativeMahalanobis.fit(training), n);
    assertThat(plain).isLessThan(0.3);
    assertThat(relative).isGreaterThan(0.8);
  }

  /** Of the first n rows against the n that follow. */
  private static double auroc(OutOfDistributionScore score, int n) {
    double[] in = scores(score, 0, n);
    double[] out = scores(score, n, n);
    double wins = 0;
    for (double a : in) {
      for (double b : out) {
        wins += a > b ? 1 : a == b ? 0.5 : 0;
      }
    }
    return wins / n / n;
  }

  @Test
  void a_class_without_images_stops_only_what_needs_class_means() {
    int[] gap = Arrays.stream(LABELS).map(label -> label == 1 ? 3 : label).toArray();
    TrainingFeatures training = training(FEATURES, gap);
    assertThatThrownBy(() -> RelativeMahalanobis.fit(training))
        .hasMessage("there is no training image of class 1");
    int[] none = new int[LABELS.length];
    Arrays.fill(none, Batch.UNLABELED);
    TrainingFeatures unlabeled = training(FEATURES, none);
    assertThatThrownBy(() -> RelativeMahalanobis.fit(unlabeled))
        .hasMessage("training images must have labels");
    assertThat(scores(DecisionBoundaryDistance.fit(unlabeled, HEAD), 0, 2))
        .containsExactly(scores(DecisionBoundaryDistance.fit(training, HEAD), 0, 2));
    assertThat(scores(Relation.fit(unlabeled, HEAD), 0, 2))
        .containsExactly(scores(Relation.fit(training, HEAD), 0, 2));
  }

  @Test
  void features_at_the_mean_are_finite_scores() {
    double[][] rows = {{1, 2}, {3, 4}, {2, 3}};
    TrainingFeatures training = training(rows, 0, 0, 0);
    LinearHead head = LinearHead.of(new double[][] {{1, 0}, {0, 1}}, 0, 0);
    assertThat(scores(NeuralCollapse.fit(training, head), 2, 1)[0]).isCloseTo(5e-4, within(1e-12));
    assertThat(scores(NeuralCollapse.fit(training, head).withAlpha(1), 2, 1)[0])
        .isCloseTo(5, within(1e-12));
    assertThat(scores(DecisionBoundaryDistance.fit(training, head), 2, 1)[0]).isNotNaN();
  }

  @Test
  void relations_at_or_below_the_threshold_do_not_count() {
    double[][] rows = {{1, 0}, {0, 1}, {-1, 0}};
    LinearHead even = LinearHead.of(new double[][] {{1, 0}, {1, 0}}, 0, 0);
    Relation score = Relation.fit(training(rows, 0, 0, 0), even);
    // With itself: cosine 1, both probabilities a half.
    assertThat(scores(score, 0, 1)[0]).isCloseTo(0.5, within(1e-12));
    assertThat(scores(score.withThreshold(0.6), 0, 1)[0]).isZero();
    assertThatThrownBy(() -> score.withThreshold(1))
        .hasMessage("threshold must be in [0, 1), was 1.0");
  }

  @Test
  void refuse_what_does_not_fit() {
    TrainingFeatures training = training(FEATURES, LABELS);
    LinearHead small = LinearHead.of(new double[][] {{1, 0}, {0, 1}}, 0, 0);
    assertThatThrownBy(() -> Relation.fit(training, small))
        .hasMessage("the head takes 2 features, the extractor gives 6");
    LinearHead equal = LinearHead.of(new double[2][6], 0, 0);
    assertThatThrownBy(() -> DecisionBoundaryDistance.fit(training, equal))
        .hasMessage("classes 0 and 1 have equal weights: there is no boundary between them");
    assertThatThrownBy(() -> VirtualLogit.fit(training, HEAD, 6))
        .hasMessage("main directions must be 0 to 5, one less than there are features, was 6");
    assertThatThrownBy(() -> VirtualLogit.fit(training(new double[][] {FEATURES[0]}, 0), HEAD, 3))
        .hasMessage(
            "3 main directions hold all of the features of 1 images: give more images or fewer"
                + " directions");
    LinearHead negative = LinearHead.of(matrix(GOLDEN.get("weights")), -99, -99, -99);
    assertThatThrownBy(() -> VirtualLogit.fit(training, negative))
        .hasMessageStartingWith(
            "the mean largest logit of training images must be positive, was -");
    assertThatThrownBy(() -> NearestNeighbors.fit(training, 61))
        .hasMessage("k must be at most the number of training images, 60, was 61");
    assertThatThrownBy(() -> LinearHead.of(new double[][] {{1}}, 1))
        .hasMessage("there must be at least 2 classes, was 1");
    assertThatThrownBy(() -> LinearHead.of(new double[][] {{1}, {Double.NaN}}, 1, 1))
        .hasMessage("weights and bias of class 1 must be finite");
    assertThatThrownBy(() -> training(new double[][] {{Double.NaN}}, 0))
        .hasMessage("features must be finite, those of image 0 of rows are not");
  }

  @Test
  void head_of_a_network_makes_its_logits() {
    try (EnergyModel model = Models.smooth();
        NetworkFeatures features = NetworkFeatures.of(model)) {
      INDArray images = Models.images(7, 4);
      double[][] rows = features.features(images);
      Logits logits = model.logits(images);
      assertThat(features.head().classes()).isEqualTo(Models.CLASSES);
      for (int i = 0; i < rows.length; i++) {
        assertThat(features.head().logits(rows[i])).containsExactly(logits.row(i), within(1e-5));
      }
    }
  }

  @Test
  void a_batch_computes_features_once_for_all_scores() {
    int[] passes = {0};
    FeatureExtractor counting =
        new FeatureExtractor() {
          @Override
          public String name() {
            return "counting";
          }

          @Override
          public int size() {
            return 6;
          }

          @Override
          public double[][] features(INDArray images) {
            passes[0]++;
            return Arrays.copyOf(FEATURES, (int) images.size(0));
          }
        };
    TrainingFeatures training =
        TrainingFeatures.of(counting, new MemorySource("rows", pixels(60), LABELS));
    List<OutOfDistributionScore> scores =
        List.of(NearestNeighbors.fit(training, 1), Relation.fit(training, HEAD));
    EvaluationBatch batch = EvaluationBatch.of(Models.smooth(), Models.images(4, 1), new int[4]);
    passes[0] = 0;
    scores.forEach(score -> assertThat(score.score(batch)).hasSize(4));
    assertThat(scores.get(0).score(batch.ofOutOfDistributionSet("other"))).hasSize(4);
    assertThat(passes[0]).isEqualTo(1);
  }

  @Test
  void saved_features_fit_the_same_scores(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("model.features");
    MemorySource images = Models.source("training", 30, 1);
    try (EnergyModel model = Models.smooth();
        NetworkFeatures features = NetworkFeatures.of(model)) {
      TrainingFeatures computed = TrainingFeatures.of(features, images);
      computed.save(file);
      TrainingFeatures read = TrainingFeatures.read(file, features);
      assertThat(read.images()).isEqualTo(30);
      EvaluationBatch batch = EvaluationBatch.of(model, Models.images(5, 2), new int[5]);
      assertThat(RelativeMahalanobis.fit(read).score(batch))
          .containsExactly(RelativeMahalanobis.fit(computed).score(batch), within(1e-9));
      assertThat(VirtualLogit.fit(read, features.head()).score(batch))
          .containsExactly(VirtualLogit.fit(computed, features.head()).score(batch), within(1e-9));
    }
  }

  @Test
  void saved_features_of_other_parameters_are_refused(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("model.features");
    try (EnergyModel model = Models.smooth()) {
      try (NetworkFeatures features = NetworkFeatures.of(model)) {
        TrainingFeatures.of(features, Models.source("training", 3, 1)).save(file);
      }
      model.graph().params().muli(1.01);
      model.parametersChanged();
      try (NetworkFeatures features = NetworkFeatures.of(model)) {
        assertThatThrownBy(() -> TrainingFeatures.read(file, features))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("were made with other parameters")
            .hasMessageContaining("compute them again");
        Files.write(file, new byte[] {1, 2, 3});
        assertThatThrownBy(() -> TrainingFeatures.read(file, features))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("model.features");
        assertThatThrownBy(() -> TrainingFeatures.read(folder.resolve("absent"), features))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("absent");
      }
    }
  }
}
