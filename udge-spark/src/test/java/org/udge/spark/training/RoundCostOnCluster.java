package org.udge.spark.training;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.udge.spark.StandaloneCluster;
import org.udge.spark.commands.RoundCost;

/**
 * Runs {@link RoundCost} on a standalone cluster of two workers in processes of their own. Not a
 * test, which would say nothing: a program for a quiet machine with 20 GB of memory.
 */
final class RoundCostOnCluster {

  private RoundCostOnCluster() {}

  /**
   * Runs the program.
   *
   * @param arguments those of {@link RoundCost}
   */
  public static void main(String... arguments) throws Exception {
    Path folder = Files.createTempDirectory("udge-round-cost-");
    try (StandaloneCluster cluster = StandaloneCluster.start(folder)) {
      Process program =
          cluster.submit(
              "round-cost",
              RoundCost.class,
              Map.of(
                  "spark.driver.memory",
                  "4g",
                  "spark.executor.memory",
                  "5g",
                  "spark.executor.memoryOverhead",
                  "2g"),
              arguments);
      int status = program.waitFor();
      System.out.println(cluster.log("round-cost"));
      System.out.println("status " + status + ", logs in " + folder);
    }
  }
}
