package org.udge.examples.models;

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

  private static final Set<String> FITTED = Set.of("mahalanobis", "knn");
  private static final Set<String> CONTRASTIVE = Set.of("pxsim");

  /** Which scores read which flag. */
  public static final Map<String, Set<String>> READ_BY =
      Map.of(
          "--temperature", Set.of("energy"),
          "--fit_dataset", FITTED,
          "--n_fit", FITTED,
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
          "Images that --score_fn mahalanobis (labeled) and knn (any) are fitted on: a name as of"
              + " data sets elsewhere, here the training split unless it ends in _test, or a file or"
              + " folder. Default: the training split of what the run was trained on; of a model that"
              + " is not in a run folder of train, that of eval's --dataset.")
  public String fitSet;

  @Option(
      names = "--n_fit",
      defaultValue = "10000",
      converter = Numbers.AtLeastOne.class,
      description =
          "Images of --fit_dataset at most, chosen at random, always the same. Default:"
              + " ${DEFAULT-VALUE}.")
  public int fitLimit;

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
          "Temperature of --score_fn pxsim. Default: as the run was trained, else the published 0.1.")
  public Double contrastTemperature;

  /** Refuses a flag that was given and that none of the scores reads. */
  public static void check(List<String> scores, CommandLine line) {
    for (OptionSpec option : line.getParseResult().matchedOptions()) {
      Set<String> readers = READ_BY.getOrDefault(option.longestName(), Set.copyOf(scores));
      if (scores.stream().noneMatch(readers::contains)) {
        throw new ParameterException(
            line,
            String.format(
                Locale.ROOT,
                "%s does nothing with --score_fn %s: it is for %s",
                option.longestName(),
                String.join(",", scores),
                String.join(", ", readers.stream().sorted().toList())));
      }
    }
  }
}
