package org.udge.examples.models;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.udge.examples.cli.Choice;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.cli.RunFolder;
import org.udge.loss.ContrastiveForm;

/**
 * What later commands need to know about the training of a model, as far as it is known.
 *
 * @param dataset {@code --dataset}
 * @param dataRoot {@code --data_root}
 * @param contrastiveForm {@code --contrast_form}
 * @param contrastiveTemperature {@code --contrast_t}
 * @param seed {@code --seed}
 * @param method the flags that determine what the training computes, except for its seed, with
 *     their values
 * @param folder of the run
 */
public record TrainedAs(
    Optional<String> dataset,
    Optional<Path> dataRoot,
    Optional<ContrastiveForm> contrastiveForm,
    Optional<Double> contrastiveTemperature,
    Optional<Long> seed,
    Map<String, String> method,
    Optional<Path> folder) {

  /** Flags that determine where and how often a run writes, and how it runs. */
  private static final Set<String> NO_METHOD =
      Set.of(
          "seed",
          "id",
          "log_dir",
          "data_root",
          "workers",
          "threads",
          "continues",
          "print_every",
          "log_every",
          "ckpt_every",
          "ckpt_minutes",
          "plot_every",
          "plot_uncond",
          "plot_cond",
          "plot_contrast");

  /** A model from elsewhere. */
  public static final TrainedAs UNKNOWN =
      new TrainedAs(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Map.of(),
          Optional.empty());

  /** Reads the settings that {@code train} left next to a model, or in the run folder itself. */
  public static TrainedAs of(Path path) throws IOException {
    return LoadedModel.isCheckpoint(path) ? UNKNOWN : beside(LoadedModel.file(path));
  }

  /** Reads the settings that {@code train} left next to a model, if there are any. */
  public static TrainedAs beside(Path model) throws IOException {
    Path file = model.toAbsolutePath().resolveSibling(RunFolder.SETTINGS);
    if (!Files.exists(file)) {
      return UNKNOWN;
    }
    JsonNode settings = JsonFiles.read(file, "the settings of a run");
    if (settings.has("eval")) {
      // A model that eval calibrated: these are settings of eval.
      return UNKNOWN;
    }
    Optional<String> form = text(settings, "contrast_form");
    return new TrainedAs(
        text(settings, "dataset"),
        text(settings, "data_root").map(Path::of),
        form.isPresent() ? Optional.of(form(form.get(), file)) : Optional.empty(),
        Optional.ofNullable(settings.get("contrast_t"))
            .filter(JsonNode::isNumber)
            .map(JsonNode::asDouble),
        Optional.ofNullable(settings.get("seed"))
            .filter(JsonNode::isIntegralNumber)
            .map(JsonNode::asLong),
        method(settings),
        Optional.ofNullable(file.getParent()));
  }

  private static Map<String, String> method(JsonNode settings) {
    Map<String, String> method = new TreeMap<>();
    for (Map.Entry<String, JsonNode> flag : settings.properties()) {
      if (!NO_METHOD.contains(flag.getKey())) {
        method.put(flag.getKey(), flag.getValue().asText());
      }
    }
    return method;
  }

  private static Optional<String> text(JsonNode settings, String flag) {
    return Optional.ofNullable(settings.get(flag))
        .filter(JsonNode::isTextual)
        .map(JsonNode::asText);
  }

  private static ContrastiveForm form(String text, Path file) throws IOException {
    return Arrays.stream(ContrastiveForm.values())
        .filter(form -> Choice.text(form).equals(text))
        .findFirst()
        .orElseThrow(
            () -> new IOException(file + ": contrast_form is '" + text + "', which is not a form"));
  }
}
