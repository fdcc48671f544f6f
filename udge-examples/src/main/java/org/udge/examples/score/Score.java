package org.udge.examples.score;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.primitives.Doubles;
import com.google.common.primitives.Floats;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.Classifier;
import org.udge.Threshold;
import org.udge.datasets.DatasetName;
import org.udge.evaluation.detection.OutOfDistributionScore;
import org.udge.examples.cli.Cli;
import org.udge.examples.cli.DebugOption;
import org.udge.examples.cli.EngineOptions;
import org.udge.examples.cli.Flags;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.cli.Numbers;
import org.udge.examples.cli.Progress;
import org.udge.examples.models.ImageSets;
import org.udge.examples.models.LoadedModel;
import org.udge.examples.models.ModelOptions;
import org.udge.examples.models.OnnxOptions;
import org.udge.examples.models.ScoreFunctions;
import org.udge.examples.models.ScoreOptions;
import org.udge.internal.HostImages;
import org.udge.interop.ElementType;
import org.udge.interop.NpyWriter;
import org.udge.random.RandomStreams;
import org.udge.serving.EnergyScorer;
import org.udge.serving.ScoredImage;
import org.udge.state.AtomicFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Computes class, probability, log p(x) and out-of-distribution score of images. */
@Command(
    name = "score",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    header = "Classifies images and reports how likely they are under the model.",
    description = {
      "",
      "Writes one row per image: image (index or file), class (index), class_name, probability"
          + " (calibrated if the model is), log_px (log p(x) up to a constant), score_NAME, and"
          + " with"
          + " --threshold in_distribution. Images are read in batches: memory does not grow with"
          + " their number, except for the list of a folder's files."
    })
