package org.udge.examples;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Images and scores of an evaluation. */
final class EvaluationData {

  @Option(
      names = "--dataset",
      defaultValue = "cifar10",
      description =
          "The set under judgement, in distribution: "
              + ImageSets.NAMES
              + ". Default: ${DEFAULT-VALUE}.")
  String dataset;

  @Option(names = "--data_root", description = "Folder of the data sets' files.")
  Path root;

  @Option(
      names = "--ood_dataset",
      split = ",",
      arity = "1..*",
      description = "Sets out of distribution for --eval OOD, each as --dataset.")
  List<String> outsiders;

  @Option(
      names = "--datasets",
      split = ",",
      arity = "1..*",
      description = "Sets for --eval logp_hist, each as --dataset. Default: --dataset alone.")
  List<String> datasets;

  @Option(
      names = "--score_fn",
      split = ",",
      arity = "1..*",
      defaultValue = "px",
      description =
          "Scores, higher is more in-distribution: "
              + ScoreFunctions.NAMES
              + ". Default: ${DEFAULT-VALUE}.")
  List<String> scores;

  @Option(
      names = "--temperature",
      defaultValue = "1",
      converter = Numbers.Positive.class,
      description = "Temperature of --score_fn energy. Default: ${DEFAULT-VALUE}.")
  double temperature;

  @Option(
      names = "--n_images",
      converter = Numbers.AtLeastOne.class,
      description = "Images of each set at most, the first ones. Default: all.")
  Integer limit;

  @Option(
      names = "--sigma",
      defaultValue = "0",
      converter = Numbers.NotNegative.class,
      description =
          "Standard deviation of noise added to the images; the published program adds .03. Default:"
              + " ${DEFAULT-VALUE}.")
  double sigma;

  @Option(
      names = "--batch_size",
      defaultValue = "128",
      converter = Numbers.AtLeastOne.class,
      description = "Images at once. Default: ${DEFAULT-VALUE}.")
  int batchSize;
}
