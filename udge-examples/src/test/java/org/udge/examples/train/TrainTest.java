package org.udge.examples.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.EnergyModel;
import org.udge.examples.CommandRun;
import org.udge.state.State;
import org.udge.state.StateFiles;
import org.udge.training.RunState;

public class TrainTest {

  private static final Object[] TINY = {
    "train",
    "--dataset",
    "shapes",
    "--depth",
    10,
    "--width",
    1,
    "--n_train",
    16,
    "--n_valid",
    10,
    "--n_test",
    20,
    "--batch_size",
    8,
    "--lr",
    1e-3,
    "--warmup_iters",
    2,
    "--contrast_k",
    64,
    "--sgld_batch_size",
    4,
    "--n_steps",
    2,
    "--buffer_size",
    40
  };

  @TempDir private Path logs;

  /** A run of seconds, with flags of its own besides. */
  public static CommandRun train(Path logs, Object... more) {
    List<Object> args = tiny(more);
    args.addAll(List.of("--log_dir", logs));
    CommandRun run = CommandRun.of(args.toArray());
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    return run;
  }

  /** The command line of such a run; flags given again replace its own. */
  static List<Object> tiny(Object... more) {
    List<Object> args = new ArrayList<>(Arrays.asList(TINY));
    for (int i = 0; i < more.length; i += 2) {
      int own = args.indexOf(more[i]);
      if (own >= 0) {
        args.set(own + 1, more[i + 1]);
      } else {
        args.addAll(Arrays.asList(more).subList(i, Math.min(i + 2, more.length)));
      }
    }
    return args;
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  @Test
  void fills_the_run_folder() throws IOException {
    train(
        logs, "--pyxce", 1, "--pxycontrast", 0.5, "--n_epochs", 2, "--ckpt_every", 2, "--id", "a");
    Path folder = CommandRun.onlyFolder(logs);
    assertThat(folder.getFileName().toString()).startsWith("a-");

    JsonNode variant = json(folder.resolve("variant.json"));
    assertThat(variant.get("pxycontrast").asDouble()).isEqualTo(0.5);
    assertThat(variant.get("optimizer").asText()).isEqualTo("adam");
    assertThat(variant.get("decay_epochs").toString()).isEqualTo("[160,180]");

    List<String> progress = Files.readAllLines(folder.resolve("progress.csv"));
    assertThat(progress).hasSize(3);
    assertThat(progress.get(0))
        .startsWith("epoch,steps,seconds,validation/accuracy,validation/nll,loss,cross_entropy,")
        .contains("conditional_contrastive/queue_fill");
    assertThat(progress.get(2)).startsWith("1,4,");

    JsonNode result = json(folder.resolve("result.json"));
    assertThat(result.get("command").asText()).isEqualTo("train");
    assertThat(result.get("seed").asLong()).isEqualTo(1);
    assertThat(result.get("stop_reason").asText()).isEqualTo("epochs_done");
    assertThat(result.get("config")).isEqualTo(variant);
    assertThat(result.get("compat").get("queue_start").asText()).isEqualTo("empty");
    assertThat(result.at("/provenance/data/train").asText())
        .matches("shapes/train.*, 16 images, sha256 [0-9a-f]{64}, indices sha256 [0-9a-f]{64}");
    for (String key : List.of("version", "git", "java", "os", "backend", "engine", "threads")) {
      assertThat(result.at("/provenance/" + key).asText()).as(key).isNotEmpty();
    }
    for (String key : List.of("accuracy", "nll", "brier", "ece15", "ece20", "calibrated_nll")) {
      assertThat(result.get("metrics").get("test/" + key).asDouble()).as(key).isNotNegative();
      assertThat(result.get("metrics").get("validation/" + key).isNumber()).as(key).isTrue();
    }
    assertThat(result.at("/timing/step_ms_median").asDouble()).isPositive();

    assertThat(folder.resolve("ckpt_1.state")).exists();
    try (EnergyModel model = EnergyModel.load(folder.resolve("model.zip"))) {
      assertThat(model.classCount()).isEqualTo(10);
      assertThat(model.calibration()).isPresent();
    }
  }

  @Test
  void goes_on_with_the_same_bits() throws IOException {
    Object[] objective = {
      "--pyxce",
      1,
      "--pxycontrast",
      1,
      "--pxsgld",
      1,
      "--pxysgld",
      0.5,
      "--plot_every",
      2,
      "--plot_contrast",
      1
    };
    train(logs.resolve("whole"), append(objective, "--n_epochs", 3));
    train(logs.resolve("first"), append(objective, "--n_epochs", 1));
    Path first = CommandRun.onlyFolder(logs.resolve("first"));
    CommandRun rest =
        CommandRun.of(
            "train", "--load_path", first, "--n_epochs", 3, "--log_dir", logs.resolve("rest"));
    assertThat(rest.err()).isEmpty();
    assertThat(rest.out()).contains("resuming after 2 steps");

    Path pictures = CommandRun.onlyFolder(logs.resolve("rest"));
    assertThat(pictures.resolve("training.svg")).isNotEmptyFile();
    Path whole = CommandRun.onlyFolder(logs.resolve("whole"));
    Path resumed = CommandRun.onlyFolder(logs.resolve("rest"));
    State expected = StateFiles.read(whole.resolve("last.state"));
    State actual = StateFiles.read(resumed.resolve("last.state"));
    assertThat(actual.getLong("steps")).isEqualTo(6);
    assertThat(actual.getFloats("parameters")).isEqualTo(expected.getFloats("parameters"));
    assertThat(json(resumed.resolve("variant.json")).get("pxysgld").asDouble()).isEqualTo(0.5);
    assertThat(json(resumed.resolve("result.json")).get("metrics"))
        .isEqualTo(json(whole.resolve("result.json")).get("metrics"));
    assertThat(Files.readAllLines(resumed.resolve("progress.csv"))).hasSize(4);
    assertThat(json(resumed.resolve("variant.json")).get("continues").asText())
        .isEqualTo("../../first/" + first.getFileName());
    for (String picture : List.of("x_q", "x_q_y", "contrast_x_q_y")) {
      assertThat(whole.resolve(picture + "_000000.png")).isNotEmptyFile();
      assertThat(resumed.resolve(picture + "_000002.png"))
          .hasSameBinaryContentAs(whole.resolve(picture + "_000002.png"));
    }
  }

  @Test
  void a_cosine_and_averaged_weights_go_on_with_the_same_bits() throws IOException {
    for (String average : List.of("ema", "swa")) {
      Object[] flags = {
        "--pyxce",
        1,
        "--norm",
        "batch",
        "--lr_schedule",
        "cosine",
        "--lr_epochs",
        3,
        "--weight_average",
        average,
        "--average_bn_batches",
        1
      };
      if (average.equals("swa")) {
        flags = append(flags, "--swa_start", 1);
      }
      Path folder = logs.resolve(average);
      train(folder.resolve("whole"), append(flags, "--n_epochs", 3));
      train(folder.resolve("first"), append(flags, "--n_epochs", 1));
      CommandRun rest =
          CommandRun.of(
              "train",
              "--load_path",
              CommandRun.onlyFolder(folder.resolve("first")),
              "--n_epochs",
              3,
              "--log_dir",
              folder.resolve("rest"));
      assertThat(rest.err()).isEmpty();
      Path whole = CommandRun.onlyFolder(folder.resolve("whole"));
      Path resumed = CommandRun.onlyFolder(folder.resolve("rest"));
      State expected = StateFiles.read(whole.resolve("last.state"));
      State actual = StateFiles.read(resumed.resolve("last.state"));
      assertThat(actual.getFloats("parameters")).isEqualTo(expected.getFloats("parameters"));
      assertThat(json(resumed.resolve("result.json")).get("metrics"))
          .isEqualTo(json(whole.resolve("result.json")).get("metrics"));
      try (EnergyModel model = EnergyModel.load(whole.resolve("model.zip"))) {
        assertThat(model.graph().params().toFloatVector())
            .isNotEqualTo(expected.getFloats("parameters"));
      }
    }
  }

  @Test
  void a_run_is_fine_tuned_with_foreign_images_and_mixes_pictures() throws IOException {
    train(
        logs.resolve("first"),
        "--pyxce",
        1,
        "--regmixup",
        0.5,
        "--n_epochs",
        1,
        "--pixmix",
        "fractals",
        "--cutout",
        8,
        "--energy_discrepancy",
        0.1);
    Path first = CommandRun.onlyFolder(logs.resolve("first"));
    JsonNode result = json(first.resolve("result.json"));
    assertThat(result.get("objective").asText())
        .isEqualTo("1.0 cross_entropy + 0.5 reg_mixup + 0.1 energy_discrepancy");
    CommandRun tuned =
        CommandRun.of(
            "train",
            "--load_path",
            first,
            "--n_epochs",
            2,
            "--energy_margin",
            0.1,
            "--outliers",
            "fractals",
            "--log_dir",
            logs.resolve("tuned"));
    assertThat(tuned.err()).isEmpty();
    Path folder = CommandRun.onlyFolder(logs.resolve("tuned"));
    assertThat(json(folder.resolve("result.json")).get("objective").asText())
        .endsWith(" + 0.1 energy_margin + 0.1 energy_discrepancy");
    State margins =
        StateFiles.read(folder.resolve("last.state")).getState("terms").getState("energy_margin");
    assertThat(margins.getDouble("marginForeign")).isGreaterThan(margins.getDouble("marginData"));
  }

  @Test
  void a_dry_run_says_what_it_would_do_and_leaves_nothing() {
    CommandRun run =
        CommandRun.of("train", "--pyxce", 1, "--regmixup", 0.5, "--dry_run", "--log_dir", logs);
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains("WideResNet[depth=28")
        .contains(" on cifar10 ")
        .contains("minimizing 1.0 pyxce + 0.5 regmixup");
    assertThat(logs).isEmptyDirectory();
  }

  private static Object[] append(Object[] head, Object... tail) {
    Object[] all = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, all, head.length, tail.length);
    return all;
  }

