package org.udge.spark.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.udge.EnergyModel;
import org.udge.spark.StandaloneCluster;
import org.udge.spark.TestImages;
import org.udge.spark.commands.SparkScore;

/** Scoring in executors that are processes of their own. */
@Tag("cluster")
class ClusterScoringTest {

  private static final long IMAGES = 200_000;

  /** Heap of 1 GiB, what the process may take besides, and the code of the machine itself. */
  private static final long MOST_MIB = 1024 + 384;

  @TempDir private static Path folder;
  private static StandaloneCluster cluster;
  private static String model;

  @BeforeAll
  static void start() throws IOException {
    cluster = StandaloneCluster.start(folder);
    model = folder.resolve("model.zip").toString();
    try (EnergyModel made = TestImages.model()) {
      made.save(Path.of(model));
    }
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  /** Most memory that an executor had while a program ran, in MiB. */
  private static long run(String name, Class<?> main, String... arguments) throws Exception {
    Process program = cluster.submit(name, main, Map.of(), arguments);
    long most = 0;
    long start = System.nanoTime();
    while (!program.waitFor(200, TimeUnit.MILLISECONDS)) {
      assertThat(System.nanoTime() - start).as(name).isLessThan(TimeUnit.MINUTES.toNanos(90));
      for (ProcessHandle executor : cluster.executors()) {
        most = Math.max(most, residentMib(executor.pid()));
      }
    }
    assertThat(program.exitValue()).as(cluster.log(name)).isZero();
    return most;
  }

  private static long residentMib(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/status"))
          .lines()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException ended) {
      return 0;
    }
  }

  @Test
  void two_hundred_thousand_images_are_scored_once_each_in_bounded_memory() throws Exception {
    long unused = run("write", ManyImages.class, "write", path("images"), "" + IMAGES);
    long start = System.nanoTime();
    long most =
        run(
            "score",
            SparkScore.class,
            "--model",
            model,
            "--parquet",
            path("images"),
            "--output",
            path("scores"));
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
    unused = run("check", ManyImages.class, "check", path("scores"), "" + IMAGES);
    System.out.println(
        cluster
            .log("score")
            .lines()
            .filter(line -> line.contains(" images: "))
            .collect(Collectors.joining()));
    System.out.println(
        cluster
            .log("check")
            .lines()
            .filter(line -> line.startsWith("rows,"))
            .collect(Collectors.joining()));
    System.out.println("largest executor: " + most + " MiB; " + seconds + " seconds");
    assertThat(most).isPositive().isLessThan(MOST_MIB);
  }

  @Test
  void a_folder_of_files_is_scored() throws Exception {
    TestImages.write(folder.resolve("photos"), 0, 200);
    long unused =
        run(
            "files",
            SparkScore.class,
            "--model",
            model,
            "--images",
            path("photos"),
            "--output",
            path("photo-scores"));
    assertThat(cluster.log("files"))
        .contains("200 images: 200 scored, 0 of them out of distribution, 0 could not be read");
  }

  @Test
  void an_executor_without_the_native_library_is_named() throws Exception {
    TestImages.write(folder.resolve("few"), 0, 3);
    Process program =
        cluster.submit(
            "without",
            SparkScore.class,
            Map.of("spark.executor.extraClassPath", StandaloneCluster.classPathWithoutOneDnn()),
            "--model",
            model,
            "--images",
            path("few"),
            "--output",
            path("few-scores"));
    assertThat(program.waitFor(30, TimeUnit.MINUTES)).isTrue();
    assertThat(program.exitValue()).isEqualTo(1);
    assertThat(cluster.log("without"))
        .containsPattern(
            "spark-score: executor \\d+ on 127.0.0.1: it would compute with engine graph, the"
                + " driver has onednn: ");
    assertThat(folder.resolve("few-scores/_SUCCESS")).doesNotExist();
  }
}
