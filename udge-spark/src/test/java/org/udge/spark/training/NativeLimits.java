package org.udge.spark.training;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.bytedeco.javacpp.Pointer;
import org.udge.EnergyModel;
import org.udge.datasets.ShapesDataset;
import org.udge.network.Mlp;

/** A program that prints how much native memory a worker may take when it begins to train. */
public final class NativeLimits {

  private NativeLimits() {}

  /**
   * Runs the program.
   *
   * @param arguments a folder for checkpoints, of which there will be none
   */
  public static void main(String... arguments) throws IOException {
    try (SparkSession session = SparkSession.builder().appName("native limits").getOrCreate();
        EnergyModel model =
            EnergyModel.builder(Mlp.of(4))
                .classNames(ShapesDataset.standard().train(1).classNames())
                .build()) {
      SparkTraining training =
          SparkTraining.builder(
                  JavaSparkContext.fromSparkContext(session.sparkContext()),
                  model,
                  worker -> {
                    throw new IllegalStateException(
                        "arrays may take "
                            + (Pointer.maxBytes() >> 20)
                            + " MiB, the process "
                            + (Pointer.maxPhysicalBytes() >> 20)
                            + " MiB");
                  })
              .images(() -> ShapesDataset.standard().train(48), BatchMaker.ofSize(6))
              .checkpoints(Path.of(arguments[0]).toUri().toString(), 1)
              .build();
      try {
        training.fit();
      } catch (SparkTrainingException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
