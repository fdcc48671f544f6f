package org.udge.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {

  @Test
  void wants_a_command() {
    CommandRun run = CommandRun.of();
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("say which command: quickstart, train");
  }

  @Test
  void refuses_missing_data_as_a_failure(@TempDir Path folder) {
    CommandRun run =
        CommandRun.of("train", "--pyxce", 1, "--data_root", folder, "--log_dir", folder);
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("data_batch_[1-5].bin", folder.toString()).hasLineCount(1);
  }

  @Test
  void shows_a_stack_trace_when_asked(@TempDir Path folder) {
    CommandRun run = CommandRun.of("train", "--pyxce", 1, "--data_root", folder, "--debug");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("\tat org.udge.datasets.DatasetCatalog");
  }

  @ParameterizedTest
  @ValueSource(strings = {"quickstart", "train", "eval", "attack", "score", "export", "bench"})
  void explains_every_flag_and_its_default(String command) {
    CommandRun run = CommandRun.of(command, "--help");
    assertThat(run.status()).isZero();
    String options = run.out().substring(run.out().indexOf("Engine:"));
    assertThat(run.out())
        .contains("--engine", "--debug")
        .containsPattern("Default:\\s+auto")
        .doesNotContain("${");
    assertThat(options).contains("--precision");
    assertThat(Arrays.stream(run.out().split("\n")).filter(line -> line.length() > 110)).isEmpty();
  }

  @Test
  void lists_the_commands() {
    CommandRun run = CommandRun.of("--help");
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains(
            "quickstart",
            "train",
            "eval",
            "attack",
            "score",
            "report",
            "export",
            "bench",
            "doctor");
  }

  @Test
  void writes_a_completion_of_commands_and_flags_for_shells() {
    CommandRun run = CommandRun.of("generate-completion");
    assertThat(run.status()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .startsWith("#!/usr/bin/env bash")
        .contains("complete -F _complete_udge")
        .contains("_picocli_udge_train", "_picocli_udge_eval", "_picocli_udge_score")
        .contains("--pyxce", "--epsilon", "--ood_dataset");
  }
}
