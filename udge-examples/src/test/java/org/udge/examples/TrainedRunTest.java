package org.udge.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.udge.data.Batch;
import org.udge.datasets.ShapesDataset;
import org.udge.engine.EngineChoice;
import org.udge.engine.Precision;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.detection.ContrastiveSimilarity;
import org.udge.evaluation.detection.OutOfDistributionScores;
import org.udge.examples.cli.EngineOptions;
import org.udge.examples.models.LoadedModel;
import org.udge.examples.models.OnnxOptions;
import org.udge.examples.models.TrainedAs;
import org.udge.examples.train.TrainTest;
import org.udge.loss.ContrastiveForm;
import org.udge.sampling.ReplayBuffer;

/** What a run of {@code train} leaves is taken up by {@code eval} and {@code score}. */
class TrainedRunTest {

  private static final Path GOLDEN = Path.of("../udge-core/src/test/resources/golden");

  @TempDir private static Path trained;
  private static Path model;

  @TempDir private Path folder;

  @BeforeAll
  static void train() throws IOException {
    TrainTest.train(
        trained,
        "--contrast_form",
        "paper",
        "--contrast_t",
        0.5,
        "--pyxce",
        1,
        "--pxycontrast",
        1,
        "--pxsgld",
        1,
        "--n_epochs",
        2);
    model = CommandRun.onlyFolder(trained);
  }

  private CommandRun eval(String task, Object... more) {
    List<Object> args = new ArrayList<>(List.of("eval", "--eval", task, "--load_path", model));
    args.addAll(List.of("--log_dir", folder.resolve("logs")));
    args.addAll(Arrays.asList(more));
    CommandRun run = CommandRun.of(args.toArray());
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    return run;
  }

  private Path file(String name) throws IOException {
    return CommandRun.onlyFolder(folder.resolve("logs")).resolve(name);
  }

  private JsonNode result() throws IOException {
    return new ObjectMapper().readTree(file("result.json").toFile());
  }

  private static LoadedModel loaded() throws IOException {
    return LoadedModel.read(model, defaults(), Optional.empty(), new OnnxOptions());
  }

  private static EngineOptions defaults() {
    EngineOptions options = new EngineOptions();
    options.engine = EngineChoice.AUTO;
    options.precision = Precision.FLOAT32;
    return options;
  }

  @Test
  void draws_the_saved_samples_by_class() throws IOException {
    eval("cond_samples");
    try (LoadedModel loaded = loaded()) {
      ReplayBuffer buffer = loaded.replayBuffer().orElseThrow();
      JsonNode metrics = result().get("metrics");
      int filled = buffer.filled().length;
      assertThat(metrics.get("samples/count").asInt()).isEqualTo(filled).isBetween(4, 16);
      double energy =
          Arrays.stream(loaded.model().energy(buffer.images(buffer.filled())))
              .average()
              .orElseThrow();
      assertThat(metrics.get("samples/mean_energy").asDouble()).isCloseTo(energy, within(1e-4));
    }
    assertThat(file("samples_by_class.png")).isNotEmptyFile();
  }

  @Test
  void draws_fresh_samples_by_class() throws IOException {
    eval(
        "cond_samples",
        "--fresh_samples",
        "--n_steps",
        1,
        "--n_sample_steps",
        2,
        "--sgld_batch_size",
        3,
        "--buffer_size",
        3);
    assertThat(result().get("metrics").get("samples/count").asInt()).isEqualTo(3);
    assertThat(file("samples_by_class.png")).isNotEmptyFile();
    assertThat(file("samples_000000.png")).doesNotExist();
  }

  @Test
  void compares_samples_with_real_images() throws IOException {
    CommandRun run =
        eval(
            "uncond_samples",
            "--n_steps",
            1,
            "--n_sample_steps",
            2,
            "--sgld_batch_size",
            6,
            "--buffer_size",
            20,
            "--real_dataset",
            "shapes",
            "--n_images",
            100);
    JsonNode result = result();
    JsonNode metrics = result.get("metrics");
    assertThat(metrics.get("samples/feature_distance").asDouble()).isPositive();
    assertThat(metrics.get("samples/nearest_distance_min").asDouble())
        .isPositive()
        .isLessThanOrEqualTo(metrics.get("samples/nearest_distance_mean").asDouble());
    assertThat(result.at("/results/feature_distance/kind").asText())
        .contains("not comparable with published FID");
    assertThat(result.at("/results/feature_distance/real_set").asText()).contains("shapes/train");
    assertThat(result.at("/results/feature_distance/images_of_each").asInt())
        .isEqualTo(metrics.get("samples/count").asInt());
    assertThat(run.out()).contains("not comparable with published FID; lower is better");
    assertThat(file("samples_nearest.png")).isNotEmptyFile();
  }

