package org.udge.examples.models;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.udge.data.ImageSource;
import org.udge.engine.Logits;
import org.udge.evaluation.detection.ContrastiveSimilarity;
import org.udge.evaluation.detection.OutOfDistributionScore;
import org.udge.evaluation.detection.OutOfDistributionScores;
import org.udge.evaluation.features.DecisionBoundaryDistance;
import org.udge.evaluation.features.FeatureExtractor;
import org.udge.evaluation.features.LinearHead;
import org.udge.evaluation.features.Mahalanobis;
import org.udge.evaluation.features.NearestNeighbors;
import org.udge.evaluation.features.NeuralCollapse;
import org.udge.evaluation.features.Relation;
import org.udge.evaluation.features.RelativeMahalanobis;
import org.udge.evaluation.features.TrainingFeatures;
import org.udge.evaluation.features.VirtualLogit;
import org.udge.examples.cli.Choice;
import org.udge.examples.cli.Flags;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.models.LoadedModel.ClosableFeatures;
import org.udge.loss.ContrastiveForm;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Out-of-distribution scores of a model by name. Close it when they are no longer used. */
public final class ScoreFunctions implements AutoCloseable {

  public static final String NAMES =
      "px, py, pxgrad, pxsim, max_logit, entropy, energy, gen, odin, mahalanobis, rmds, knn, fdbd,"
          + " nci, vim, relation";

  private static final List<String> PLAIN = List.of("px", "py", "pxgrad", "max_logit", "entropy");

  private static final Set<String> OF_GRADIENTS = Set.of("pxgrad", "odin");

  /** Published settings of ODIN. */
  private static final double ODIN_TEMPERATURE = 1000;

  private static final double ODIN_EPSILON = 0.0014;

  /** Setting of the published contrastive training. */
  private static final double PUBLISHED_TEMPERATURE = 0.1;

  /** Published for CIFAR-10 (Sun et al. 2022). */
  private static final int NEIGHBOR = 50;

  /** Fitted scores that need labels. */
  private static final Set<String> LABELED = Set.of("mahalanobis", "rmds");

  private final LoadedModel loaded;
  private final ScoreOptions options;
  private final ImageSets sets;
  private final Optional<String> judged;
  private final CommandLine line;
  private final ObjectNode settings = JsonFiles.object();
  private Optional<TrainingFeatures> training = Optional.empty();
  private Optional<ClosableFeatures> features = Optional.empty();
  private Optional<String> fittedOn = Optional.empty();
  private String fitName = "";

  /** The reason why labels of the images fitted on are not the model's, if they are not. */
  private Optional<ParameterException> unmatched = Optional.empty();

