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
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.udge.Calibration;
import org.udge.EnergyModel;
import org.udge.examples.train.TrainTest;

/** Flags of eval and score that save, calibrate, and decide. */
class JudgingFlagsTest {

  private static final int IMAGES = 40;

  @TempDir private static Path trained;
  private static Path model;

  @TempDir private Path folder;

  @BeforeAll
  static void train() throws IOException {
    TrainTest.train(
        trained, "--pyxce", 1, "--n_train", 200, "--n_valid", 60, "--n_epochs", 1, "--lr", 0.01);
    model = CommandRun.onlyFolder(trained);
  }

  private CommandRun eval(String logs, String task, Object... more) {
    List<Object> args = new ArrayList<>(List.of("eval", "--eval", task, "--load_path", model));
    args.addAll(List.of("--log_dir", folder.resolve(logs), "--n_bootstrap", 0));
    args.addAll(Arrays.asList(more));
    if (!args.contains("--n_images")) {
      args.addAll(List.of("--n_images", IMAGES));
    }
    return CommandRun.of(args.toArray());
  }

  private JsonNode result(String logs, CommandRun run) throws IOException {
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    Path file = CommandRun.onlyFolder(folder.resolve(logs)).resolve("result.json");
    return new ObjectMapper().readTree(file.toFile());
  }

  private CommandRun score(Path of, Path output, Object... more) {
    List<Object> args = new ArrayList<>(List.of("score", "--load_path", of));
    args.addAll(List.of("--input", "shapes_test", "--output", output));
    args.addAll(Arrays.asList(more));
    return CommandRun.of(args.toArray());
  }

  private static List<String[]> table(Path file) throws IOException {
    return Files.readAllLines(file).stream().skip(1).map(line -> line.split(",", -1)).toList();
  }

