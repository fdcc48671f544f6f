package org.udge.spark.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.EnergyModel;
import org.udge.spark.StandaloneCluster;
import org.udge.spark.commands.SparkTrain;

/** Real processes, some of which are killed. */
@Tag("cluster")
class ClusterTrainingTest {

  @TempDir private static Path folder;

  private static StandaloneCluster cluster;

  @BeforeAll
  static void start() throws IOException {
    cluster = StandaloneCluster.start(folder);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static Process train(String name, String run, String... more) throws IOException {
    return train(name, run, Map.of(), more);
  }

  private static Process train(
      String name, String run, Map<String, String> settings, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--n_train",
                "320",
                "--batch_size",
                "8",
                "--n_epochs",
                "4",
                "--local_steps",
                "4",
                "--terms",
                "cross_entropy,conditional_contrastive",
                "--outer",
                "nesterov",
                "--checkpoint_every",
                "5",
                "--checkpoints",
                folder.resolve(run).toUri().toString(),
                "--output",
                folder.resolve(name + ".zip").toString()));
    arguments.addAll(List.of(more));
    return cluster.submit(name, SparkTrain.class, settings, arguments.toArray(new String[0]));
  }

  /** Whether this takes one minute or ten depends on what else the machine does. */
  private static void ends(Process program) throws InterruptedException {
    assertThat(program.waitFor(30, TimeUnit.MINUTES)).isTrue();
  }

  private static void succeeds(String name, Process program) throws Exception {
    ends(program);
    assertThat(program.exitValue()).as(cluster.log(name)).isZero();
  }

  private static float[] parameters(String name) throws IOException {
    try (EnergyModel model = EnergyModel.load(folder.resolve(name + ".zip"))) {
      return model.graph().params().dup('c').data().asFloat();
    }
  }

  private static void awaitRound(Process program, String run, String round) {
    StandaloneCluster.await(
        round + " of " + run,
        () -> Files.exists(folder.resolve(run).resolve(round)) || !program.isAlive());
    assertThat(program.isAlive()).isTrue();
  }

  @Test
  void killed_executors_and_drivers_change_no_bit_of_the_result() throws Exception {
    succeeds("undisturbed", train("undisturbed", "undisturbed"));

    Process loses = train("loses-executor", "loses-executor");
    awaitRound(loses, "loses-executor", "round-00000005");
    ProcessHandle executor = cluster.executors().get(0);
    assertThat(executor.destroyForcibly()).isTrue();
    succeeds("loses-executor", loses);
    assertThat(cluster.log("loses-executor")).contains("Lost executor");
    assertThat(parameters("loses-executor")).isEqualTo(parameters("undisturbed"));

    Process killed = train("killed", "killed");
    awaitRound(killed, "killed", "round-00000010");
    killed.destroyForcibly();
    ends(killed);
    assertThat(folder.resolve("killed.zip")).doesNotExist();
    succeeds("goes-on", train("goes-on", "killed", "--resume"));
    assertThat(parameters("goes-on")).isEqualTo(parameters("undisturbed"));
    print("undisturbed", "EPOCHS_DONE");
    print("loses-executor", "Lost executor");
    print("loses-executor", "EPOCHS_DONE");
    print("goes-on", "EPOCHS_DONE");
  }

  /** Output of a program, for docs/distributed.md. */
  private static void print(String name, String line) throws IOException {
    cluster
        .log(name)
        .lines()
        .filter(each -> each.contains(line))
        .limit(1)
        .forEach(each -> System.out.println(name + ": " + each));
  }

  @Test
  void two_threads_of_one_process_have_the_bits_of_two_processes() throws Exception {
    succeeds("processes", train("processes", "processes"));
    succeeds("threads", train("threads", "threads", Map.of("spark.master", "local[2]")));
    assertThat(parameters("threads")).isEqualTo(parameters("processes"));
  }

  @Test
  void executors_may_take_the_native_memory_that_spark_gives_them() throws Exception {
    Process program =
        cluster.submit(
            "limits",
            NativeLimits.class,
            Map.of("spark.executor.memoryOverhead", "500m"),
            folder.resolve("limits").toString());
    succeeds("limits", program);
    assertThat(cluster.log("limits"))
        .containsPattern(
            "worker 0 on executor \\d \\(127.0.0.1\\): arrays may take 500 MiB, the process 1524 MiB");
  }

  @Test
  void an_executor_without_the_native_library_is_named() throws Exception {
    Process program =
        train(
            "without",
            "without",
            Map.of("spark.executor.extraClassPath", StandaloneCluster.classPathWithoutOneDnn()));
    ends(program);
    assertThat(program.exitValue()).as(cluster.log("without")).isEqualTo(1);
    assertThat(cluster.log("without"))
        .containsPattern(
            "(?m)^spark-train: worker 0 on executor \\d \\(127.0.0.1\\): it would compute with"
                + " engine graph, the driver has onednn: ");
    assertThat(Arrays.asList(folder.resolve("without").toFile().list()))
        .noneMatch(name -> name.startsWith("round"));
    print("without", "spark-train: ");
  }

  @Test
  void executors_with_other_classes_than_the_drivers_are_named() throws Exception {
    Path other = folder.resolve("other-classes");
    Path copy = other.resolve("org/udge/EnergyModel.class");
    Files.createDirectories(copy.getParent());
    try (InputStream original = EnergyModel.class.getResourceAsStream("EnergyModel.class")) {
      Files.copy(original, copy);
    }
    Process program =
        train(
            "differs",
            "differs",
            Map.of(
                "spark.executor.extraClassPath",
                other + File.pathSeparator + StandaloneCluster.classPath()));
    ends(program);
    assertThat(program.exitValue()).isEqualTo(1);
    assertThat(cluster.log("differs"))
        .containsPattern(
            "(?m)^spark-train: worker 0 on executor \\d \\(127.0.0.1\\) runs other classes of this"
                + " library than the driver");
    assertThat(Arrays.asList(folder.resolve("differs").toFile().list()))
        .noneMatch(name -> name.startsWith("round"));
    print("differs", "spark-train: ");
  }
}