  @Test
  void goes_on_with_other_sampling_where_flags_say_so() throws IOException {
    train(logs.resolve("first"), "--pyxce", 1, "--pxsgld", 1, "--n_epochs", 1);
    Path first = CommandRun.onlyFolder(logs.resolve("first"));
    float[] same = goOn(first, "same");
    for (String flags :
        List.of("--n_steps 6", "--in_steps 3", "--energy_penalty 0.5", "--clamp_gradients 1e-4")) {
      assertThat(goOn(first, flags)).as(flags).isNotEqualTo(same);
    }
  }

  private float[] goOn(Path run, String flags) throws IOException {
    List<Object> args = new ArrayList<>(List.of("train", "--load_path", run, "--n_epochs", 2));
    args.addAll(List.of("--log_dir", logs.resolve(flags)));
    if (flags.startsWith("--")) {
      args.addAll(List.of(flags.split(" ")));
    }
    CommandRun rest = CommandRun.of(args.toArray());
    assertThat(rest.status()).as(rest.err()).isZero();
    Path folder = CommandRun.onlyFolder(logs.resolve(flags));
    return StateFiles.read(folder.resolve("last.state")).getFloats("parameters");
  }

  @Test
  void a_run_that_the_guard_gives_up_leaves_a_result_and_the_best_model() throws IOException {
    List<Object> args =
        tiny("--lr", 1, "--warmup_iters", 100, "--pyxce", 1, "--pxsgld", 1, "--n_epochs", 50);
    args.addAll(List.of("--log_dir", logs));
    CommandRun run = CommandRun.of(args.toArray());
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).startsWith("udge train: training diverged again after 3 rollbacks: ");