  @Test
  void compares_in_the_form_and_at_the_temperature_of_the_training() throws IOException {
    try (LoadedModel loaded = loaded()) {
      ContrastiveSimilarity similarity =
          OutOfDistributionScores.contrastiveSimilarity(loaded.queue().orElseThrow());
      checkSimilarity(loaded, similarity.withForm(ContrastiveForm.PAPER).withTemperature(0.5));
      checkSimilarity(loaded, similarity.withForm(ContrastiveForm.PAPER), "--contrast_t", 0.1);
      checkSimilarity(loaded, similarity.withTemperature(0.5), "--contrast_form", "reference");
    }
  }

  private void checkSimilarity(LoadedModel loaded, ContrastiveSimilarity expected, Object... flags)
      throws IOException {
    Batch two = ShapesDataset.standard().test(2).batches(2).iterator().next();
    byte[] records = new byte[2 * 3072];
    float[] pixels = two.images().data().asFloat();
    for (int i = 0; i < records.length; i++) {
      records[i] = (byte) Math.round((pixels[i] + 1) * 127.5);
    }
    Path input = Files.write(folder.resolve("two.bin"), records);
    Path output = folder.resolve("two.csv");
    List<Object> args = new ArrayList<>(List.of("score", "--load_path", model));
    args.addAll(List.of("--input", input, "--output", output, "--score_fn", "pxsim"));
    args.addAll(Arrays.asList(flags));
    assertThat(CommandRun.of(args.toArray()).err()).isEmpty();
    double[] scores =
        expected.score(EvaluationBatch.of(loaded.model(), two.images(), two.labels()));
    List<String> lines = Files.readAllLines(output);
    for (int i = 0; i < 2; i++) {
      assertThat(Double.parseDouble(lines.get(i + 1).split(",")[5]))
          .isCloseTo(scores[i], within(1e-4));
    }
  }

  @Test
  void published_checkpoints_have_the_published_form_and_temperature() throws IOException {
    try (LoadedModel loaded =
        LoadedModel.read(
            GOLDEN.resolve("wrn_none.pt"), defaults(), Optional.empty(), new OnnxOptions())) {
      assertThat(loaded.run()).isEqualTo(TrainedAs.UNKNOWN);
    }
  }

  @Test
  void takes_true_labels_where_the_published_program_is_followed() throws IOException {
    eval(
        "ood",
        "--dataset",
        "shapes",
        "--ood_dataset",
        "shapes_train",
        "--n_images",
        20,
        "--score_fn",
        "pxsim",
        "--pxsim_labels",
        "true");
    assertThat(result().get("metrics").get("ood/shapes_train/pxsim_true_label/auroc").isNumber())
        .isTrue();
    assertThat(result().get("compat").get("pxsim_labels").asText()).isEqualTo("true");
    assertThat(result().at("/results/pxsim").toString())
        .isEqualTo("{\"contrast_form\":\"paper\",\"contrast_t\":0.5,\"negatives\":32}");
  }

  @Test
  @EnabledIfEnvironmentVariable(named = "UDGE_DATA", matches = ".+")
  void fits_scores_on_real_images() throws IOException {
    String data = System.getenv("UDGE_DATA");
    Path runs = folder.resolve("runs");
    TrainTest.train(
        runs, "--dataset", "cifar10", "--data_root", data, "--pyxce", 1, "--n_epochs", 1);
    CommandRun run =
        CommandRun.of(
            "eval",
            "--eval",
            "ood",
            "--load_path",
            CommandRun.onlyFolder(runs),
            "--log_dir",
            folder.resolve("logs"),
            "--data_root",
            data,
            "--dataset",
            "cifar10",
            "--ood_dataset",
            "svhn",
            "--n_images",
            20,
            "--score_fn",
            "mahalanobis,knn",
            "--fit_dataset",
            "cifar10",
            "--n_fit",
            200);
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("score --score_fn knn --fit_dataset cifar10 --n_fit 200");
    assertThat(result().at("/results/fitted_on").toString())
        .isEqualTo("{\"set\":\"cifar10/train\",\"images\":200}");
    assertThat(result().get("metrics").get("ood/svhn/mahalanobis/auroc").isNumber()).isTrue();
  }

  @Test
  void scores_by_features_of_what_the_run_was_trained_on() throws IOException {
    Path input = Files.write(folder.resolve("two.bin"), new byte[2 * 3072]);
    Path output = folder.resolve("two.csv");
    CommandRun run =
        CommandRun.of(
            "score",
            "--load_path",
            model,
            "--input",
            input,
            "--output",
            output,
            "--score_fn",
            "mahalanobis",
            "--n_fit",
            300);
    assertThat(run.err()).isEmpty();
    List<String> lines = Files.readAllLines(output);
    assertThat(lines.get(0)).endsWith("score_mahalanobis");
    assertThat(Double.parseDouble(lines.get(1).split(",")[5])).isNegative();
  }
}
