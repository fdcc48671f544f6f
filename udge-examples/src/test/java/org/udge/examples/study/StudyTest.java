package org.udge.examples.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.examples.CommandRun;
import org.udge.examples.study.StudyPlan.Row;

class StudyTest {

  private static final List<String> ROWS =
      """
      # two networks
      [columns]
      baseline plain
      higher accuracy test/accuracy
      lower AURC test/aurc
      lower seconds train/seconds

      [all]
      train --dataset shapes --data_root {data} --n_train 400 --n_valid 40 --n_test 20 --pyxce 1
      train --depth 10 --width 1 --n_epochs 2 --lr 1e-3 --workers 0
      judge eval classes --eval eval_ece --dataset shapes --n_images 40 --n_bootstrap 0

      [quick]
      train --n_train 60 --n_epochs 1

      [plain]

      [smooth]
      like plain
      train --smoothing .1 !--workers
      """
          .lines()
          .toList();

  @Test
  void rows_inherit_add_replace_and_take_away_flags() throws IOException {
    StudyPlan plan = StudyPlan.parse("rows", ROWS, false);
    assertThat(plan.rows()).extracting(Row::name).containsExactly("plain", "smooth");
    assertThat(plan.baseline()).hasValue("plain");
    assertThat(plan.columns()).hasSize(3);
    Row smooth = plan.rows().get(1);
    assertThat(smooth.of("train").get(0).flags())
        .containsEntry("--smoothing", List.of(".1"))
        .containsEntry("--n_train", List.of("400"))
        .doesNotContainKey("--workers");
    assertThat(smooth.of("judge").get(0).command()).isEqualTo("eval");
    assertThat(StudyPlan.parse("rows", ROWS, true).rows().get(1).of("train").get(0).flags())
        .containsEntry("--n_train", List.of("60"))
        .containsEntry("--smoothing", List.of(".1"));
  }

  @Test
  void refuses_files_that_make_no_sense() {
    refuses("study f has no row", "[all]");
    refuses("a line before the first section", "train --lr 1");
    refuses("there are two sections [a]", "[a]", "train", "[a]");
    refuses("names no row above it", "[a]", "like b");
    refuses("must have one line of train", "[a]", "judge eval x --eval OOD");
    refuses("a line is 'train FLAGS'", "[a]", "bench --mode x");
    refuses("a line is 'train FLAGS'", "[a]", "judge eval --eval OOD");
    refuses("a column is", "[columns]", "up accuracy");
    refuses("names the baseline b, which is no row", "[columns]", "baseline b", "[a]", "train");
    refuses("names of rows are", "[../a]", "train");
  }