    Path folder = CommandRun.onlyFolder(logs);
    JsonNode result = json(folder.resolve("result.json"));
    assertThat(result.get("stop_reason").asText()).isEqualTo("diverged");
    assertThat(result.get("divergence")).hasSize(4);
    assertThat(result.at("/divergence/0").asText()).contains("; rolled back, [learning rate x 0.5");
    assertThat(run.err()).contains(result.at("/divergence/3").asText());
    assertThat(result.get("config")).isEqualTo(json(folder.resolve("variant.json")));
    assertThat(result.get("steps").isNumber()).isTrue();
    assertThat(result.get("best_epoch").isNumber()).isTrue();
    assertThat(result.at("/metrics/validation~1accuracy").isNumber()).isTrue();
    try (EnergyModel model = EnergyModel.load(folder.resolve("model.zip"))) {
      assertThat(model.classCount()).isEqualTo(10);
    }
  }

  @Test
  void flags_may_be_given_as_they_were_when_a_run_goes_on() throws IOException {
    train(logs.resolve("first"), "--pyxce", 1, "--n_epochs", 1, "--seed", 7);
    Path first = CommandRun.onlyFolder(logs.resolve("first"));
    train(
        logs.resolve("rest"),
        "--load_path",
        first,
        "--seed",
        7,
        "--n_epochs",
        2,
        "--queue_start",
        "empty",
        "--queue_feeding",
        "once",
        "--compat",
        "udge");
    assertThat(
            json(CommandRun.onlyFolder(logs.resolve("rest")).resolve("result.json")).get("steps"))
        .hasToString("4");
    CommandRun other =
        CommandRun.of("train", "--load_path", first, "--queue_start", "noise", "--log_dir", logs);
    assertThat(other.status()).isEqualTo(2);
    assertThat(other.err())
        .contains(
            "--queue_start cannot change when a run is resumed: it was empty, now it is"
                + " noise");
  }

  @Test
  void the_sizes_of_sets_may_be_said_when_a_run_goes_on() throws IOException {
    Path run = Files.createDirectories(logs.resolve("run"));
    Files.writeString(
        run.resolve("variant.json"),
        "{\"dataset\": \"shapes\", \"n_train\": null, \"n_valid\": null, \"seed\": 1, \"pyxce\":"
            + " 1, \"depth\": 10, \"width\": 1}");
    train(logs.resolve("small"), "--pyxce", 1, "--n_epochs", 1);
    Files.copy(
        CommandRun.onlyFolder(logs.resolve("small")).resolve("last.state"),
        run.resolve("last.state"));
    for (String other : List.of("--n_valid 501", "--n_train 3501")) {
      CommandRun refused = goOnWith(run, other);
      assertThat(refused.err())
          .contains(other.split(" ")[0] + " cannot change when a run is resumed: it was ");
    }
    // Let through; but the state is that of a run on fewer images.
    CommandRun same = goOnWith(run, "--n_train 3500 --n_valid 500 --seed 1");
    assertThat(same.status()).isNotZero();
    assertThat(same.err()).isNotEmpty().doesNotContain("cannot change when a run is resumed");
  }

  private CommandRun goOnWith(Path run, String flags) {
    List<Object> args = new ArrayList<>(List.of("train", "--load_path", run, "--log_dir", logs));
    args.addAll(List.of(flags.split(" ")));
    return CommandRun.of(args.toArray());
  }

  @Test
  void writes_rows_within_an_epoch() throws IOException {
    train(logs, "--pyxce", 1, "--n_epochs", 2, "--n_train", 40, "--log_every", 2);
    List<String> rows =
        Files.readAllLines(CommandRun.onlyFolder(logs).resolve("progress.csv")).stream()
            .skip(1)
            .toList();
    assertThat(rows).hasSize(6);
    assertThat(rows.get(1)).startsWith("0,4,").endsWith(",2");
    assertThat(rows.get(2)).startsWith("0,5,").endsWith(",5");
  }

  @Test
  void notes_a_warm_up_that_never_ends() {
    CommandRun run = train(logs, "--pyxce", 1, "--n_epochs", 1, "--warmup_iters", 3);
    assertThat(run.out())
        .contains(
            "note: --warmup_iters 3 exceeds the 2 steps of this run, whose rate ends below --lr");
  }

  @Test
  void says_how_to_go_on_where_a_file_cannot_be_written() throws IOException {
    List<Object> args = tiny("--pyxce", 1, "--n_epochs", 3, "--ckpt_every", 2);
    args.addAll(List.of("--log_dir", logs));
    // In the second epoch, a folder is in the way of what is to be written.
    Thread vandal =
        new Thread(
            () -> {
              try {
                while (logs.toFile().list().length == 0) {
                  Thread.sleep(1);
                }
                Files.createDirectories(
                    CommandRun.onlyFolder(logs).resolve("ckpt_1.state/something"));
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    vandal.start();
    CommandRun run = CommandRun.of(args.toArray());
    Path folder = CommandRun.onlyFolder(logs);
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .hasLineCount(1)
        .contains("cannot write " + folder.resolve("ckpt_1.state") + ": a folder of that name")
        .contains("then resume with train --load_path " + folder);
  }

  @Test
  void refuses_to_go_on_with_another_network() {
    train(logs, "--pyxce", 1, "--n_epochs", 1);
    CommandRun run =
        CommandRun.of("train", "--load_path", logs.toFile().listFiles()[0], "--depth", 16);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .contains("--depth cannot change when a run is resumed: it was 10, now it is 16");
  }

  @Test
  void refuses_to_go_on_with_nothing() {
    CommandRun run = CommandRun.of("train", "--load_path", logs);
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("holds no variant.json: expected a run folder of train");
  }

  @Test
  void reads_images_of_their_own_for_log_px_where_they_are_not_augmented() throws IOException {
    Object[] objective = {"--pyxce", 1, "--pxcontrast", 1, "--n_epochs", 1, "--px_augmentation"};
    train(logs.resolve("augmented"), append(objective, 1));
    train(logs.resolve("whole"), append(objective, 0));
    Path augmented = CommandRun.onlyFolder(logs.resolve("augmented"));
    Path whole = CommandRun.onlyFolder(logs.resolve("whole"));
    assertThat(json(whole.resolve("result.json")).at("/config/px_augmentation").asBoolean(true))
        .isFalse();
    assertThat(StateFiles.read(whole.resolve("last.state")).getFloats("parameters"))
        .isNotEqualTo(StateFiles.read(augmented.resolve("last.state")).getFloats("parameters"));
  }

  private static float[] featureLayers(Path folder) throws IOException {
    float[] all = RunState.read(folder.resolve("last.state")).parameters();
    int lastLayer = (64 + 1) * 10;
    return Arrays.copyOf(all, all.length - lastLayer);
  }

  @Test
  void trains_the_last_layer_alone_on_the_features_of_a_run() throws IOException {
    train(logs.resolve("first"), "--pyxce", 1, "--n_epochs", 1);
    Path first = CommandRun.onlyFolder(logs.resolve("first"));
    CommandRun rest =
        CommandRun.of(
            "train",
            "--load_path",
            first,
            "--clf_only",
            "--weight_decay",
            0.1,
            "--n_epochs",
            2,
            "--log_dir",
            logs.resolve("rest"));
    assertThat(rest.err()).isEmpty();
    Path last = CommandRun.onlyFolder(logs.resolve("rest"));
    assertThat(featureLayers(last)).isEqualTo(featureLayers(first));
    assertThat(RunState.read(last.resolve("last.state")).parameters())
        .isNotEqualTo(RunState.read(first.resolve("last.state")).parameters());
  }

  @Test
  void a_guarded_run_that_goes_on_rolls_back_as_the_whole_run_does() throws IOException {
    Object[] saturating = {
      "--pyxce", 1, "--pxsgld", 1, "--n_steps", 3, "--guard_saturation", 0.0079
    };
    train(logs.resolve("whole"), append(saturating, "--n_epochs", 3));
    train(logs.resolve("first"), append(saturating, "--n_epochs", 1));
    Path whole = CommandRun.onlyFolder(logs.resolve("whole"));
    Path first = CommandRun.onlyFolder(logs.resolve("first"));
    CommandRun.of(
        "train", "--load_path", first, "--n_epochs", 3, "--log_dir", logs.resolve("rest"));
    Path resumed = CommandRun.onlyFolder(logs.resolve("rest"));
    JsonNode rollbacks = json(whole.resolve("result.json")).get("divergence");
    assertThat(json(first.resolve("result.json")).get("divergence")).isEmpty();
    assertThat(rollbacks).isNotEmpty();
    assertThat(json(resumed.resolve("result.json")).get("divergence")).isEqualTo(rollbacks);
    assertThat(RunState.read(resumed.resolve("last.state")).parameters())
        .isEqualTo(RunState.read(whole.resolve("last.state")).parameters());
  }

  @Test
  void trains_with_few_labels_and_the_last_layer_alone() throws IOException {
    train(
        logs,
        "--pyxce",
        1,
        "--pxycontrast",
        0.5,
        "--pxcontrast",
        1,
        "--labels_per_class",
        1,
        "--n_epochs",
        1,
        "--clf_only",
        "--weight_decay",
        0.1,
        "--compat",
        "reference",
        "--calibrate",
        "none");
    JsonNode result = json(CommandRun.onlyFolder(logs).resolve("result.json"));
    assertThat(result.get("compat").get("queue_start").asText()).isEqualTo("noise");
    assertThat(result.get("objective").asText())
        .isEqualTo("1.0 cross_entropy + 0.5 marginal_contrastive + 0.5 conditional_contrastive");
    assertThat(result.get("metrics").has("test/calibrated_nll")).isFalse();
    assertThat(result.get("metrics").get("test/nll").isNumber()).isTrue();
  }

  @Test
  void with_few_labels_an_epoch_is_a_round_through_all_images() throws IOException {
    train(logs, "--pyxce", 1, "--pxsgld", 1, "--labels_per_class", 1, "--n_epochs", 2);
    Path folder = CommandRun.onlyFolder(logs);
    // 16 images in batches of 8; the labeled ones, at most 10, fill one.
    assertThat(json(folder.resolve("result.json")).get("steps").asLong()).isEqualTo(4);
    assertThat(Files.readAllLines(folder.resolve("progress.csv")).get(1)).startsWith("0,2,");
  }

  private static final Object[] ALL_TERMS = {
    "--pyxce",
    1,
    "--pxycontrast",
    0.5,
    "--pxcontrast",
    0.25,
    "--pxsgld",
    0.1,
    "--pxysgld",
    0.3,
    "--n_epochs",
    1,
    "--plot_contrast",
    1,
    "--norm",
    "batch",
    "--dropout_rate",
    0.2
  };

  @Test
  void follows_the_published_program_in_everything_that_changes_results() throws IOException {
    train(logs, append(ALL_TERMS, "--compat", "reference"));
    Path folder = CommandRun.onlyFolder(logs);
    JsonNode result = json(folder.resolve("result.json"));
    assertThat(result.get("objective").asText())
        .isEqualTo(
            "1.0 cross_entropy + 0.5 marginal_contrastive + 0.5 conditional_contrastive"
                + " + 0.1 marginal_sgld + 0.1 conditional_sgld");
    assertThat(result.get("compat"))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {
                      "compat": "reference",
                      "queue_start": "noise",
                      "queue_feeding": "each_term",
                      "pxcontrast_shares_weight": true,
                      "pxcontrast_labeled": true,
                      "pxysgld_shares_weight": true,
                      "pxysgld_energy": "marginal",
                      "separate_passes": true,
                      "mean_contrast_energy": true,
                      "warmup_from_zero": true,
                      "eval_noise": true,
                      "separate_px_images": true,
                      "replay_replacement": true,
                      "published_split": true,
                      "batch_norm_decay": 0.1
                    }
                    """));
    assertThat(folder.resolve("contrast_x_q_y_000000.png")).isNotEmptyFile();
  }

  @Test
  void each_difference_from_the_published_program_can_be_chosen_by_itself() throws IOException {
    train(
        logs,
        append(
            ALL_TERMS,
            "--compat",
            "reference",
            "--pxcontrast_shares_weight",
            0,
            "--pxysgld_shares_weight",
            0,
            "--queue_feeding",
            "once",
            "--pxysgld_energy",
            "joint",
            "--separate_passes",
            0));
    JsonNode result = json(CommandRun.onlyFolder(logs).resolve("result.json"));
    assertThat(result.get("objective").asText())
        .isEqualTo(
            "1.0 cross_entropy + 0.5 conditional_contrastive + 0.25 marginal_contrastive"
                + " + 0.1 marginal_sgld + 0.3 conditional_sgld");
    JsonNode compat = result.get("compat");
    assertThat(compat.get("queue_feeding").asText()).isEqualTo("once");
    assertThat(compat.get("pxysgld_energy").asText()).isEqualTo("joint");
    assertThat(compat.get("separate_passes").asBoolean()).isFalse();
    assertThat(compat.get("queue_start").asText()).isEqualTo("noise");
  }

  @Test
  void contrastive_pictures_follow_the_sum_or_the_mean_of_energies() throws IOException {
    Object[] pictures = {
      "--pyxce", 1, "--pxycontrast", 1, "--n_epochs", 1, "--plot_cond", 1, "--plot_contrast", 1
    };
    Path sum = logs.resolve("sum");
    Path mean = logs.resolve("mean");
    train(sum, append(pictures, "--sgld_lr", 1000));
    train(mean, append(pictures, "--sgld_lr", 1000, "--mean_contrast_energy", 1));
    // 10 classes of 10 chains each: the mean of 100 energies takes steps a hundredth as long.
    Path shorter = logs.resolve("shorter");
    train(shorter, append(pictures, "--sgld_lr", 10));
    byte[] ofMean = contrastivePicture(mean);
    assertThat(ofMean).isNotEqualTo(contrastivePicture(sum));
    assertThat(ofMean).isEqualTo(contrastivePicture(shorter));
  }

  private static byte[] contrastivePicture(Path runs) throws IOException {
    return Files.readAllBytes(CommandRun.onlyFolder(runs).resolve("contrast_x_q_y_000000.png"));
  }

  @Test
  void the_energy_penalty_is_of_every_term_of_log_px() throws IOException {
    train(logs, "--pxcontrast", 1, "--pxsgld", 1, "--energy_penalty", 0.5, "--n_epochs", 1);
    List<String> progress = Files.readAllLines(CommandRun.onlyFolder(logs).resolve("progress.csv"));
    List<String> names = List.of(progress.get(0).split(","));
    String[] values = progress.get(1).split(",");
    for (String term : List.of("marginal_contrastive", "marginal_sgld")) {
      assertThat(Double.parseDouble(values[names.indexOf(term + "/energy_penalty")]))
          .as(term)
          .isPositive();
    }
  }

  @Test
  void alpha_divides_the_weight_between_class_and_image() throws IOException {
    train(logs, "--alpha", 0.25, "--n_epochs", 1);
    JsonNode result = json(CommandRun.onlyFolder(logs).resolve("result.json"));
    assertThat(result.get("objective").asText())
        .isEqualTo("0.25 cross_entropy + 0.75 conditional_contrastive");
  }
}