  /**
   * Scores of a model.
   *
   * @param sets finds the images to fit on
   * @param judged the set whose training split is used for fitting by default
   * @param line the command line, for errors
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
      case "gen" -> OutOfDistributionScores.generalizedEntropy();
      case "pxsim" -> contrastiveSimilarity();
      default -> {
        if (ScoreOptions.FITTED.contains(name)) {
          yield fitted(name);
        }
        throw new ParameterException(
            line, "--score_fn must be one of " + NAMES + ", was '" + name + "'");
      }
    };
  }

  /** {@code pxsim}, with the form and temperature of the training. */
  public ContrastiveSimilarity contrastiveSimilarity() {
    Logits queue =
        loaded
            .queue()
            .orElseThrow(
                () ->
                    new ParameterException(
                        line,
                        "--score_fn pxsim needs the queue of a model trained with --pxycontrast or"
                            + " --pxcontrast, next to it in last.state or in the .pt file; this"
                            + " model"
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
    TrainingFeatures known = training(name);
    try {
      return switch (name) {
        case "mahalanobis" -> Mahalanobis.fit(known);
        case "rmds" -> RelativeMahalanobis.fit(known);
        case "knn" -> NearestNeighbors.fit(known, NEIGHBOR);
        case "fdbd" -> DecisionBoundaryDistance.fit(known, head(name));
        case "nci" -> NeuralCollapse.fit(known, head(name));
        case "vim" -> VirtualLogit.fit(known, head(name));
        case "relation" -> Relation.fit(known, head(name));
        default -> throw new IllegalStateException("no fitted score is called " + name);
      };
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          line,
          String.format(
              Locale.ROOT,
              "--score_fn %s cannot be fitted on %d images of %s (see --fit_dataset, --n_fit): %s",
              name,
              known.images(),
              fitName,
              e.getMessage()),
          e);
    }
  }

  private LinearHead head(String name) {
    return features
        .flatMap(ClosableFeatures::head)
        .orElseThrow(
            () ->
                new ParameterException(
                    line,
                    "--score_fn "
                        + name
                        + " needs the weights of the last layer, and --load_path "
                        + loaded.classifier()
                        + " does not make its logits of its features by constant weights in"
                        + " single or"
                        + " double precision: knn, rmds and mahalanobis need features alone"));
  }

  /** Computed, or read from a file, once for all scores. */
  private TrainingFeatures training(String name) throws IOException {
    if (training.isPresent()) {
      if (LABELED.contains(name) && unmatched.isPresent()) {
        throw unmatched.get();
      }
      return training.get();
    }
    features = Optional.of(loaded.features());
    FeatureExtractor extractor = features.get().extractor();
    TrainingFeatures known;
    if (options.features == null) {
      ImageSource images = fitImages(name);
      known = TrainingFeatures.of(extractor, labeled(images, LABELED.contains(name)));
      fitName = images.name();
      settings.putObject("fitted_on").put("set", images.name()).put("images", images.size());
    } else {
      known = Flags.naming("--features", () -> TrainingFeatures.read(options.features, extractor));
      fitName = options.features.toString();
      settings
          .putObject("fitted_on")
          .put("features", options.features.toString())
          .put("images", known.images());
    }
    if (options.saveFeatures != null) {
      known.save(options.saveFeatures);
    }
    training = Optional.of(known);
    return known;
  }

  /**
   * Labels as the model's classes, if they are its classes; images without labels are unchanged.
   */
  private ImageSource labeled(ImageSource images, boolean required) {
    if (images.classCount() == 0) {
      return images;
    }
    try {
      return MatchedClasses.of("--fit_dataset", images.name(), images, loaded.classifier(), line);
    } catch (ParameterException e) {
      if (required) {
        throw e;
      }
      unmatched = Optional.of(e);
      return images;
    }
  }

  private ImageSource fitImages(String score) throws IOException {
    String set =
        Optional.ofNullable(options.fitSet)
            .or(() -> judged.filter(ImageSets::isHeldOut).map(held -> ImageSets.TRAINED_ON))
            .or(() -> loaded.run().dataset())
            .or(() -> judged.flatMap(ImageSets::trainingSplit))
            .orElseThrow(
                () ->
                    new ParameterException(
                        line,
                        "--score_fn "
                            + score
                            + " needs images like those that the model was trained on, which this"
                            + " model does not name: --fit_dataset "
                            + ImageSets.TRAINING_NAMES));
    fittedOn = Optional.of(set);
    return ImageSets.some(sets.openTraining("--fit_dataset", set, null), options.fitLimit);
  }

  /** Properties of the requested scores: form and temperature, images fitted on. */
  public ObjectNode settings() {
    return settings;
  }

  /** The flags that make {@code score} compute this score of this model. */
  public String flags(String name) {
    Map<String, String> flags = new LinkedHashMap<>();
    flags.put("--score_fn", name);
    boolean fromFile = options.features != null || options.saveFeatures != null;
    if (ScoreOptions.FITTED.contains(name) && fromFile) {
      flags.put(
          "--features",
          Objects.requireNonNullElse(options.saveFeatures, options.features).toString());
    } else if (ScoreOptions.FITTED.contains(name)) {
      fittedOn
          .filter(set -> !loaded.run().dataset().equals(Optional.of(set)))
          .ifPresent(set -> flags.put("--fit_dataset", set));
    }
    for (OptionSpec option : line.getParseResult().matchedOptions()) {
      if (ScoreOptions.READ_BY.getOrDefault(option.longestName(), Set.of()).contains(name)
          && !(fromFile && ScoreOptions.OF_FEATURES.contains(option.longestName()))) {
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
