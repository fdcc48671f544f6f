package org.udge.examples.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.Calibration;
import org.udge.EnergyModel;
import org.udge.Threshold;
import org.udge.data.Batch;
import org.udge.data.ImageSource;
import org.udge.datasets.ShapesDataset;
import org.udge.engine.EngineSettings;
import org.udge.engine.Logits;
import org.udge.engine.Mode;
import org.udge.evaluation.EvaluationBatch;
import org.udge.evaluation.LabeledLogits;
import org.udge.evaluation.calibration.VectorScaling;
import org.udge.evaluation.detection.DetectionMetrics;
import org.udge.evaluation.features.Mahalanobis;
import org.udge.evaluation.features.NearestNeighbors;
import org.udge.evaluation.features.NetworkFeatures;
import org.udge.examples.CommandRun;
import org.udge.examples.models.ImageSets;
import org.udge.examples.models.TrainedAs;
import org.udge.network.ConvNet;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;
import org.udge.sampling.EnergyGradient;
import org.udge.sampling.Langevin;
import org.udge.sampling.LangevinSampler;
import org.udge.sampling.NoiseSource;
import org.udge.sampling.Replay;
import org.udge.sampling.ReplayBuffer;

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
    return EnergyModel.builder(ConvNet.of(4).withHidden(8)).classNames(images.classNames()).build();
  }

  private CommandRun run(String command, Object... more) {
    List<Object> args = new ArrayList<>(List.of(command, "--load_path", model));
    args.addAll(
        List.of("--threads", 1, "--dataset", "shapes", "--log_dir", logs, "--n_images", IMAGES));
    args.addAll(Arrays.asList(more));
    return CommandRun.of(args.toArray());
  }

  /** Without a set to judge. */
  private CommandRun draw(String task, Object... more) {
    List<Object> args = new ArrayList<>(List.of("eval", "--eval", task, "--load_path", model));
    args.addAll(List.of("--threads", 1, "--log_dir", logs));
    args.addAll(Arrays.asList(more));
    return CommandRun.of(args.toArray());
  }

  private JsonNode result(CommandRun run) throws IOException {
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    return latest();
  }

  private JsonNode latest() throws IOException {
    Path result = CommandRun.onlyFolder(logs).resolve("result.json");
    return new ObjectMapper().readTree(result.toFile());
  }

  private JsonNode metrics(CommandRun run) throws IOException {
    return result(run).get("metrics");
  }

  private Path picture(String name) throws IOException {
    return CommandRun.onlyFolder(logs).resolve(name);
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
    JsonNode results = latest().get("results");
    double accuracy = metrics.get("test/accuracy").asDouble();
    JsonNode interval = results.at("/intervals/accuracy");
    assertThat(interval.get("estimate").asDouble()).isEqualTo(accuracy);
    assertThat(interval.get("lower").asDouble()).isLessThanOrEqualTo(accuracy);
    assertThat(interval.get("upper").asDouble()).isGreaterThanOrEqualTo(accuracy);
    assertThat(interval.get("resamples").asInt()).isEqualTo(200);
    assertThat(results.at("/intervals/ece15/estimate").asDouble())
        .isEqualTo(metrics.get("test/ece15").asDouble());
    assertThat(results.at("/intervals_calibrated/ece15/estimate").asDouble())
        .isEqualTo(metrics.get("test/calibrated_ece15").asDouble());
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
  void calibrates_a_model_that_is_there() throws IOException {
    CommandRun run =
        run(
            "eval",
            "--eval",
            "eval_ece",
            "--fit_calibration",
            "shapes_train",
            "--calibration",
            "vector",
            "--n_bootstrap",
            0);
    JsonNode result = result(run);
    assertThat(run.out()).contains("before", "after", "fitted on shapes_train");
    assertThat(result.at("/results/fitted_calibration/kind").asText()).isEqualTo("vector");
    Path saved = picture("model.zip");
    try (EnergyModel calibrated = EnergyModel.load(saved);
        EnergyModel same = model()) {
      Calibration expected =
          new VectorScaling().fit(LabeledLogits.of(same, ShapesDataset.standard().train(4_000)));
      double[] scale = calibrated.calibration().orElseThrow().scale();
      for (int c = 0; c < scale.length; c++) {
        assertThat(scale[c]).isCloseTo(expected.scale()[c], within(1e-3));
      }
      assertThat(calibrated.classNames()).isEqualTo(images.classNames());
    }
    assertThat(TrainedAs.beside(saved)).isEqualTo(TrainedAs.UNKNOWN);
  }

  @Test
  void detects_out_of_distribution_sets() throws IOException {
    CommandRun run =
        run(
            "eval",
            "--eval",
            "ood",
            "--ood_dataset",
            "shapes-unseen,interp,noise",
            "--score_fn",
            "px,py,pxgrad",
            "--n_bootstrap",
            20);
    JsonNode metrics = metrics(run);
    JsonNode interval = latest().at("/results/intervals").get("ood/shapes-unseen/px/auroc");
    assertThat(interval.get("estimate").asDouble())
        .isEqualTo(metrics.get("ood/shapes-unseen/px/auroc").asDouble())
        .isBetween(interval.get("lower").asDouble(), interval.get("upper").asDouble());
    assertThat(run.out()).contains("(95 %, 20 resamples)");
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
    String threshold = Double.toString(metrics.get("threshold/px").asDouble());
    assertThat(run.out())
        .contains("AUROC", "score --score_fn px --threshold " + threshold + " classifies");
    assertThat(picture("histogram-pxgrad.png")).isNotEmptyFile();
  }

  @Test
  void draws_the_line_for_the_false_alarms_asked_for() throws IOException {
    CommandRun run =
        run(
            "eval",
            "--eval",
            "ood",
            "--ood_dataset",
            "noise",
            "--false_alarms",
            0.2,
            "--n_bootstrap",
            0);
    JsonNode result = result(run);
    try (EnergyModel same = model()) {
      Threshold expected = Threshold.forFalseAlarmRate("px", same.logDensity(firstImages()), 0.2);
      assertThat(result.at("/metrics/threshold~1px").asDouble())
          .isCloseTo(expected.value(), within(1e-5));
    }
    assertThat(run.out())
        .contains("thresholds are for 20 % false alarms and were chosen on", "30 images evaluated")
        .doesNotContain("resamples");
    assertThat(result.at("/results/thresholds/images").asInt()).isEqualTo(IMAGES);
    assertThat(result.get("results").has("intervals")).isFalse();
  }

  @Test
  void fits_scores_on_training_images() throws IOException {
    CommandRun run =
        run(
            "eval",
            "--eval",
            "ood",
            "--ood_dataset",
            "noise",
            "--score_fn",
            "mahalanobis,knn",
            "--n_fit",
            200);
    JsonNode metrics = metrics(run);
    assertThat(run.out())
        .contains(
            "score --score_fn mahalanobis --fit_dataset shapes_train --n_fit 200 --threshold");
    ImageSource training = ImageSets.some(ShapesDataset.standard().train(4000), 200);
    EvaluationBatch first = EvaluationBatch.of(model(), firstImages(), new int[IMAGES]);
    try (NetworkFeatures features = NetworkFeatures.of(first.model("the test"))) {
      Threshold mahalanobis =
          Threshold.forFalseAlarmRate(
              "mahalanobis", Mahalanobis.fit(features, training).score(first), 0.05);
      Threshold neighbors =
          Threshold.forFalseAlarmRate(
              "knn", NearestNeighbors.fit(features, training, 50).score(first), 0.05);
      assertThat(metrics.get("threshold/mahalanobis").asDouble())
          .isCloseTo(mahalanobis.value(), within(1e-3 * Math.abs(mahalanobis.value())));
      assertThat(metrics.get("threshold/knn").asDouble())
          .isCloseTo(neighbors.value(), within(1e-5));
    }
  }

  private INDArray firstImages() {
    return images.batches(IMAGES).iterator().next().images();
  }

  @Test
  void fits_scores_on_what_the_run_was_trained_on() throws IOException {
    Files.writeString(folder.resolve("variant.json"), "{\"dataset\": \"shapes\"}");
    CommandRun run =
        CommandRun.of(
            "eval",
            "--load_path",
            model,
            "--threads",
            1,
            "--eval",
            "logp_hist",
            "--dataset",
            "shapes-unseen",
            "--score_fn",
            "knn",
            "--n_fit",
            50,
            "--n_images",
            IMAGES,
            "--log_dir",
            logs);
    assertThat(metrics(run).get("mean/shapes-unseen/knn").asDouble()).isNegative();
  }

  @Test
  void judges_in_the_ways_of_the_published_program() throws IOException {
    try (EnergyModel normalized =
        EnergyModel.builder(WideResNet.of(10, 1).withNorm(Norm.BATCH))
            .classNames(images.classNames())
            .engine(EngineSettings.ofDefaults().withThreads(1))
            .build()) {
      normalized.save(model);
      CommandRun run = run("eval", "--eval", "test_clf", "--compat", "reference", "--sigma", 0);
      JsonNode result = result(run);
      assertThat(result.get("compat").toString())
          .isEqualTo(
              "{\"compat\":\"reference\",\"eval_mode\":\"training\",\"sigma\":0.0,"
                  + "\"pxsim_labels\":\"true\"}");
      Logits logits = normalized.inMode(Mode.TRAINING).logits(firstImages());
      double sum = 0;
      for (int i = 0; i < IMAGES; i++) {
        sum -= logits.logProbability(i, images.label(i));
      }
      assertThat(result.get("metrics").get("test/nll").asDouble())
          .isCloseTo(sum / IMAGES, within(1e-4));
    }
  }

  @Test
  void adds_the_published_noise_where_the_published_program_is_followed() throws IOException {
    JsonNode result = result(run("eval", "--eval", "eval_ece", "--compat", "reference"));
    assertThat(result.get("compat").get("sigma").asDouble()).isEqualTo(0.03);
  }

  /** A run folder with a model of its own, trained as said. */
  private Path trained(String name, long seed, String method) throws IOException {
    Path run = Files.createDirectories(folder.resolve(name));
    try (EnergyModel fresh =
        EnergyModel.builder(ConvNet.of(4).withHidden(8))
            .classNames(images.classNames())
            .seed(seed)
            .build()) {
      fresh.save(run.resolve("model.zip"));
    }
    Files.writeString(
        run.resolve("variant.json"),
        String.format("{\"dataset\": \"shapes\", \"seed\": %d, %s}", seed, method));
    return run;
  }

  private CommandRun runs(Path... runs) {
    String paths = Arrays.stream(runs).map(Path::toString).collect(Collectors.joining(","));
    return CommandRun.of(
        "eval",
        "--eval",
        "ood",
        "--ood_dataset",
        "noise",
        "--load_path",
        paths,
        "--n_bootstrap",
        0,
        "--n_images",
        IMAGES,
        "--log_dir",
        logs);
  }

  @Test
  void sums_up_seeds_of_the_same_settings() throws IOException {
    Path other = trained("second", 2, "\"pyxce\": 1.0");
    CommandRun run = runs(trained("first", 1, "\"pyxce\": 1.0"), other);
    JsonNode result = result(run);
    double[] each =
        StreamSupport.stream(result.get("models").spliterator(), false)
            .mapToDouble(one -> one.get("metrics").get("ood/noise/px/auroc").asDouble())
            .toArray();
    JsonNode summary = result.get("summary").get("ood/noise/px/auroc");
    assertThat(result.get("metrics").get("ood/noise/px/auroc").asDouble())
        .isEqualTo(summary.get("mean").asDouble())
        .isCloseTo((each[0] + each[1]) / 2, within(1e-12));
    assertThat(summary.get("deviation").asDouble())
        .isCloseTo(Math.abs(each[0] - each[1]) / Math.sqrt(2), within(1e-12));
    assertThat(result.get("summary").has("threshold/px")).isFalse();
    assertThat(result.get("models").get(1).get("load_path").asText()).isEqualTo(other.toString());
    assertThat(run.out())
        .contains("model 2: " + other, "method 1 (2)")
        .containsPattern("ood/noise/px/auroc +0\\.\\d{4} \\+- 0\\.\\d{4} \\(n = 2\\)")
        .doesNotContain("method 2", "too small");
    assertThat(picture("model_2/histogram-px.png")).isNotEmptyFile();
  }

  @Test
  void gives_each_method_a_column_and_no_deviation_across_methods() throws IOException {
    Path plain = trained("plain", 1, "\"pyxce\": 1.0, \"pxycontrast\": 0.0");
    Path hybrid = trained("hybrid", 2, "\"pyxce\": 1.0, \"pxycontrast\": 1.0");
    Files.delete(trained("stranger", 3, "\"pyxce\": 1.0").resolve("variant.json"));
    CommandRun run = runs(plain, hybrid, folder.resolve("stranger").resolve("model.zip"), plain);
    assertThat(run.err()).contains("trained on different sets, shapes, cifar10", "--dataset");
    run = runs(plain, hybrid, plain);
    JsonNode result = result(run);
    assertThat(run.out())
        .contains(
            "method 1: --pxycontrast 0.0: " + plain + ", " + plain,
            "method 2: --pxycontrast 1.0: " + hybrid,
            "same settings and seed")
        .containsPattern("method 1 \\(2\\) +method 2 \\(1\\)")
        .containsPattern("ood/noise/px/auroc +0\\.\\d{4} \\+- 0\\.0000 \\(n = 2\\) +0\\.\\d{4}\n");
    assertThat(result.at("/methods/1/models/0").asInt()).isEqualTo(2);
    assertThat(result.at("/methods/1/settings/pxycontrast").asText()).isEqualTo("1.0");
    assertThat(result.get("metrics").get("method 2/ood/noise/px/auroc").asDouble())
        .isEqualTo(result.at("/models/1/metrics/ood~1noise~1px~1auroc").asDouble());
  }

  @Test
  void judges_on_what_the_run_was_trained_on() throws IOException {
    Path run = trained("run", 1, "\"pyxce\": 1.0");
    JsonNode result =
        result(
            CommandRun.of(
                "eval",
                "--eval",
                "test_clf",
                "--load_path",
                run,
                "--n_images",
                IMAGES,
                "--n_bootstrap",
                0,
                "--log_dir",
                logs));
    assertThat(result.at("/config/dataset").asText()).isEqualTo("shapes");
    assertThat(result.at("/provenance/data").toString()).contains("shapes");
  }

  /** Images of squares and of rings in folders, which the model numbers otherwise. */
  @Test
  void matches_classes_by_name() throws IOException {
    Path set = folder.resolve("set");
    List<String> two = List.of(images.classNames().get(7), images.classNames().get(2));
    for (String name : two) {
      Files.createDirectories(set.resolve(name));
      ImageIO.write(
          new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB),
          "png",
          set.resolve(name).resolve("black.png").toFile());
    }
    CommandRun run =
        CommandRun.of(
            "eval",
            "--eval",
            "test_clf",
            "--load_path",
            model,
            "--dataset",
            set,
            "--n_bootstrap",
            0,
            "--log_dir",
            logs);
    JsonNode result = result(run);
    double nll = 0;
    try (EnergyModel same = model()) {
      INDArray black = Nd4j.valueArrayOf(new long[] {1, 3, 32, 32}, -1f, DataType.FLOAT);
      Logits logits = same.logits(black);
      nll -= (logits.logProbability(0, 7) + logits.logProbability(0, 2)) / 2;
    }
    assertThat(result.at("/metrics/test~1nll").asDouble()).isCloseTo(nll, within(1e-4));
    Files.move(set.resolve(two.get(0)), set.resolve("unheard"));
    CommandRun refused =
        CommandRun.of("eval", "--eval", "test_clf", "--load_path", model, "--dataset", set);
    assertThat(refused.err())
        .contains("has classes that the model does not know: unheard; it knows disc");
    assertThat(refused.status()).isEqualTo(2);
  }

  @Test
  void formats_numbers_alike_in_every_locale() throws IOException {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("de-DE"));
      CommandRun run = run("eval", "--eval", "logp_hist", "--datasets", "shapes");
      result(run);
      assertThat(run.out()).containsPattern("mean/shapes/px +-?\\d+\\.\\d{4}");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void draws_histograms_of_several_sets() throws IOException {
    JsonNode metrics =
        metrics(run("eval", "--eval", "logp_hist", "--datasets", "shapes", "shapes-unseen"));
    assertThat(metrics.get("mean/shapes-unseen/px").isNumber()).isTrue();
    assertThat(picture("histogram-px.svg")).isNotEmptyFile();
  }

  @Test
  void refines_before_histograms_too() throws IOException {
    JsonNode metrics = metrics(run("eval", "--eval", "logp_hist", "--n_steps", 5, "--sgld_std", 0));
    try (EnergyModel same = model()) {
      INDArray refined = firstImages().dup();
      LangevinSampler.of(same.engine(), Langevin.ofSteps(5).withNoise(0))
          .run(
              refined,
              EnergyGradient.marginal(),
              NoiseSource.of(RandomStreams.of(1).stream("none")));
      assertThat(metrics.get("mean/shapes/px").asDouble())
          .isCloseTo(Arrays.stream(same.logDensity(refined)).average().orElseThrow(), within(1e-4));
    }
  }

  @Test
  void draws_samples() throws IOException {
    CommandRun run =
        draw(
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
  }

  @Test
  void fresh_chains_go_on_from_round_to_round() throws IOException {
    JsonNode metrics =
        metrics(
            draw(
                "uncond_samples",
                "--n_sample_steps",
                3,
                "--n_steps",
                2,
                "--sgld_std",
                0,
                "--sgld_batch_size",
                5));
    assertThat(metrics.get("samples/count").asInt()).isEqualTo(5);
    try (EnergyModel same = model()) {
      INDArray chains = Nd4j.create(same.shape().batch(5));
      RandomStreams streams = RandomStreams.of(1).child("evaluation");
      ReplayBuffer.of(Replay.ofSize(5).withReinitialization(0), same.shape(), same.classCount())
          .draw(chains, streams.stream("buffer", 0));
      LangevinSampler.of(same.engine(), Langevin.ofSteps(6).withNoise(0))
          .run(chains, EnergyGradient.marginal(), NoiseSource.of(streams.stream("none")));
      double expected = Arrays.stream(same.energy(chains)).average().orElseThrow();
      assertThat(metrics.get("samples/mean_energy").asDouble()).isCloseTo(expected, within(1e-4));
    }
  }

  @Test
  void draws_samples_by_class() throws IOException {
    CommandRun run =
        draw(
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
    CommandRun run = draw("cond_samples");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("no replay buffer was saved with this model");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --eval fid                                         | '--eval'.*one of test_clf.*was 'fid'
          --eval ood                                         | --eval ood needs --ood_dataset
          --eval ood --ood_dataset imagenet                  | --ood_dataset must be .*; was 'imagenet'
          --eval ood --ood_dataset celeba                    | --ood_dataset celeba needs --data_root
          --eval ood --ood_dataset shapes+snow               | --ood_dataset shapes.snow: 'snow' is not a transformation of images
          --eval ood --ood_dataset shapes+fog:7              | --ood_dataset shapes.fog:7: the strength of fog must be 1 to 5, was '7'
          --eval ood --ood_dataset svhn                      | --ood_dataset svhn needs --data_root
          --eval ood --ood_dataset noise,noise               | --ood_dataset has two sets called 'noise'
          --eval ood --ood_dataset noise --score_fn likeness | --score_fn must be one of.*was 'likeness'
          --eval ood --ood_dataset noise --fit_dataset shapes | --fit_dataset has no effect with --score_fn px: it is for fdbd, knn, mahalanobis, nci, relation, rmds, vim
          --eval ood --ood_dataset noise --contrast_t 1      | --contrast_t has no effect with --score_fn px: it is for pxsim
          --eval ood --ood_dataset noise --score_fn pxsim    | --score_fn pxsim needs the queue
          --eval ood --ood_dataset noise --score_fn pxsim --compat reference | --ood_dataset noise has no labels, and --pxsim_labels true.*has 10: give --pxsim_labels predicted
          --eval ood --ood_dataset noise --score_fn knn --n_fit 20 | --score_fn knn cannot be fitted on 20 images of shapes/train.*k must be at most.*20, was 50
          --eval ood --ood_dataset noise --score_fn mahalanobis --fit_dataset noise | cannot be fitted on 2000 images.*training images must have labels
          --eval ood --ood_dataset noise --score_fn knn --fit_dataset shapes-unseen | --fit_dataset shapes-unseen has no training split
          --eval ood --ood_dataset noise --score_fn knn --fit_dataset imagenet | --fit_dataset must be .*the training split.*was 'imagenet'
          --eval test_clf --ood_dataset noise                | --ood_dataset has no effect with --eval test_clf: it is for ood
          --eval ood --ood_dataset noise --datasets shapes   | --datasets has no effect with --eval ood: it is for logp_hist
          --eval ood --ood_dataset noise --fresh_samples     | --fresh_samples has no effect with --eval ood: it is for cond_samples
          --eval test_clf --score_fn py                      | --score_fn has no effect with --eval test_clf: it is for ood, logp_hist
          --eval ood --ood_dataset noise --false_alarms 1    | '--false_alarms'.*above 0 and below 1, was '1'
          --eval ood --ood_dataset noise --n_bootstrap 1     | '--n_bootstrap'.*0 or at least 2, was '1'
          --eval eval_ece --fit_calibration shapes_test      | --fit_calibration shapes_test is the set under evaluation, --dataset shapes: name held-out images
          --eval eval_ece --fit_calibration shapes_train --sigma 1 | --fit_calibration calibrates a model as it is used: not with --n_steps, --sigma
          --eval eval_ece --fit_calibration noise            | --fit_calibration noise has no labels: name a set whose classes are the model's 10
          --eval eval_ece --calibration vector               | --calibration has no effect with --eval eval_ece without --fit_calibration
          --eval test_clf --fit_calibration shapes_train     | --fit_calibration has no effect with --eval test_clf: it is for eval_ece
          --eval test_clf --sgld_lr 1                        | --sgld_lr has no effect with --eval test_clf without --n_steps
          --eval logp_hist --load_path a.zip,b.zip           | --eval logp_hist accepts one model, --load_path names 3
          """)
  void refuses(String args, String message) {
    CommandRun run = run("eval", (Object[]) args.split(" "));
    assertThat(run.err()).containsPattern(message).hasLineCount(1);
    assertThat(run.status()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          uncond_samples --fresh_samples       | --fresh_samples has no effect with --eval uncond_samples
          uncond_samples --dataset shapes      | --dataset has no effect with --eval uncond_samples
          uncond_samples --sigma 0.1           | --sigma has no effect with --eval uncond_samples
          uncond_samples --n_images 10         | --n_images has no effect with --eval uncond_samples without --real_dataset
          cond_samples --n_steps 10            | --n_steps has no effect with --eval cond_samples without --fresh_samples
          cond_samples --compat reference      | --compat has no effect with --eval cond_samples
          uncond_samples --real_dataset imagenet | --real_dataset must be .*was 'imagenet'
          """)
  void refuses_when_drawing(String args, String message) {
    String[] words = args.split(" ");
    CommandRun run = draw(words[0], (Object[]) Arrays.copyOfRange(words, 1, words.length));
    assertThat(run.err()).containsPattern(message).hasLineCount(1);
    assertThat(run.status()).isEqualTo(2);
  }

  @Test
  void wants_images_to_fit_on() throws IOException {
    Path file = Files.write(folder.resolve("images.bin"), new byte[2 * 3072]);
    CommandRun run =
        CommandRun.of(
            "eval",
            "--load_path",
            model,
            "--eval",
            "ood",
            "--dataset",
            file,
            "--ood_dataset",
            "noise",
            "--score_fn",
            "knn",
            "--log_dir",
            logs);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .contains("--score_fn knn needs images like those", "--fit_dataset a name");
  }

  @Test
  void finds_a_missing_model_before_anything_is_written() {
    CommandRun run =
        CommandRun.of(
            "eval", "--eval", "test_clf", "--load_path", model + ",no.zip", "--log_dir", logs);
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .contains(
            "no.zip does not exist: expected a run folder, a model.zip, a PyTorch checkpoint or");
    assertThat(logs).doesNotExist();
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
    assertThat(run.err())
        .contains("--dataset shapes-unseen has classes that the model does not know: ");
    assertThat(logs).doesNotExist();
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
    double clean = metrics.get("test/attack_l2/accuracy_at_0").asDouble();
    assertThat(metrics.get("test/attack_l2/accuracy_at_0.5").asDouble()).isLessThanOrEqualTo(clean);
    assertThat(picture("attack.png")).isNotEmptyFile();
  }

  @Test
  void attacks_as_told() throws IOException {
    JsonNode fast = result(run("attack", "--attack", "fgsm", "--epsilon", "0.1"));
    assertThat(fast.at("/results/robustness_linf/attack").asText())
        .isEqualTo("LINF, 1 step of epsilon from the image, 1 try");
  }

  @Test
  void attacks_of_a_size_in_levels_of_a_byte() throws IOException {
    JsonNode result =
        result(
            attack(
                "--epsilon", "2/255,8/255", "--steps", 2, "--step_size", "4/255", "--n_images", 4));
    assertThat(result.at("/config/--epsilon").toString() + result.at("/results").toString())
        .contains("0.03137254901960784");
    assertThat(result.at("/results/robustness_linf/attack").asText())
        .contains("2 steps of " + 4 / 255.0 + " regardless of epsilon");
    assertThat(result.get("metrics").toString()).contains("accuracy_at_0.00784");
  }

  @Test
  void attacks_by_steps_and_against_refinement_as_told() throws IOException {
    Object[] flags = {
      "--epsilon",
      "0.00001,0.00002",
      "--steps",
      2,
      "--step_size",
      0.01,
      "--random_start",
      0,
      "--n_steps",
      1,
      "--sgld_lr",
      0.5,
      "--sgld_std",
      0,
      "--n_images",
      4
    };
    JsonNode result = result(attack(flags));
    assertThat(result.at("/results/robustness_linf/attack").asText())
        .isEqualTo(
            "LINF, 2 steps of 0.01 regardless of epsilon from the image, 1 try; gradient through"
                + " refinement, 1 draws");
    assertThat(result.get("metrics").has("test/attack_linf/accuracy_at_0.00001")).isTrue();
    assertThat(result.get("metrics").has("test/attack_linf/accuracy_at_0.00002")).isTrue();
  }

  private CommandRun attack(Object... more) {
    List<Object> args = new ArrayList<>(List.of("attack", "--load_path", model));
    args.addAll(List.of("--threads", 1, "--dataset", "shapes", "--log_dir", logs));
    args.addAll(Arrays.asList(more));
    return CommandRun.of(args.toArray());
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
          --gradient around         | --gradient has no effect without --n_steps
          --sgld_std 0              | --sgld_std has no effect without --n_steps
          --attack fgsm --steps 3   | --steps has no effect with --attack fgsm
          --random_start 0 --restarts 2 | --restarts has no effect with --random_start 0
          """)
  void refuses_attacks(String args, String message) {
    CommandRun run = run("attack", (Object[]) args.split(" "));
    assertThat(run.err()).containsPattern(message).hasLineCount(1);
    assertThat(run.status()).isEqualTo(2);
  }
}
