package org.udge.examples.models;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.udge.examples.cli.Numbers;
import org.udge.loss.ContrastiveForm;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Settings of out-of-distribution scores. */
public final class ScoreOptions {

  /** Scores that are fitted on features of training images. */
  static final Set<String> FITTED =
      Set.of("mahalanobis", "rmds", "knn", "fdbd", "nci", "vim", "relation");

  /** Flags that specify the source of these features. */
  static final Set<String> OF_FEATURES =
      Set.of("--fit_dataset", "--n_fit", "--features", "--save_features");

  private static final Set<String> CONTRASTIVE = Set.of("pxsim");

  /** The scores that read each flag. */
  public static final Map<String, Set<String>> READ_BY =
      Map.of(
          "--temperature", Set.of("energy"),
          "--fit_dataset", FITTED,
          "--n_fit", FITTED,
          "--features", FITTED,
          "--save_features", FITTED,
          "--contrast_form", CONTRASTIVE,
          "--contrast_t", CONTRASTIVE,
          "--pxsim_labels", CONTRASTIVE);

  @Option(
      names = "--temperature",
      defaultValue = "1",
      converter = Numbers.Positive.class,
      description = "Temperature of --score_fn energy. Default: ${DEFAULT-VALUE}.")
  public double temperature;

  @Option(
      names = "--fit_dataset",
      description =
          "Images that --score_fn mahalanobis and rmds (labeled), knn, fdbd, nci, vim and relation"
              + " (any) are fitted on: a data set's name, here the training split unless it ends"
              + " in _test, or a file or folder. Default: the training split of the set that the"
              + " run was trained on; for a model outside of a run folder of train, that of"
              + " eval's --dataset; with --dataset held_out, trained_on.")
  public String fitSet;

  @Option(
      names = "--n_fit",
      defaultValue = "10000",
      converter = Numbers.AtLeastOne.class,
      description =
          "Maximum number of images of --fit_dataset, chosen at random, always the same. Default:"
              + " ${DEFAULT-VALUE}.")
  public int fitLimit;

  @Option(
      names = "--features",
      description =
          "A file of --save_features to fit on instead of images, so that serving needs no"
              + " training images. Refused if the model's parameters differ. Default: none.")
  public Path features;

  @Option(
      names = "--save_features",
      description =
          "A file to which the features that scores were fitted on are written, for --features."
              + " Default: none.")
  public Path saveFeatures;

  @Option(
      names = "--contrast_form",
      description =
          "Form of --score_fn pxsim: reference or paper. Default: as the run was trained, else"
              + " reference.")
  public ContrastiveForm form;

  @Option(
      names = "--contrast_t",
      converter = Numbers.Positive.class,
      description =
          "Temperature of --score_fn pxsim. Default: as the run was trained, else the published"
              + " 0.1.")
  public Double contrastTemperature;

  /** Refuses a flag that was given but that none of the scores reads. */
  public static void check(List<String> scores, CommandLine line) {
    for (String flag : List.of("--fit_dataset", "--n_fit", "--save_features")) {
      if (line.getParseResult().hasMatchedOption("--features")
          && line.getParseResult().hasMatchedOption(flag)) {
        throw new ParameterException(
            line, flag + " has no effect with --features, which replace images to fit on");
      }
    }
    for (OptionSpec option : line.getParseResult().matchedOptions()) {
      Set<String> readers = READ_BY.getOrDefault(option.longestName(), Set.copyOf(scores));
      if (scores.stream().noneMatch(readers::contains)) {
        throw new ParameterException(
            line,
            String.format(
                Locale.ROOT,
                "%s has no effect with --score_fn %s: it is for %s",
                option.longestName(),
                String.join(",", scores),
                String.join(", ", readers.stream().sorted().toList())));
      }
    }
  }
}
