package org.udge.spark.commands;

import static org.udge.internal.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.udge.EnergyModel;
import org.udge.data.ImageSource;
import org.udge.datasets.Augmentations;
import org.udge.datasets.DatasetCatalog;
import org.udge.datasets.ShuffledBatches;
import org.udge.datasets.Split;
import org.udge.datasets.Subset;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.Evaluation;
import org.udge.evaluation.calibration.CalibrationEvaluator;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.ConditionalSGLD;
import org.udge.loss.CrossEntropy;
import org.udge.loss.LossTerm;
import org.udge.loss.MarginalContrastive;
import org.udge.loss.MarginalSGLD;
import org.udge.network.WideResNet;
import org.udge.spark.data.ImageSourceFactory;
import org.udge.spark.training.BatchMaker;
import org.udge.spark.training.LocalTraining;
import org.udge.spark.training.OuterOptimizer;
import org.udge.spark.training.SparkTraining;
import org.udge.spark.training.SparkTrainingResult;
import org.udge.training.DivergenceGuard;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.Trainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains a wide residual network on Spark. A program for {@code spark-submit}. */
@Command(
    name = "spark-train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Trains a wide residual network in synchronous rounds on Apache Spark.")
public final class SparkTrain implements Callable<Integer> {

  /** Terms of the objective, by their names in reports. */
  enum Term {
    CROSS_ENTROPY,
    CONDITIONAL_CONTRASTIVE,
    MARGINAL_CONTRASTIVE,
    CONDITIONAL_SGLD,
    MARGINAL_SGLD;

    LossTerm term() {
      return switch (this) {
        case CROSS_ENTROPY -> CrossEntropy.ofDefaults();
        case CONDITIONAL_CONTRASTIVE -> ConditionalContrastive.ofDefaults();
        case MARGINAL_CONTRASTIVE -> MarginalContrastive.ofDefaults();
        case CONDITIONAL_SGLD -> ConditionalSGLD.ofDefaults();
        case MARGINAL_SGLD -> MarginalSGLD.ofDefaults();
      };
    }
  }

  /** The combination of the workers' parameters. */
  enum Outer {
    AVERAGING,
    NESTEROV;

    OuterOptimizer optimizer() {
      return this == AVERAGING ? OuterOptimizer.averaging() : OuterOptimizer.nesterov();
    }
  }

  /** Adam on the sum of some terms; serializable, for sending to the executors. */
  private record AdamOn(List<Term> terms, double rate, long warmUp) implements LocalTraining {
    @Override
    public Trainer.Builder settings(EnergyModel model) {
      Objective objective = Objective.of(terms.get(0).term());
      for (Term term : terms.subList(1, terms.size())) {
        objective = objective.plus(term.term());
      }
      return Trainer.builder(model, objective)
          .learningRate(LearningRate.constant(rate).withWarmUp(warmUp));
    }
  }

  /** The first images of a split; built-in sets need no folder. */
  private record Images(String set, @Nullable String root, Split split, int count)
      implements ImageSourceFactory {
    @Override
    public ImageSource open() throws IOException {
      DatasetCatalog catalog =
          Optional.ofNullable(root)
              .map(folder -> DatasetCatalog.at(Path.of(folder)))
              .orElseGet(DatasetCatalog::builtIn);
      ImageSource all = catalog.open(set, split);
      return count == 0 ? all : Subset.first(all, Math.min(count, all.size()));
    }
  }

  @Option(
      names = "--dataset",
      paramLabel = "NAME",
      description = "a data set by name; default: shapes, which is built in")
  private String dataset = "shapes";

  @Option(
      names = "--data_root",
      paramLabel = "FOLDER",
      description = "folder of its files, the same on every machine")
  private @Nullable String dataRoot;

  @Option(
      names = "--n_train",
      paramLabel = "N",
      description = "train on the first N images; default: all")
  private int trainImages;

  @Option(
      names = "--n_valid",
      paramLabel = "N",
      description = "evaluate epochs on the last N of them, which are not trained on; default: 0")
  private int validationImages;

  @Option(names = "--depth", paramLabel = "N", description = "of the network; default: 10")
  private int depth = 10;

  @Option(names = "--width", paramLabel = "N", description = "of the network; default: 1")
  private int width = 1;

  @Option(
      names = "--terms",
      paramLabel = "TERM",
      split = ",",
      description = "terms of the objective: ${COMPLETION-CANDIDATES}; default: cross_entropy")
  private List<Term> terms = List.of(Term.CROSS_ENTROPY);

