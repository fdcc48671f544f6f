package org.udge.spark.commands;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkTrainTest {

  @TempDir private Path folder;

  @Test
  void a_failure_is_told_in_one_line() {
    Outcome outcome =
        Outcome.of(
            new SparkTrain(), "--dataset", "cifar11", "--checkpoints", folder.toUri().toString());
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.errors().lines())
        .singleElement()
        .asString()
        .startsWith("spark-train: unknown data set 'cifar11': expected one of cifar10, ");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void images_must_be_left_to_train_on() {
    Outcome outcome =
        Outcome.of(
            new SparkTrain(),
            "--n_train",
            "200",
            "--n_valid",
            "200",
            "--checkpoints",
            folder.toUri().toString());
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.errors())
        .startsWith(
            "spark-train: --n_valid must be 0 to 199, one less than there are images, was 200");
  }

  @Test
  void wrong_usage_has_a_status_of_its_own() {
    Outcome outcome = Outcome.of(new SparkTrain(), "--dataset", "shapes");
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.errors()).startsWith("Missing required option: '--checkpoints=FOLDER'");
  }

  @Test
  void terms_are_named_in_lower_case_too() {
    assertThat(
            Outcome.of(
                    new SparkTrain(),
                    "--terms",
                    "cross_entropy,energy",
                    "--checkpoints",
                    folder.toUri().toString())
                .errors())
        .startsWith("Invalid value for option '--terms' (TERM)")
        .contains("was 'energy'");
  }
}
