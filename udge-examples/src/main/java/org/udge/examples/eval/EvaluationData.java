package org.udge.examples.eval;

import java.nio.file.Path;
import java.util.List;
import org.udge.examples.cli.Numbers;
import org.udge.examples.models.ImageSets;
import org.udge.examples.models.ScoreFunctions;
import picocli.CommandLine.Option;

/** The images and scores of an evaluation. */
final class EvaluationData {

  @Option(
      names = "--dataset",
      description =
          "The set under evaluation, in distribution: "
              + ImageSets.NAMES
              + ". Default: the set that the run was trained on, else cifar10.")
  String dataset;

  @Option(
      names = "--data_root",
      description = "Folder of the data sets' files. Default: that of the run's training.")
  Path root;

  @Option(
      names = "--ood_dataset",
      split = ",",
      arity = "1..*",
      description = "Out-of-distribution sets for --eval ood, each as for --dataset.")
  List<String> outOfDistributionSets;

  @Option(
      names = "--datasets",
      split = ",",
      arity = "1..*",
      description = "Sets for --eval logp_hist, each as for --dataset. Default: --dataset alone.")
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
      names = "--false_alarms",
      defaultValue = "0.05",
      converter = Numbers.Share.class,
      description =
          "Share of the images of --dataset that thresholds of --eval ood may classify as out of"
              + " distribution."
              + " Default: ${DEFAULT-VALUE}.")
  double falseAlarms;

  @Option(
      names = "--risk",
      converter = Numbers.Share.class,
      description =
          "Acceptable share of wrong answers: test_clf and eval_ece print the lowest probability"
              + " at which to answer, and the share of images answered. Default: none.")
  Double risk;

  @Option(
      names = "--n_bootstrap",
      defaultValue = "200",
      converter = Numbers.NoneOrSeveral.class,
      description =
          "Resamples of the images from which 95 %% intervals of accuracy, ECE15 and AUROC are"
              + " computed;"
              + " 0: no intervals. Default: ${DEFAULT-VALUE}.")
  int resamples;

  @Option(
      names = "--n_images",
      converter = Numbers.AtLeastOne.class,
      description = "Maximum number of images of each set, the first ones. Default: all.")
  Integer limit;

  @Option(
      names = "--batch_size",
      defaultValue = "128",
      converter = Numbers.BatchSize.class,
      description = "Images per batch. Default: ${DEFAULT-VALUE}.")
  int batchSize;

  @Option(
      names = "--real_dataset",
      description =
          "Images to compare samples with: a name as for --dataset, here the training split"
              + " unless it ends in _test, or a file or folder. Adds the distance between samples"
              + " and"
              + " the same number of these images on the model's own features (not comparable with"
              + " published FID) and a picture of samples next to the nearest of these images."
              + " Default: no comparison.")
  String realSet;
}