  @Test
  void saved_features_stand_for_the_images_they_are_of() throws IOException {
    Path features = folder.resolve("model.features");
    String[] ood = {"--dataset", "shapes", "--ood_dataset", "shapes-unseen,noise"};
    List<Object> flags = new ArrayList<>(Arrays.asList((Object[]) ood));
    flags.addAll(List.of("--score_fn", "knn,mahalanobis,vim"));
    List<Object> saving = new ArrayList<>(flags);
    saving.addAll(List.of("--n_fit", 150, "--save_features", features));
    CommandRun run = eval("images", "ood", saving.toArray());
    JsonNode ofImages = result("images", run);
    assertThat(run.out()).contains("score --score_fn knn --features " + features + " --threshold");
    List<Object> reading = new ArrayList<>(flags);
    reading.addAll(List.of("--features", features));
    JsonNode ofFile = result("file", eval("file", "ood", reading.toArray()));
    ofImages
        .get("metrics")
        .properties()
        .forEach(
            metric ->
                assertThat(ofFile.get("metrics").get(metric.getKey()).asDouble())
                    .as(metric.getKey())
                    .isCloseTo(metric.getValue().asDouble(), within(1e-3)));
    assertThat(ofFile.at("/results/fitted_on/images").asInt()).isEqualTo(150);

    Path fromImages = folder.resolve("images.csv");
    Path fromFile = folder.resolve("file.csv");
    assertThat(score(model, fromImages, "--score_fn", "knn", "--n_fit", 150).err()).isEmpty();
    assertThat(score(model, fromFile, "--score_fn", "knn", "--features", features).err()).isEmpty();
    List<String[]> expected = table(fromImages);
    List<String[]> found = table(fromFile);
    assertThat(found).hasSameSizeAs(expected).isNotEmpty();
    for (int i = 0; i < expected.size(); i++) {
      assertThat(Double.parseDouble(found.get(i)[5]))
          .isCloseTo(Double.parseDouble(expected.get(i)[5]), within(1e-4));
    }

    CommandRun twice =
        score(model, fromFile, "--score_fn", "knn", "--features", features, "--n_fit", 3);
    assertThat(twice.status()).isEqualTo(2);
    assertThat(twice.err())
        .contains("--n_fit has no effect with --features, which replace images to fit on");
    Path others = folder.resolve("others");
    TrainTest.train(others, "--pyxce", 1, "--n_epochs", 1, "--seed", 5);
    CommandRun foreign =
        score(CommandRun.onlyFolder(others), fromFile, "--score_fn", "knn", "--features", features);
    assertThat(foreign.status()).isEqualTo(1);
    assertThat(foreign.err())
        .contains("--features", "model.features were made with other parameters")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource({"split, false", "aps, false", "raps, false", "split, true"})
  void sets_of_classes_are_fitted_saved_and_told(String method, boolean byClass)
      throws IOException {
    List<Object> flags =
        new ArrayList<>(List.of("--fit_calibration", "held_out", "--set_coverage", 0.9));
    flags.addAll(List.of("--set_method", method));
    if (byClass) {
      flags.add("--set_by_class");
    }
    CommandRun run = eval("logs", "eval_ece", flags.toArray());
    JsonNode metrics = result("logs", run).get("metrics");
    assertThat(metrics.get("test/set_coverage").asDouble()).isBetween(0.7, 1.0);
    assertThat(metrics.get("test/set_size").asDouble()).isGreaterThan(1);
    Path calibrated = CommandRun.onlyFolder(folder.resolve("logs")).resolve("model.zip");
    Path output = folder.resolve("sets.csv");
    CommandRun scored = score(calibrated, output, "--sets", "--raw_probability");
    assertThat(scored.err()).isEmpty();
    assertThat(Files.readAllLines(output).get(0)).endsWith(",raw_probability,set");
    double sizes = 0;
    List<String[]> first = table(output).subList(0, IMAGES);
    for (String[] row : first) {
      String[] set = row[row.length - 1].split("\\|", -1);
      assertThat(set).doesNotHaveDuplicates();
      if (!row[row.length - 1].isEmpty()) {
        assertThat(set[0]).isEqualTo(row[2]);
        sizes += set.length;
      }
    }
    assertThat(sizes / IMAGES).isCloseTo(metrics.get("test/set_size").asDouble(), within(1e-9));
  }

  @Test
  void sets_are_refused_where_none_were_fitted() {
    CommandRun none = score(model, folder.resolve("x.csv"), "--sets");
    assertThat(none.status()).isEqualTo(2);
    assertThat(none.err())
        .contains("--sets needs a model with prediction sets, and this one has none")
        .hasLineCount(1);
  }

  @Test
  void the_line_for_a_risk_keeps_it() throws IOException {
    CommandRun run = eval("logs", "test_clf", "--risk", 0.98);
    JsonNode metrics = result("logs", run).get("metrics");
    double least = metrics.get("threshold/risk").asDouble();
    assertThat(run.out()).contains("answering where the probability is at least " + least);
    Path output = folder.resolve("all.csv");
    assertThat(score(model, output).err()).isEmpty();
    long answered =
        table(output).subList(0, IMAGES).stream()
            .filter(row -> Double.parseDouble(row[3]) >= least - 1e-6)
            .count();
    assertThat(run.out())
        .contains(String.format(Locale.ROOT, "answers %.1f %%", 100.0 * answered / 40));
  }

  @Test
  void a_risk_that_no_line_keeps_is_told() throws IOException {
    CommandRun run = eval("logs", "test_clf", "--risk", 0.01);
    assertThat(result("logs", run).get("metrics").get("threshold/risk").isNumber()).isFalse();
    assertThat(run.out()).contains("wrong more often than --risk 0.01: there is no such");
  }

  @ParameterizedTest
  @ValueSource(strings = {"platt", "isotonic"})
  void curves_change_the_probability_and_not_the_class(String kind) throws IOException {
    CommandRun run =
        eval("logs", "eval_ece", "--fit_calibration", "held_out", "--calibration", kind);
    JsonNode result = result("logs", run);
    assertThat(result.at("/results/fitted_calibration/kind").asText()).isEqualTo(kind);
    assertThat(result.at("/results/fitted_calibration/images").asInt()).isEqualTo(60);
    JsonNode metrics = result.get("metrics");
    assertThat(metrics.get("test/calibrated_accuracy")).isEqualTo(metrics.get("test/accuracy"));
    Path saved = CommandRun.onlyFolder(folder.resolve("logs")).resolve("model.zip");
    try (EnergyModel loaded = EnergyModel.load(saved)) {
      Calibration calibration = loaded.calibration().orElseThrow();
      assertThat(calibration.curve()).isPresent();
    }
    Path output = folder.resolve("calibrated.csv");
    assertThat(score(saved, output, "--raw_probability").err()).isEmpty();
    assertThat(table(output)).anyMatch(row -> !row[3].equals(row[row.length - 1]));
  }

  @Test
  void images_held_out_are_those_of_the_run_and_not_fitted_on() throws IOException {
    JsonNode judged =
        result("logs", eval("logs", "test_clf", "--dataset", "held_out", "--n_images", 60));
    JsonNode run = new ObjectMapper().readTree(model.resolve("result.json").toFile());
    assertThat(judged.at("/metrics/test~1nll").asDouble())
        .isCloseTo(run.at("/metrics/validation~1nll").asDouble(), within(1e-5));
    CommandRun scores =
        eval(
            "scores",
            "ood",
            "--dataset",
            "held_out",
            "--ood_dataset",
            "held_out+patches,noise",
            "--score_fn",
            "knn");
    JsonNode fitted = result("scores", scores).at("/results/fitted_on");
    assertThat(fitted.get("images").asInt()).isEqualTo(200);
    assertThat(fitted.get("set").asText()).isEqualTo("shapes/train/train-part");
  }

  @Test
  void images_held_out_are_refused_where_they_are_not_known() throws IOException {
    Path alone = Files.copy(model.resolve("model.zip"), folder.resolve("model.zip"));
    CommandRun run =
        CommandRun.of("eval", "--eval", "test_clf", "--load_path", alone, "--dataset", "held_out");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .contains("--dataset held_out needs a model in a run folder of train")
        .hasLineCount(1);

    // The same settings, other images.
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.copy(model.resolve("model.zip"), other.resolve("model.zip"));
    Files.copy(model.resolve("variant.json"), other.resolve("variant.json"));
    Files.writeString(
        other.resolve("result.json"),
        "{\"provenance\": {\"data\": {\"validation\": \"60 images, indices sha256 00\"}}}");
    CommandRun changed =
        CommandRun.of("eval", "--eval", "test_clf", "--load_path", other, "--dataset", "held_out");
    assertThat(changed.status()).isEqualTo(1);
    assertThat(changed.err())
        .contains("--dataset held_out: shapes holds other images than when the run was trained")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          eval_ece --calibration isotonic              | --calibration has no effect with --eval eval_ece without --fit_calibration
          eval_ece --calibration beta                  | '--calibration'.*one of temperature, vector, platt, isotonic, was 'beta'
          eval_ece --fit_calibration held_out --set_method aps | --set_method has no effect with --eval eval_ece without --set_coverage
          eval_ece --fit_calibration held_out --set_coverage 1.5 | '--set_coverage'.*was '1.5'
          eval_ece --fit_calibration held_out --set_coverage .9 --set_method lac | '--set_method'.*one of split, aps, raps, was 'lac'
          test_clf --risk 2                            | '--risk'.*was '2'
          ood --ood_dataset noise --risk .1            | --risk has no effect with --eval ood: it is for
          ood --ood_dataset noise --save_features x    | --save_features has no effect with --score_fn px: it is for
          ood --ood_dataset noise --features x         | --features has no effect with --score_fn px: it is for
          """)
  void wrong_flags_are_told(String args, String message) {
    String[] words = args.split(" ", -1);
    Object[] more = Arrays.copyOfRange(words, 1, words.length, Object[].class);
    CommandRun run = eval("logs", words[0], more);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).containsPattern(message).hasLineCount(1);
  }
}
