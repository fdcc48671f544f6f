package org.udge.spark.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.udge.EnergyModel;
import org.udge.data.ImageSource;
import org.udge.datasets.DatasetCatalog;
import org.udge.datasets.Split;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.EvaluationReport;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.CrossEntropy;
import org.udge.spark.data.ImageSourceFactory;
import org.udge.spark.evaluation.SparkEvaluation;
import org.udge.training.DivergenceGuard;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.Trainer;

/** The Java of docs/distributed.md on training, compiled here; the document quotes it. */
final class DocumentedTraining {

  private DocumentedTraining() {}

  static SparkTrainingResult train(
      JavaSparkContext spark, EnergyModel model, ImageSource validationImages) {
    // Runs on the executors, for each worker's own model.
    LocalTraining local =
        worker ->
            Trainer.builder(
                    worker,
                    Objective.of(CrossEntropy.ofDefaults())
                        .plus(ConditionalContrastive.ofDefaults()))
                .learningRate(LearningRate.constant(1e-3));
    // The model holds the first parameters, and in the end the result.
    return SparkTraining.builder(spark, model, local)
        .images(
            () -> DatasetCatalog.at(Path.of("/data")).open("cifar10", Split.TRAIN),
            BatchMaker.ofSize(64))
        .workers(16)
        .localSteps(20) // H
        .outerOptimizer(OuterOptimizer.nesterov()) // default: averaging()
        .checkpoints("hdfs:///runs/mine", 10) // every 10 rounds
        .validation(validationImages)
        .guard(DivergenceGuard.ofDefaults())
        .build()
        .fit();
  }

  static EvaluationReport validate(
      SparkSession spark, EnergyModel model, Path file, ImageSourceFactory images) {
    try {
      model.save(file);
      return SparkEvaluation.of(spark, file.toUri().toString())
          .withSplit("validation")
          .with(ClassificationEvaluator::ofDefaults)
          .run(images, 64);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