  private static void refuses(String message, String... lines) {
    assertThatThrownBy(() -> StudyPlan.parse("f", List.of(lines), false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  @Test
  void differences_count_where_they_exceed_the_deviation_of_both() throws IOException {
    StudyPlan plan = StudyPlan.parse("rows", ROWS, false);
    Map<String, List<Map<String, Double>>> metrics = new LinkedHashMap<>();
    metrics.put("plain", cells("test/accuracy", 0.80, 0.81, 0.82));
    metrics.put("smooth", cells("test/accuracy", 0.84, 0.85, 0.86));
    StudyTable table = StudyTable.of(plan, metrics);
    assertThat(table.against("smooth", plan.columns().get(0))).isEqualTo(1);
    assertThat(table.against("plain", plan.columns().get(0))).isZero();
    assertThat(table.markdown())
        .contains("| metric | plain (baseline) | smooth |")
        .contains("| accuracy (higher) | 0.8100 +- 0.0100 | 0.8500 +- 0.0100 `+` |");
    metrics.put("smooth", cells("test/accuracy", 0.70, 0.85, 0.95));
    assertThat(StudyTable.of(plan, metrics).against("smooth", plan.columns().get(0))).isZero();
    metrics.put("plain", cells("train/seconds", 10, 11));
    metrics.put("smooth", cells("train/seconds", 20, 21));
    assertThat(StudyTable.of(plan, metrics).against("smooth", plan.columns().get(2))).isEqualTo(-1);
  }

  private static List<Map<String, Double>> cells(String key, double... values) {
    return java.util.Arrays.stream(values).mapToObj(value -> Map.of(key, value)).toList();
  }

  @Test
  void trains_judges_compares_and_goes_on_where_it_was_stopped(@TempDir Path folder)
      throws IOException {
    Path rows = Files.write(folder.resolve("two.study"), ROWS);
    Path study = folder.resolve("study");
    Object[] command = {
      "study", "--rows", rows, "--log_dir", study, "--seeds", "1", "--quick", "--only", "plain"
    };
    CommandRun run = CommandRun.of(command);
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("train 1 of 1: row plain, seed 1", "| metric | plain (baseline) |");
    Path cell = study.resolve("plain").resolve("seed-1");
    JsonNode result = new ObjectMapper().readTree(cell.resolve("result.json").toFile());
    assertThat(result.at("/metrics").get("test/accuracy").isNumber()).isTrue();
    assertThat(result.at("/metrics").get("test/aurc").isNumber()).isTrue();
    assertThat(result.at("/metrics").get("validation/accuracy").isNumber()).isTrue();
    assertThat(result.at("/done/judge").isNumber()).isTrue();
    assertThat(study.resolve("study.md")).content().contains("these numbers mean nothing");
    assertThat(study.resolve("study.png")).isNotEmptyFile();
    assertThat(study.resolve("study.json")).isNotEmptyFile();

    // All is done: nothing runs again.
    FileTime before = Files.getLastModifiedTime(cell.resolve("result.json"));
    CommandRun again = CommandRun.of(command);
    assertThat(again.status()).isZero();
    assertThat(again.out()).doesNotContain("train 1 of 1");
    assertThat(Files.getLastModifiedTime(cell.resolve("result.json"))).isEqualTo(before);

    // As if it had been killed in training: there is a state, and no result.
    Files.delete(cell.resolve("result.json"));
    try (Stream<Path> runs = Files.list(cell.resolve("train"))) {
      Files.delete(runs.toList().get(0).resolve("result.json"));
    }
    CommandRun resumed = CommandRun.of(command);
    assertThat(resumed.status()).as(resumed.err()).isZero();
    try (Stream<Path> runs = Files.list(cell.resolve("train"))) {
      assertThat(runs).hasSize(2);
    }
    assertThat(cell.resolve("train.log")).content().contains("run folder");

    // Numbers of other flags do not mix.
    CommandRun other =
        CommandRun.of("study", "--rows", rows, "--log_dir", study, "--seeds", 1, "--only", "plain");
    assertThat(other.status()).isEqualTo(1);
    assertThat(other.err()).contains("was trained as", "give the row another name");
  }

  @Test
  void a_cell_that_fails_is_named_and_the_others_go_on(@TempDir Path folder) throws IOException {
    Path rows =
        Files.writeString(
            folder.resolve("bad.study"),
            """
            [bad]
            train --dataset nowhere --pyxce 1
            [worse]
            train --wrong 1
            [good]
            train --dataset shapes --n_train 40 --n_valid 10 --n_test 10 --pyxce 1 --n_epochs 1
            train --depth 10 --width 1 --warmup_iters 0
            """);
    Path study = folder.resolve("study");
    CommandRun run =
        CommandRun.of(
            "study", "--rows", rows, "--log_dir", study, "--seeds", 1, "--data_root", folder);
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("2 of the study's steps failed", "train.log");
    assertThat(study.resolve("worse/seed-1/train.log")).content().contains("--wrong");
    assertThat(run.out()).contains("train of ", "bad/seed-1 ended with status");
    assertThat(study.resolve("good/seed-1/result.json")).content().contains("train/seconds");
    assertThat(study.resolve("bad/seed-1/result.json")).doesNotExist();

    // The table keeps what --only leaves out.
    CommandRun again =
        CommandRun.of(
            "study",
            "--rows",
            rows,
            "--log_dir",
            study,
            "--seeds",
            1,
            "--data_root",
            folder,
            "--only",
            "worse");
    assertThat(again.status()).isEqualTo(1);
    assertThat(again.err()).contains("1 of the study's steps failed");
    assertThat(study.resolve("study.md")).content().contains("| metric | good |");
  }

  @Test
  void a_second_study_in_the_folder_is_refused(@TempDir Path folder) throws IOException {
    try (var channel =
            java.nio.channels.FileChannel.open(
                folder.resolve("study.lock"),
                java.nio.file.StandardOpenOption.CREATE,
                java.nio.file.StandardOpenOption.WRITE);
        var lock = channel.lock()) {
      assertThat(lock.isValid()).isTrue();
      CommandRun run = CommandRun.of("study", "--log_dir", folder);
      assertThat(run.status()).isEqualTo(1);
      assertThat(run.err()).contains("another process runs the study in");
    }
  }

  @Test
  void the_built_in_rows_are_read_and_their_flags_are_known() throws IOException {
    CommandRun printed = CommandRun.of("study", "--print_rows");
    assertThat(printed.status()).isZero();
    StudyPlan plan = StudyPlan.parse("built-in", printed.out().lines().toList(), true);
    assertThat(plan.rows()).extracting(Row::name).contains("plain", "baseline", "hdge-reference");
    for (Row row : plan.rows()) {
      for (String kind : List.of("train", "select", "judge")) {
        for (StudyPlan.Step step : row.of(kind)) {
          String help = help(step.command());
          assertThat(step.flags().keySet())
              .as("%s of %s", step.words(), row.name())
              .allMatch(flag -> help.contains(flag + "=") || help.contains(flag + " "));
        }
      }
    }
  }

  private static String help(String command) {
    return CommandRun.of(command, "--help").out();
  }
}