  @Option(names = "--lr", paramLabel = "RATE", description = "of Adam; default: 0.001")
  private double learningRate = 1e-3;

  @Option(
      names = "--warmup_iters",
      paramLabel = "N",
      description = "updates over which the rate rises; default: 0")
  private long warmUp;

  @Option(
      names = "--batch_size",
      paramLabel = "N",
      description = "images per step on each worker; default: 32")
  private int batchSize = 32;

  @Option(
      names = "--sigma",
      paramLabel = "S",
      description = "noise on training images, in addition to crops and flips; default: 0.03")
  private double sigma = 0.03;

  @Option(names = "--n_epochs", paramLabel = "N", description = "default: 1")
  private long epochs = 1;

  @Option(names = "--workers", paramLabel = "N", description = "default: 2")
  private int workers = 2;

  @Option(names = "--local_steps", paramLabel = "H", description = "of a round; default: 20")
  private int localSteps = 20;

  @Option(
      names = "--outer",
      paramLabel = "NAME",
      description = "${COMPLETION-CANDIDATES}; default: averaging")
  private Outer outer = Outer.AVERAGING;

  @Option(names = "--seed", paramLabel = "N", description = "of all randomness; default: 1")
  private long seed = 1;

  @Option(
      names = "--guard",
      description = "roll all workers back when one diverges; use it with the SGLD terms")
  private boolean guard;

  @Option(
      names = "--checkpoints",
      paramLabel = "FOLDER",
      required = true,
      description =
          "folder of checkpoints, on storage that all machines can access (hdfs:, s3a:,"
              + " file:)")
  private String checkpoints = "";

  @Option(
      names = "--checkpoint_every",
      paramLabel = "R",
      description = "rounds between them; default: 20")
  private int checkpointEvery = 20;

  @Option(names = "--resume", description = "resume from the last checkpoint, if there is one")
  private boolean resume;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "the file to write the model to, on the driver's machine; default: none")
  private @Nullable Path output;

  SparkTrain() {}

  /**
   * Runs the program.
   *
   * @param arguments {@code --help} explains them
   */
  public static void main(String... arguments) {
    Program.main(new SparkTrain(), arguments);
  }

  @Override
  public Integer call() throws Exception {
    Images images = new Images(dataset, dataRoot, Split.TRAIN, trainImages);
    ImageSource all = images.open();
    int trained = all.size() - validationImages;
    checkArgument(
        validationImages >= 0 && trained > 0,
        "--n_valid must be 0 to %s, one less than there are images, was %s",
        all.size() - 1,
        validationImages);
    double noise = sigma;
    int size = batchSize;
    BatchMaker batches =
        (shard, streams) ->
            ShuffledBatches.builder(shard, size, streams)
                .augmentation(Augmentations.standard(noise))
                .build();
    try (SparkSession session = SparkSession.builder().appName("udge train").getOrCreate();
        EnergyModel model =
            EnergyModel.builder(WideResNet.of(depth, width))
                .shape(all.shape())
                .classNames(all.classNames())
                .seed(seed)
                .build()) {
      SparkTraining.Builder training =
          SparkTraining.builder(
                  JavaSparkContext.fromSparkContext(session.sparkContext()),
                  model,
                  new AdamOn(List.copyOf(terms), learningRate, warmUp))
              .images(new Images(dataset, dataRoot, Split.TRAIN, trained), batches)
              .workers(workers)
              .localSteps(localSteps)
              .epochs(epochs)
              .seed(seed)
              .outerOptimizer(outer.optimizer())
              .checkpoints(checkpoints, checkpointEvery);
      if (validationImages > 0) {
        training.validation(
            Subset.of(all, IntStream.range(trained, all.size()).toArray()).named("validation"));
      }
      if (guard) {
        training.guard(DivergenceGuard.ofDefaults());
      }
      if (resume) {
        training.resume();
      }
      SparkTrainingResult result = training.build().fit();
      System.out.println(result);
      System.out.println(
          Evaluation.of(model)
              .with(ClassificationEvaluator.ofDefaults())
              .with(CalibrationEvaluator.ofDefaults())
              .run(new Images(dataset, dataRoot, Split.TEST, 0).open()));
      if (output != null) {
        model.save(output);
      }
    }
    return 0;
  }
}
