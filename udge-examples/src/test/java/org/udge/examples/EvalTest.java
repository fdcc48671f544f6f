package org.udge.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.udge.Calibration;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.data.ImageSource;
import org.udge.datasets.ShapesDataset;
import org.udge.evaluation.DetectionMetrics;
import org.udge.network.ConvNet;

class EvalTest {

  private static final int IMAGES = 30;

  @TempDir private Path folder;
  private final ImageSource images = ShapesDataset.standard().test(IMAGES);
  private Path model;
  private Path logs;

  @BeforeEach
  void save_a_model() throws IOException {
    model = folder.resolve("model.zip");
    logs = folder.resolve("logs");
    try (EnergyModel fresh = model()) {
      fresh.withCalibration(Calibration.temperature(2, 10)).save(model);
    }
  }

  private EnergyModel model() {
    return EnergyModel.builder(ConvNet.of(4).hidden(8)).classNames(images.classNames()).build();
  }

  private CommandRun run(String command, Object... more) {
    List<Object> args = new ArrayList<>(List.of(command, "--load_path", model));
    args.addAll(
        List.of("--threads", 1, "--dataset", "shapes", "--log_dir", logs, "--n_images", IMAGES));
    args.addAll(Arrays.asList(more));
    return CommandRun.of(args.toArray());
  }

  private JsonNode metrics(CommandRun run) throws IOException {
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    Path result = QuickstartTest.onlyFolder(logs).resolve("result.json");
    return new ObjectMapper().readTree(result.toFile()).get("metrics");
  }

  private Path picture(String name) throws IOException {
    return QuickstartTest.onlyFolder(logs).resolve(name);
  }

  @Test
  void judges_classification() throws IOException {
    JsonNode metrics = metrics(run("eval", "--eval", "test_clf", "--batch_size", 7));
    Batch all = images.batches(IMAGES).iterator().next();
    try (EnergyModel same = model()) {
      int[] predicted = same.predict(all.images()).labels();
      double right = 0;
      for (int i = 0; i < IMAGES; i++) {
        right += predicted[i] == all.labels()[i] ? 1 : 0;
      }
      assertThat(metrics.get("test/accuracy").asDouble()).isCloseTo(right / IMAGES, within(1e-9));
    }
    assertThat(metrics.get("test/ece20").isNumber()).isTrue();
    assertThat(metrics.get("test/calibrated_nll").isNumber()).isTrue();
  }

  @Test
  void draws_reliability_before_and_after_calibration() throws IOException {
    CommandRun run = run("eval", "--eval", "eval_ece", "--sigma", 0.03);
    assertThat(metrics(run).get("test/calibrated_ece15").isNumber()).isTrue();
    assertThat(run.out()).contains("before", "after");
    assertThat(picture("reliability15.png")).isNotEmptyFile();
    assertThat(picture("reliability-calibrated20.svg")).isNotEmptyFile();
  }

  @Test
  void tells_outsiders() throws IOException {
    CommandRun run =
        run(
            "eval",
            "--eval",
            "OOD",
            "--ood_dataset",
            "shapes-unseen,interp,noise",
            "--score_fn",
            "px,py,pxgrad");
    JsonNode metrics = metrics(run);
    try (EnergyModel same = model()) {
      ImageSource unseen = ShapesDataset.standard().unseen(IMAGES);
      double expected =
          DetectionMetrics.auroc(
              same.logDensity(images.batches(IMAGES).iterator().next().images()),
              same.logDensity(unseen.batches(IMAGES).iterator().next().images()));
      assertThat(metrics.get("ood/shapes-unseen/px/auroc").asDouble())
          .isCloseTo(expected, within(1e-6));
    }
    assertThat(metrics.get("ood/interp/pxgrad/auroc").isNumber()).isTrue();
    assertThat(metrics.get("ood/noise/py/fpr_at_95_tpr").isNumber()).isTrue();
    assertThat(metrics.get("threshold/px").isNumber()).isTrue();
    assertThat(run.out()).contains("AUROC", "score --score_fn px --threshold");
    assertThat(picture("histogram-pxgrad.png")).isNotEmptyFile();
  }

