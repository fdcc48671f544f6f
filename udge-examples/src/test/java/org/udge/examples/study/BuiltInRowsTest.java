package org.udge.examples.study;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.examples.CommandRun;
import org.udge.examples.SmallDatasets;
import org.udge.examples.study.StudyPlan.Column;
import org.udge.examples.study.StudyPlan.Row;
import org.udge.examples.study.StudyPlan.Step;

/** Every row of the built-in comparison, on a few images without meaning. */
class BuiltInRowsTest {

  /** In place of those of {@code --quick}, where a step has them. */
  private static final Map<String, String> SMALL =
      Map.of(
          "--n_train", "100",
          "--n_valid", "30",
          "--n_test", "10",
          "--batch_size", "25",
          "--contrast_k", "64",
          "--sgld_batch_size", "4",
          "--n_images", "20",
          "--n_fit", "100");

  @TempDir private static Path data;
  @TempDir private static Path runs;

  @BeforeAll
  static void write() throws IOException {
    SmallDatasets.write(data);
    byte[] records = new byte[150 * 3073];
    new Random(1).nextBytes(records);
    for (int i = 0; i < 150; i++) {
      records[i * 3073] = (byte) (i % 10);
    }
    Files.write(data.resolve("data_batch_1.bin"), records);
  }

  private static CommandRun run(Row row, Step step) throws IOException {
    List<Object> args = new ArrayList<>(List.of(step.command()));
    for (Map.Entry<String, List<String>> flag : step.flags().entrySet()) {
      args.add(flag.getKey());
      for (String value : flag.getValue()) {
        args.add(
            value.startsWith("{run:")
                ? model(value.substring("{run:".length(), value.length() - 1))
                : SMALL.getOrDefault(flag.getKey(), value).replace("{data}", data.toString()));
      }
    }
    boolean training = step.words().equals("train");
    if (!training) {
      args.addAll(List.of("--load_path", model(row.name())));
    }
    args.addAll(List.of("--log_dir", runs.resolve(row.name()).resolve(step.fileName())));
    args.addAll(List.of("--threads", 1));
    CommandRun run = CommandRun.of(args.toArray());
    assertThat(run.err()).as("%s of %s", step.words(), row.name()).isEmpty();
    assertThat(run.status()).as("%s of %s", step.words(), row.name()).isZero();
    return run;
  }

  private static Path model(String row) throws IOException {
    return CommandRun.onlyFolder(runs.resolve(row).resolve("train"));
  }

  private static Map<String, Double> metrics(Row row, Step step) throws IOException {
    Path folder = CommandRun.onlyFolder(runs.resolve(row.name()).resolve(step.fileName()));
    Map<String, Double> metrics = new LinkedHashMap<>();
    new ObjectMapper()
        .readTree(folder.resolve("result.json").toFile())
        .get("metrics")
        .properties()
        .forEach(metric -> metrics.put(metric.getKey(), metric.getValue().asDouble(Double.NaN)));
    return metrics;
  }

  @Test
  void all_rows_train_and_those_judged_fill_all_columns() throws IOException {
    StudyPlan plan =
        StudyPlan.parse(
            "built-in", CommandRun.of("study", "--print_rows").out().lines().toList(), true);
    String precision = "{precision}";
    assertThat(plan.rows()).hasSize(11).noneMatch(row -> row.toString().contains(precision));
    for (Row row : plan.rows()) {
      run(row, row.training());
    }
    // What is judged is the same for all rows: the baseline, and the one with most behind it.
    for (Row row : List.of(plan.rows().get(1), plan.rows().get(9))) {
      Map<String, Double> found = new LinkedHashMap<>();
      for (Step step : row.of("select")) {
        run(row, step);
        assertThat(metrics(row, step))
            .containsKeys("ood/held_out+patches/knn/auroc", "ood/noise/px/auroc");
      }
      for (Step step : row.of("judge")) {
        run(row, step);
        found.putAll(metrics(row, step));
      }
      TreeSet<String> missing = new TreeSet<>();
      for (Column column : plan.columns()) {
        if (!column.key().equals("train/seconds")
            && !Double.isFinite(found.getOrDefault(column.key(), Double.NaN))) {
          missing.add(column.key());
        }
      }
      assertThat(missing).as(row.name()).isEmpty();
    }
  }
}
