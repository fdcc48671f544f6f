package org.udge.examples.models;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.udge.data.ImageSource;
import org.udge.engine.Logits;
import org.udge.evaluation.detection.ContrastiveSimilarity;
import org.udge.evaluation.detection.OutOfDistributionScore;
import org.udge.evaluation.detection.OutOfDistributionScores;
import org.udge.evaluation.features.Mahalanobis;
import org.udge.evaluation.features.NearestNeighbors;
import org.udge.examples.cli.Choice;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.models.LoadedModel.ClosableFeatures;
import org.udge.loss.ContrastiveForm;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Out-of-distribution scores of a model by name. Close it when they are not used any more. */
public final class ScoreFunctions implements AutoCloseable {

  public static final String NAMES =
      "px, py, pxgrad, pxsim, max_logit, entropy, energy, odin, mahalanobis, knn";

  private static final List<String> PLAIN = List.of("px", "py", "pxgrad", "max_logit", "entropy");

  private static final Set<String> OF_GRADIENTS = Set.of("pxgrad", "odin");

  /** Published settings of ODIN. */
  private static final double ODIN_TEMPERATURE = 1000;

  private static final double ODIN_EPSILON = 0.0014;

  /** Of the published contrastive training. */
  private static final double PUBLISHED_TEMPERATURE = 0.1;

  /** Published for CIFAR-10 (Sun et al. 2022). */
  private static final int NEIGHBOR = 50;

  private final LoadedModel loaded;
  private final ScoreOptions options;
  private final ImageSets sets;
  private final Optional<String> judged;
  private final CommandLine line;
  private final ObjectNode settings = JsonFiles.object();
  private Optional<ImageSource> training = Optional.empty();
  private Optional<ClosableFeatures> features = Optional.empty();
  private Optional<String> fittedOn = Optional.empty();

  /**
   * Scores of a model.
   *
   * @param sets where images to fit on are found
   * @param judged the set whose training split is fitted on if nothing else is known
   * @param line for errors
   */
  public ScoreFunctions(
      LoadedModel loaded,
      ScoreOptions options,
      ImageSets sets,
      Optional<String> judged,
      CommandLine line) {
    this.loaded = loaded;
    this.options = options;
    this.sets = sets;
    this.judged = judged;
    this.line = line;
  }

  /** A score. */
  public OutOfDistributionScore named(String name) throws IOException {
    if (OF_GRADIENTS.contains(name)) {
      loaded.requireModel("--score_fn " + name, line);
    }
    if (PLAIN.contains(name)) {
      return OutOfDistributionScores.named(name);
    }
    return switch (name) {
      case "energy" -> OutOfDistributionScores.energy(options.temperature);
      case "odin" -> OutOfDistributionScores.odin(ODIN_TEMPERATURE, ODIN_EPSILON);
      case "pxsim" -> contrastiveSimilarity();
      case "mahalanobis", "knn" -> fitted(name);
      default ->
          throw new ParameterException(
              line, "--score_fn must be one of " + NAMES + ", was '" + name + "'");
    };
  }

  /** {@code pxsim}, in the form and with the temperature of the training. */
  public ContrastiveSimilarity contrastiveSimilarity() {
    Logits queue =
        loaded
            .queue()
            .orElseThrow(
                () ->
                    new ParameterException(
                        line,
                        "--score_fn pxsim needs the queue of a model trained with --pxycontrast or"
                            + " --pxcontrast, beside it in last.state or in the .pt file; this model"
                            + " has none"));
    ContrastiveForm form =
        Optional.ofNullable(options.form)
            .or(() -> loaded.run().contrastiveForm())
            .orElse(ContrastiveForm.REFERENCE);
    double temperature =
        Optional.ofNullable(options.contrastTemperature)
            .or(() -> loaded.run().contrastiveTemperature())
            .orElse(PUBLISHED_TEMPERATURE);
    settings
        .putObject("pxsim")
        .put("contrast_form", Choice.text(form))
        .put("contrast_t", temperature)
        .put("negatives", queue.rows());
    return OutOfDistributionScores.contrastiveSimilarity(queue)
        .withForm(form)
        .withTemperature(temperature);
  }

  private OutOfDistributionScore fitted(String name) throws IOException {
    if (training.isEmpty()) {
      training = Optional.of(fitImages(name));
      features = Optional.of(loaded.features());
      settings
          .putObject("fitted_on")
          .put("set", training.get().name())
          .put("images", training.get().size());
    }
    ImageSource images = training.get();
    try {
      return name.equals("knn")
          ? NearestNeighbors.fit(features.orElseThrow().extractor(), images, NEIGHBOR)
          : Mahalanobis.fit(features.orElseThrow().extractor(), labeled(images));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          line,
          String.format(
              Locale.ROOT,
              "--score_fn %s cannot be fitted on %d images of %s (see --fit_dataset, --n_fit): %s",
              name,
              images.size(),
              images.name(),
              e.getMessage()),
          e);
    }
  }

  /** Under the model's classes; what has no labels is refused where it is used. */
  private ImageSource labeled(ImageSource images) {
    return images.classCount() == 0
        ? images
        : MatchedClasses.of("--fit_dataset", images.name(), images, loaded.classifier(), line);
  }

  private ImageSource fitImages(String score) throws IOException {
    String set =
        Optional.ofNullable(options.fitSet)
            .or(() -> loaded.run().dataset())
            .or(() -> judged.flatMap(ImageSets::trainingSplit))
            .orElseThrow(
                () ->
                    new ParameterException(
                        line,
                        "--score_fn "
                            + score
                            + " needs images like those the model was trained on, which this model"
                            + " does not name: --fit_dataset "
                            + ImageSets.TRAINING_NAMES));
    fittedOn = Optional.of(set);
    return ImageSets.some(sets.openTraining("--fit_dataset", set, null), options.fitLimit);
  }

  /** What was found out for the scores asked for: form and temperature, images fitted on. */
  public ObjectNode settings() {
    return settings;
  }

  /** The flags that make {@code score} compute this score of this model. */
  public String flags(String name) {
    Map<String, String> flags = new LinkedHashMap<>();
    flags.put("--score_fn", name);
    if (name.equals("mahalanobis") || name.equals("knn")) {
      fittedOn
          .filter(set -> !loaded.run().dataset().equals(Optional.of(set)))
          .ifPresent(set -> flags.put("--fit_dataset", set));
    }
    for (OptionSpec option : line.getParseResult().matchedOptions()) {
      if (ScoreOptions.READ_BY.getOrDefault(option.longestName(), Set.of()).contains(name)) {
        flags.put(option.longestName(), option.stringValues().get(0));
      }
    }
    return flags.entrySet().stream()
        .map(flag -> flag.getKey() + " " + flag.getValue())
        .collect(Collectors.joining(" "));
  }

  @Override
  public void close() {
    features.ifPresent(ClosableFeatures::close);
  }
}