public final class Score extends DebugOption implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin(name = "Model")
  private ModelOptions model;

  @Mixin(name = "ONNX file")
  private OnnxOptions onnx;

  @Option(
      names = "--input",
      required = true,
      description =
          "Images: a .npy array (uint8, or float in [-1, 1]), raw records (CIFAR's, or 3,072"
              + " bytes per image), a PNG, JPEG, GIF, BMP or WebP file, a folder or zip of these,"
              + " or"
              + " the name of a data set, such as cifar10_test, below --data_root.")
  private Path input;

  @Option(
      names = "--output",
      required = true,
      description = "The table to write: .csv, or .jsonl for one JSON object per line.")
  private Path output;

  @Option(names = "--logits", description = "A .npy file to write the logits to, [N, classes].")
  private Path logits;

  @Option(
      names = "--score_fn",
      defaultValue = "px",
      description =
          "Out-of-distribution score, higher is more in-distribution: "
              + ScoreFunctions.NAMES
              + ". Default: ${DEFAULT-VALUE}.")
  private String score;

  @Option(
      names = "--threshold",
      converter = Numbers.Finite.class,
      description =
          "Images whose score is below this value are marked as out of distribution. eval --eval"
              + " ood prints thresholds. Default: none.")
  private Double threshold;

  @Option(
      names = "--raw_probability",
      description = "Adds a column raw_probability, the uncalibrated probability.")
  private boolean raw;

  @Option(
      names = "--sets",
      description =
          "Adds a column set: the classes that include the true one with the model's coverage,"
              + " the most probable first, separated by |. For models of eval --fit_calibration"
              + " --set_coverage.")
  private boolean sets;

  @Option(
      names = "--batch_size",
      defaultValue = "128",
      converter = Numbers.BatchSize.class,
      description = "Images per batch. Default: ${DEFAULT-VALUE}.")
  private int batchSize;

  @Mixin(name = "Settings of scores")
  private ScoreOptions scoring;

  @Option(
      names = "--data_root",
      description = "Folder of the data sets' files. Default: that of the run's training.")
  private Path root;

  @Mixin(name = "Engine")
  private EngineOptions engine;

  private List<String> classNames = List.of();

  /** The command, for the runnable jar. */
  public Score() {}

  /**
   * Runs the command and exits the process.
   *
   * @param args its flags
   */
  public static void main(String... args) {
    Cli.runAndExit(new Score(), args);
  }

  @Override
  public Integer call() throws IOException {
    check();
    model.requireOne("this command", spec.commandLine());
    model.requireFiles();
    model.paths.forEach(path -> onnx.requireFor(path, spec.commandLine()));
    if (!Files.exists(input) && DatasetName.parse(input.toString()).isEmpty()) {
      throw new IOException(
          "--input "
              + input
              + " does not exist: expected a file or folder of images, or the name of a data set");
    }
    ScoreOptions.check(List.of(score), spec.commandLine());
    try (LoadedModel loaded = model.read(engine, onnx, spec.commandLine());
        ScoreFunctions functions = functions(loaded);
        ImageStream images =
            Flags.naming(
                "--input",
                () ->
                    ImageStream.open(
                        input,
                        loaded.shape(),
                        Optional.ofNullable(root).or(loaded.run()::dataRoot)))) {
      if (sets && loaded.classifier().predictionSets().isEmpty()) {
        throw new ParameterException(
            spec.commandLine(),
            "--sets needs a model with prediction sets, and this one has none: eval --eval eval_ece"
                + " --fit_calibration SET --set_coverage .9 saves one");
      }
      if (!images.shape().equals(loaded.shape())) {
        throw new IOException(
            "--input "
                + input
                + " holds images of "
                + images.shape()
                + ", the model expects "
                + loaded.shape());
      }
      classNames = loaded.classifier().classNames();
      EnergyScorer scorer = scorer(loaded, functions);
      List<Path> targets = logits == null ? List.of(output) : List.of(output, logits);
      AtomicFiles.writeAll(targets, files -> write(images, scorer, loaded.classifier(), files));
      spec.commandLine().getOut().println(images.size() + " images scored: " + output);
    }
    return 0;
  }

  /** Detects files that cannot be written before anything is read. */
  private void check() throws IOException {
    if (!isJson() && !output.toString().toLowerCase(Locale.ROOT).endsWith(".csv")) {
      throw new ParameterException(
          spec.commandLine(), "--output must end in .csv or .jsonl, was '" + output + "'");
    }
    checkTarget("--output", output);
    if (logits != null) {
      checkTarget("--logits", logits);
      if (logits.toAbsolutePath().normalize().equals(output.toAbsolutePath().normalize())) {
        throw new ParameterException(
            spec.commandLine(), "--logits and --output name the same file: " + output);
      }
    }
  }

  private static void checkTarget(String flag, Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(flag + " " + file + " is a folder: name a file");
    }
    Path folder = file.toAbsolutePath().getParent();
    while (folder != null && !Files.exists(folder)) {
      folder = folder.getParent();
    }
    if (folder != null && !Files.isDirectory(folder)) {
      throw new IOException(flag + " " + file + ": " + folder + " is a file, not a folder");
    }
  }

  private boolean isJson() {
    return output.toString().toLowerCase(Locale.ROOT).endsWith(".jsonl");
  }

  private ScoreFunctions functions(LoadedModel loaded) {
    ImageSets sets =
        ImageSets.of(loaded, Optional.ofNullable(root), RandomStreams.of(1), spec.commandLine());
    return new ScoreFunctions(loaded, scoring, sets, Optional.empty(), spec.commandLine());
  }

  private EnergyScorer scorer(LoadedModel loaded, ScoreFunctions functions) throws IOException {
    EnergyScorer scorer = EnergyScorer.of(loaded.classifier()).withBatchSize(batchSize);
    OutOfDistributionScore function = functions.named(score);
    return threshold == null
        ? scorer.withScore(function)
        : scorer.withScore(function, Threshold.of(score, threshold));
  }

  /** Writes the table, and the logits if a second file is given. */
  private void write(ImageStream images, EnergyScorer scorer, Classifier scored, List<Path> files)
      throws IOException {
    try (BufferedWriter table = Files.newBufferedWriter(files.get(0));
        NpyWriter logitsFile =
            files.size() < 2
                ? null
                : NpyWriter.create(files.get(1), ElementType.FLOAT32, scored.classCount())) {
      write(images, scorer, isJson() ? new JsonRows(table) : new CsvRows(table), logitsFile);
      if (logitsFile != null) {
        logitsFile.commit();
      }
    }
  }

  private void write(ImageStream images, EnergyScorer scorer, Rows rows, NpyWriter logitsFile)
      throws IOException {
    rows.begin();
    int most = (int) Math.min(batchSize, images.size());
    float[] pixels = new float[most * images.shape().size()];
    try (Progress progress = Progress.onStandardError("score", "image", images.size())) {
      for (long first = 0; first < images.size(); first += most) {
        int count = (int) Math.min(most, images.size() - first);
        images.read(first, count, pixels);
        INDArray batch = array(pixels, images, count);
        int row = 0;
        for (ScoredImage scored : scorer.score(batch)) {
          rows.add(images.name(first + row++), scored);
          if (logitsFile != null) {
            logitsFile.append(Floats.toArray(Doubles.asList(scored.logits().row(0))));
          }
        }
        if (first + count < images.size()) {
          progress.at(first + count);
        }
      }
    }
  }

  private static INDArray array(float[] pixels, ImageStream images, int count) {
    int length = count * images.shape().size();
    float[] exact = pixels.length == length ? pixels : Arrays.copyOf(pixels, length);
    return HostImages.array(exact, images.shape().batch(count));
  }

  private List<String> setNames(ScoredImage scored) {
    return scored.predictionSet().orElseThrow().stream().map(classNames::get).toList();
  }

  /** Rows of the table. */
  private abstract static class Rows {
    final BufferedWriter out;

    Rows(BufferedWriter out) {
      this.out = out;
    }

    abstract void begin() throws IOException;

    abstract void add(String image, ScoredImage scored) throws IOException;
  }

  private final class CsvRows extends Rows {
    CsvRows(BufferedWriter out) {
      super(out);
    }

    @Override
    void begin() throws IOException {
      out.write("image,class,class_name,probability,log_px,score_" + score);
      out.write(threshold == null ? "" : ",in_distribution");
      out.write(raw ? ",raw_probability" : "");
      out.write(sets ? ",set\n" : "\n");
    }

    @Override
    void add(String image, ScoredImage scored) throws IOException {
      List<Object> cells = new ArrayList<>();
      cells.add(quoted(image));
      cells.add(scored.label());
      cells.add(quoted(scored.className()));
      cells.add(scored.probability());
      cells.add(scored.logDensity());
      cells.add(scored.score());
      if (threshold != null) {
        cells.add(scored.inDistribution().orElseThrow());
      }
      if (raw) {
        cells.add(scored.rawProbability());
      }
      if (sets) {
        cells.add(quoted(String.join("|", setNames(scored))));
      }
      out.write(String.join(",", cells.stream().map(Object::toString).toList()));
      out.write('\n');
    }

    private String quoted(String text) {
      boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
      return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
  }

  private final class JsonRows extends Rows {
    JsonRows(BufferedWriter out) {
      super(out);
    }

    @Override
    void begin() {}

    @Override
    void add(String image, ScoredImage scored) throws IOException {
      ObjectNode node =
          JsonFiles.object()
              .put("image", image)
              .put("class", scored.label())
              .put("class_name", scored.className())
              .put("probability", scored.probability())
              .put("log_px", scored.logDensity())
              .put("score_" + score, scored.score());
      if (threshold != null) {
        node.put("in_distribution", scored.inDistribution().orElseThrow());
      }
      if (raw) {
        node.put("raw_probability", scored.rawProbability());
      }
      if (sets) {
        setNames(scored).forEach(node.putArray("set")::add);
      }
      out.write(node + "\n");
    }
  }
}