  @Test
  void draws_histograms_of_several_sets() throws IOException {
    JsonNode metrics =
        metrics(run("eval", "--eval", "logp_hist", "--datasets", "shapes", "shapes-unseen"));
    assertThat(metrics.get("mean/shapes-unseen/px").isNumber()).isTrue();
    assertThat(picture("histogram-px.svg")).isNotEmptyFile();
  }

  @Test
  void draws_samples() throws IOException {
    CommandRun run =
        run(
            "eval",
            "--eval",
            "uncond_samples",
            "--n_sample_steps",
            3,
            "--n_steps",
            2,
            "--buffer_size",
            16,
            "--sgld_batch_size",
            8,
            "--print_every",
            2);
    JsonNode metrics = metrics(run);
    assertThat(metrics.get("samples/count").asDouble()).isBetween(8.0, 16.0);
    assertThat(metrics.get("samples/mean_energy").isNumber()).isTrue();
    assertThat(picture("samples_000000.png")).isNotEmptyFile();
    assertThat(picture("samples_000002.png")).isNotEmptyFile();
    assertThat(run.out()).contains("round 3 of 3: mean energy");
  }

  @Test
  void draws_samples_by_class() throws IOException {
    CommandRun run =
        run(
            "eval",
            "--eval",
            "cond_samples",
            "--fresh_samples",
            "--n_sample_steps",
            2,
            "--n_steps",
            2,
            "--buffer_size",
            16,
            "--sgld_batch_size",
            8);
    assertThat(metrics(run).has("samples/star/count")).isTrue();
    assertThat(picture("samples_by_class.png")).isNotEmptyFile();
  }

  @Test
  void wants_saved_samples_or_fresh_ones() {
    CommandRun run = run("eval", "--eval", "cond_samples");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("no replay buffer was saved with this model");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --eval fid                                         | '--eval'.*one of test_clf.*was 'fid'
          --eval OOD                                         | --eval OOD needs --ood_dataset
          --eval OOD --ood_dataset celeba                    | --ood_dataset must be .*; was 'celeba'
          --eval OOD --ood_dataset svhn                      | --ood_dataset svhn needs --data_root
          --eval OOD --ood_dataset noise --score_fn likeness | --score_fn must be one of.*was 'likeness'
          """)
  void refuses(String args, String message) {
    CommandRun run = run("eval", (Object[]) args.split(" "));
    assertThat(run.err()).containsPattern(message).hasLineCount(1);
    assertThat(run.status()).isEqualTo(2);
  }

  @Test
  void refuses_other_classes() {
    CommandRun run =
        CommandRun.of(
            "eval",
            "--eval",
            "test_clf",
            "--load_path",
            model,
            "--dataset",
            "shapes-unseen",
            "--log_dir",
            logs);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--dataset shapes-unseen has 5 classes, the model has 10");
  }

  @Test
  void attacks() throws IOException {
    CommandRun run =
        run(
            "attack",
            "--distance",
            "L2",
            "--epsilon",
            "0,0.5",
            "--steps",
            3,
            "--restarts",
            2,
            "--batch_size",
            16);
    JsonNode metrics = metrics(run);
    double clean = metrics.get("test/attack_l2/accuracy_at_0.0000").asDouble();
    assertThat(metrics.get("test/attack_l2/accuracy_at_0.5000").asDouble())
        .isLessThanOrEqualTo(clean);
    assertThat(picture("attack.png")).isNotEmptyFile();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --distance L1             | '--distance'.*one of linf, l2, was 'L1'
          --epsilon 0.2,0.1         | --epsilon must be ascending
          --epsilon 0               | --epsilon must have a size above 0
          --n_steps 1 --sigma 0.1   | --n_steps and --sigma exclude each other
          --samples 3               | --samples 3 needs --n_steps or --sigma
          """)
  void refuses_attacks(String args, String message) {
    CommandRun run = run("attack", (Object[]) args.split(" "));
    assertThat(run.err()).containsPattern(message).hasLineCount(1);
    assertThat(run.status()).isEqualTo(2);
  }
}
