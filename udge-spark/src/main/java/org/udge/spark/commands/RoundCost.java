package org.udge.spark.commands;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.udge.EnergyModel;
import org.udge.data.ImageSource;
import org.udge.datasets.ShapesDataset;
import org.udge.loss.CrossEntropy;
import org.udge.network.Mlp;
import org.udge.spark.training.BatchMaker;
import org.udge.spark.training.RoundListener;
import org.udge.spark.training.RoundReport;
import org.udge.spark.training.SparkTraining;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.Optimizer;
import org.udge.training.Trainer;
import org.udge.training.TrainingControl;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures the cost of a round in addition to its local steps, by the size of the parameters. A
 * program for {@code spark-submit}.
 */
@Command(
    name = "round-cost",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description =
        "Measures the cost of a round of training on Spark in addition to its local" + " steps.")
public final class RoundCost implements Callable<Integer> {

  @Option(
      names = "--megabytes",
      paramLabel = "MB",
      split = ",",
      description = "of parameters; default: 0.3,11,146, where WRN-10-1 has 0.3 and WRN-28-10 146")
  private List<Double> megabytes = List.of(0.3, 11.0, 146.0);

  @Option(names = "--workers", paramLabel = "N", description = "default: 2")
  private int workers = 2;

  @Option(names = "--rounds", paramLabel = "N", description = "measured; default: 20")
  private int rounds = 20;

  @Option(names = "--warmup_rounds", paramLabel = "N", description = "before them; default: 5")
  private int warmUp = 5;

  private RoundCost() {}

  /**
   * Runs the program.
   *
   * @param arguments {@code --help} explains them
   */
  public static void main(String... arguments) {
    Program.main(new RoundCost(), arguments);
  }

  @Override
  public Integer call() throws Exception {
    try (SparkSession session = SparkSession.builder().appName("udge round cost").getOrCreate()) {
      JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
      System.out.println("MB of parameters, workers, median ms beyond local steps, slowest ms");
      for (double size : megabytes) {
        List<Double> costs = measure(spark, size);
        Collections.sort(costs);
        System.out.printf(
            Locale.ROOT,
            "%.1f, %d, %.0f, %.0f%n",
            size,
            workers,
            costs.get(costs.size() / 2),
            costs.get(costs.size() - 1));
      }
    }
    return 0;
  }

  /** Milliseconds of each round, excluding those of the slowest worker's steps. */
  private List<Double> measure(JavaSparkContext spark, double size) throws Exception {
    ImageSource images = ShapesDataset.standard().train(1);
    int perUnit = images.shape().size() + 1 + images.classCount();
    int hidden = (int) Math.max(1, Math.round(size * 1e6 / Float.BYTES / perUnit));
    List<Double> costs = new ArrayList<>();
    int last = warmUp + rounds;
    Path folder = Files.createTempDirectory("udge-round-cost-");
    try (EnergyModel model =
        EnergyModel.builder(Mlp.of(hidden)).classNames(images.classNames()).build()) {
      SparkTraining.builder(
              spark,
              model,
              worker ->
                  Trainer.builder(worker, Objective.of(CrossEntropy.ofDefaults()))
                      .optimizer(Optimizer.sgd())
                      .learningRate(LearningRate.constant(1e-4)))
          .images(() -> ShapesDataset.standard().train(1_000), BatchMaker.ofSize(1))
          .workers(workers)
          .localSteps(1)
          .checkpoints(folder.toUri().toString(), last + 1)
          .listener(
              new RoundListener() {
                @Override
                public void onRound(RoundReport report, TrainingControl control) {
                  if (report.round() > warmUp) {
                    costs.add(1e3 * (report.seconds() - report.stepSeconds()));
                  }
                  if (report.round() == last) {
                    control.requestStop();
                  }
                }
              })
          .build()
          .fit();
    } finally {
      MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
    }
    return costs;
  }
}
