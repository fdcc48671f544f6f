package org.udge.examples.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.udge.Calibration;
import org.udge.EnergyModel;
import org.udge.Provenance;
import org.udge.data.ImageShape;
import org.udge.data.ImageSource;
import org.udge.data.TrainingData;
import org.udge.datasets.DecodedImages;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.LabeledLogits;
import org.udge.evaluation.Metric;
import org.udge.evaluation.calibration.CalibrationEvaluator;
import org.udge.evaluation.calibration.CalibrationResult;
import org.udge.evaluation.calibration.Calibrator;
import org.udge.evaluation.calibration.TemperatureScaling;
import org.udge.evaluation.calibration.VectorScaling;
import org.udge.examples.cli.Choice;
import org.udge.examples.cli.Cli;
import org.udge.examples.cli.DebugOption;
import org.udge.examples.cli.EngineOptions;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.cli.ProgressListener;
import org.udge.examples.cli.RunFolder;
import org.udge.examples.cli.Settings;
import org.udge.examples.models.DataOptions;
import org.udge.examples.models.ImageSets;
import org.udge.examples.models.TrainingImages;
import org.udge.loss.ConditionalContrastive;
import org.udge.random.RandomStreams;
import org.udge.sampling.Replay;
import org.udge.training.Checkpoints;
import org.udge.training.DivergenceException;
import org.udge.training.EpochReport;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.RunState;
import org.udge.training.SharpnessAware;
import org.udge.training.StopReason;
import org.udge.training.Trainer;
import org.udge.training.TrainingResult;
import org.udge.training.TrainingSession;
import org.udge.training.report.ProgressCsv;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Trains a wide residual network on a weighted sum of terms, and evaluates it. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    header = "Trains a wide residual network discriminatively and generatively, and evaluates it.",
    description = {
      "",
      "The paper's recipes (add --dataset and --data_root; --depth 10 --width 1 for a first try):",
      "  classifier  --pyxce 1",
      "  HDGE        --pyxce 1 --pxycontrast 1",
      "  JEM         --pyxce 1 --pxsgld 1",
      "  HDGE + JEM  --pyxce 1 --pxycontrast 1 --pxsgld 1",
      "each with --lr 1e-4 --optimizer adam --sigma .03 --warmup_iters 1000.",
      "",
      "Flags can be read from a file: train @recipes/laptop/hdge-cifar10.args --data_root DATA."
          + " The folder recipes in the source tree contains one for each row of the paper's"
          + " tables.",
      "",
      "Writes into LOG_DIR/ID-...: variant.json (settings), progress.csv, result.json, model.zip"
          + " (the"
          + " best epoch's model), last.state (for resuming with --load_path), pictures, and"
          + " scalars for"
          + " TensorBoard."
    })
public final class Train extends DebugOption implements Callable<Integer> {

  /** Flags whose consequences are part of a checkpoint. */
  private static final Set<String> FIXED =
      Set.of(
          "dataset",
          "n_train",
          "n_valid",
          "labels_per_class",
          "batch_size",
          "depth",
          "width",
          "norm",
          "optimizer",
          "weight_average",
          "contrast_k",
          "buffer_size",
          "compat",
          "queue_start",
          "queue_feeding",
          "seed");

  @Spec private CommandSpec spec;

  @Mixin(name = "Objective")
  private TermOptions terms;

  @Mixin(name = "Data")
  private DataOptions data;

  @Mixin(name = "Network")
  private NetworkOptions network;

  @Mixin(name = "Optimization")
  private OptimizerOptions optimization;

  @Mixin(name = "Langevin sampling")
  private SamplingOptions sampling;

  @Mixin(name = "Run")
  private RunOptions run;

  @Mixin(name = "Engine")
  private EngineOptions engine;

  @Mixin(name = "Differences from the published program")
  private CompatOptions compat;

  /** Pictures of --pixmix. */
  private Optional<ImageSource> mixing = Optional.empty();

  /** Foreign images of --energy_margin. */
  private Optional<ImageSource> outliers = Optional.empty();

  /** The command, for the runnable jar. */
  public Train() {}

  /**
   * Runs the command and exits the process.
   *
   * @param args its flags
   */
  public static void main(String... args) {
    Cli.runAndExit(new Train(), args);
  }

  @Override
  public Integer call() throws IOException {
    if (run.load != null) {
      run.requireState();
      Settings.restore(spec.commandLine(), run.settingsToLoad(), FIXED, meaningsOfUnset());
    }
    checkCombinations();
    if (run.dryRun) {
      out()
          .printf(
              Locale.ROOT,
              "would train %s on %s with %s for %d epochs, minimizing %s%n",
              network.architecture(compat.batchNormDecay()),
              data.dataset,
              optimization.optimizer(),
              optimization.epochs,
              terms.weights(compat));
      return 0;
    }
    RandomStreams streams = TrainingImages.streams(run.place.seed());
    TrainingImages images =
        TrainingImages.open(data, compat.publishedSplit(), streams, spec.commandLine());
    mixing = other("--pixmix", data.mixing, images, streams);
    outliers = other("--outliers", terms.outliers, images, streams);
    checkRate(images, streams);
    try (RunFolder folder = run.place.create()) {
      return train(images, streams, folder);
    }
  }

  private int train(TrainingImages images, RandomStreams streams, RunFolder folder)
      throws IOException {
    ObjectNode settings = Settings.of(spec);
    run.continuedFrom(folder).ifPresent(origin -> settings.put("continues", origin));
    folder.writeSettings(settings);
    out().println("run folder: " + folder);
    EnergyModel.Builder builder =
        EnergyModel.builder(network.architecture(compat.batchNormDecay()))
            .shape(images.train().shape())
            .classNames(images.train().classNames())
            .seed(run.place.seed());
    try (EnergyModel model = engine.configure(builder).build()) {
      RunEvents events = RunEvents.in(folder);
      TrainingResult result = trainOrRecord(model, images, streams, events, settings);
      if (result.stopReason() == StopReason.REQUESTED) {
        return Interruption.STATUS;
      }
      Optional<Calibration> calibration = calibration(model, images, streams);
      calibration.map(model::withCalibration).orElse(model).save(folder.file(RunFolder.MODEL));
      Judge judge = new Judge(model, calibration, events, result.steps());
      Map<String, Double> metrics = judge(judge, images, streams);
      folder.writeResult(result(result, settings, images, metrics));
      out().println("result: " + folder.file("result.json"));
    }
    return 0;
  }

  /** Another set of images, kept in memory if it is generated or decoded and is small. */
  private Optional<ImageSource> other(
      String flag, String name, TrainingImages images, RandomStreams streams) throws IOException {
    if (name == null) {
      return Optional.empty();
    }
    ImageShape shape = images.train().shape();
    ImageSource set =
        new ImageSets(
                Optional.ofNullable(data.root), shape, streams.child(flag), spec.commandLine())
            .openTraining(flag, name, null);
    if (set.size() == 0) {
      throw new ParameterException(spec.commandLine(), flag + " " + name + " holds no image");
    }
    boolean small = (long) set.size() * shape.size() < Runtime.getRuntime().maxMemory() / 8;
    return Optional.of(
        small ? DecodedImages.inMemory(set, Runtime.getRuntime().availableProcessors()) : set);
  }

  /**
   * Allows a flag that a run did not get to be given with its effective value when the run is
   * resumed.
   */
  private Map<String, Function<JsonNode, JsonNode>> meaningsOfUnset() {
    return Map.of(
        "n_valid", saved -> JsonFiles.value(heldOut(saved)),
        "n_train", saved -> JsonFiles.value(trained(saved)),
        "queue_start", saved -> JsonFiles.value(CompatOptions.queueStart(isReference(saved))),
        "queue_feeding", saved -> JsonFiles.value(CompatOptions.queueFeeding(isReference(saved))));
  }

  private static int heldOut(JsonNode saved) {
    JsonNode count = saved.path("n_valid");
    return TrainingImages.heldOut(
        saved.path("dataset").asText(), count.isNumber() ? count.asInt() : null);
  }

  private int trained(JsonNode saved) {
    try {
      return TrainingImages.remaining(data, heldOut(saved), spec.commandLine());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isReference(JsonNode saved) {
    return saved.path("compat").asText().equals("reference");
  }

  /**
   * Trains; if the guard gives up, everything known is written to the run folder before the error
   * is thrown.
   */
  private TrainingResult trainOrRecord(
      EnergyModel model,
      TrainingImages images,
      RandomStreams streams,
      RunEvents events,
      ObjectNode settings)
      throws IOException {
    RunFolder folder = events.folder();
    Checkpoints checkpoints = run.checkpoints(folder);
    try (Interruption interruption = Interruption.await()) {
      TrainingResult result =
          train(model, images, streams, events, settings, checkpoints, interruption);
      if (result.stopReason() == StopReason.REQUESTED) {
        folder.writeResult(
            unfinished(result, "interrupted", settings, images, checkpoints.savedModel()));
        out()
            .printf(
                Locale.ROOT,
                "ended after step %d: resume with train --load_path %s%n",
                result.steps(),
                folder);
      }
      return result;
    } catch (DivergenceException e) {
      TrainingResult result = e.result();
      try {
        folder.writeResult(
            unfinished(result, "diverged", settings, images, checkpoints.savedModel()));
      } catch (IOException failure) {
        failure.addSuppressed(e);
        throw failure;
      }
      out().println("result: " + folder.file("result.json"));
      throw e;
    } catch (UncheckedIOException e) {
      if (!Files.exists(folder.file(RunFolder.LAST_STATE))) {
        throw e;
      }
      throw new IOException(
          e.getCause().getMessage() + "; then resume with train --load_path " + folder, e);
    }
  }

  private void checkCombinations() {
    Optional<String> complaint =
        terms
            .complaint(compat)
            .or(
                () ->
                    optimization.complaint(
                        flag -> spec.commandLine().getParseResult().hasMatchedOption(flag)));
    if (complaint.isPresent()) {
      throw new ParameterException(spec.commandLine(), complaint.get());
    }
    if (optimization.sharpnessRadius != null
        && terms.weights(compat).contrast()
        && compat.queueFeeding() == CompatOptions.QueueFeeding.EACH_TERM) {
      throw new ParameterException(
          spec.commandLine(),
          "--sharpness_radius evaluates terms twice per step: it requires --queue_feeding once");
    }
    if (Integer.valueOf(0).equals(data.validationCount)
        && run.calibrate != RunOptions.Calibrate.NONE
        && spec.commandLine().getParseResult().hasMatchedOption("--calibrate")) {
      throw new ParameterException(
          spec.commandLine(),
          "--calibrate "
              + Choice.text(run.calibrate)
              + " fits on the held-out images, of which --n_valid 0 leaves none: hold some out, or"
              + " give --calibrate none");
    }
    if (terms.weights(compat).marginalSgld() > 0
        && sampling.batchSize > sampling.bufferSize
        && !compat.replayReplacement()) {
      throw new ParameterException(
          spec.commandLine(),
          String.format(
              Locale.ROOT,
              "--sgld_batch_size %d needs as many images in the replay buffer: --buffer_size must"
                  + " be"
                  + " at least that, was %d",
              sampling.batchSize,
              sampling.bufferSize));
    }
    boolean rows = Boolean.TRUE.equals(run.plotConditional);
    if (run.unconditional && (terms.conditionalSgld > 0 || terms.classConditional || rows)) {
      throw new ParameterException(
          spec.commandLine(),
          "--uncond models p(x) alone: it excludes --pxysgld, --class_cond_p_x_sample and"
              + " --plot_cond 1");
    }
  }

  private Objective objective(TrainingImages images) {
    Optional<Replay> replay =
        terms.weights(compat).sample()
            ? Optional.of(sampling.replay(images.labeled(), compat.replayReplacement()))
            : Optional.empty();
    return terms.objective(compat, sampling, replay, outliers);
  }

  private TrainingResult train(
      EnergyModel model,
      TrainingImages images,
      RandomStreams streams,
      RunEvents events,
      ObjectNode settings,
      Checkpoints checkpoints,
      Interruption interruption)
      throws IOException {
    RunFolder folder = events.folder();
    Optional<EnergyModel> sampler = sampler(model);
    try (TrainingBatches batches = TrainingBatches.of(images, mixing, data, streams);
        ProgressListener progress = ProgressListener.onStandardError("train", run.printEvery)) {
      Trainer.Builder trainer =
          Trainer.builder(model, objective(images))
              .optimizer(optimization.optimizer())
              .learningRate(rate(batches))
              .epochs(optimization.epochs)
              .seed(run.place.seed())
              .published(compat.habits(terms.weights(compat).contrast()))
              .validateEvery(run.evaluateEvery)
              .listener(new WarmUpNote(optimization.warmUpSteps, out()))
              .listener(progress)
              .listener(interruption)
              .listener(
                  ProgressCsv.of(folder.file(RunOptions.PROGRESS)).withPointsEvery(run.logEvery))
              .listener(events.numbers(run.logEvery, settings, run.earlierFolder()))
              .listener(events.energies(run.plotEvery, images.test()))
              .listener(checkpoints)
              .listener(new CurvePlots(folder, run.plotEvery))
              .listener(samplePlots(images, events));
      images.validation().ifPresent(set -> trainer.validation(judged(set, streams)));
      if (optimization.classifierOnly) {
        trainer.trainedLayers(model.graph().getConfiguration().getNetworkOutputs().get(0));
      }
      if (separateImages()) {
        trainer.unlabeled(batches.unlabeled());
      }
      if (terms.weights(compat).sample() && sampling.guard) {
        trainer.guard(sampling.divergenceGuard());
      }
      Optional.ofNullable(optimization.sharpnessRadius)
          .ifPresent(radius -> trainer.sharpnessAware(new SharpnessAware(radius)));
      optimization.averaging().ifPresent(trainer::averaging);
      sampler.ifPresent(other -> trainer.samplingEngine(other.engine()));
      TrainingSession session = trainer.build().begin();
      if (run.load != null) {
        session.restoreState(RunState.read(run.stateToLoad()).state());
        run.copyProgress(folder);
        // If no epoch was best yet, the run still has a model.
        model.save(folder.file(RunFolder.MODEL));
        out().printf(Locale.ROOT, "resuming after %d steps of %s%n", session.steps(), run.load);
      }
      TrainingResult result = session.run(batches.labeled());
      progress.close(); // Later output starts on a new line.
      out().println(result);
      return result;
    } finally {
      sampler.ifPresent(EnergyModel::close);
    }
  }

  private boolean separateImages() {
    return data.labelsPerClass > 0 || compat.separateImages() || !data.augmentMarginal;
  }

  /** Errors in the schedule are reported before a folder is created. */
  private void checkRate(TrainingImages images, RandomStreams streams) {
    try (TrainingBatches batches = TrainingBatches.of(images, mixing, data, streams)) {
      LearningRate unused = rate(batches);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(),
          String.format(
              Locale.ROOT, "--warmup_iters %d: %s", optimization.warmUpSteps, e.getMessage()),
          e);
    }
  }

  private LearningRate rate(TrainingBatches batches) {
    boolean own = separateImages() && terms.readUnlabeled(compat);
    TrainingData epoch = own ? batches.unlabeled() : batches.labeled();
    return optimization.schedule(epoch.batchesPerEpoch());
  }

  private SamplePlots samplePlots(TrainingImages images, RunEvents events) {
    TermOptions.Weights weights = terms.weights(compat);
    boolean conditional = weights.conditionalSgld() > 0 || terms.classConditional;
    boolean unconditional =
        run.plotUnconditional == null ? weights.sample() : run.plotUnconditional;
    boolean rows = run.plotConditional == null ? conditional : run.plotConditional;
    Optional<ConditionalContrastive> contrast =
        run.plotContrast && weights.conditionalContrast() > 0
            ? Optional.of(terms.conditionalContrast(compat))
            : Optional.empty();
    return new SamplePlots(
        events,
        run.plotEvery,
        new SamplePlots.Wanted(unconditional, terms.classConditional, rows),
        sampling.langevin(),
        sampling.replay(images.labeled(), compat.replayReplacement()),
        contrast,
        compat.meanContrastEnergy(),
        RandomStreams.of(run.place.seed()));
  }

  /** The same network with another precision, for drawing samples. */
  private Optional<EnergyModel> sampler(EnergyModel model) {
    return Optional.ofNullable(sampling.precision)
        .filter(other -> terms.weights(compat).sample() && other != model.engine().precision())
        .map(
            other ->
                EnergyModel.builder(model.graph())
                    .shape(model.shape())
                    .engine(engine.settings().withPrecision(other))
                    .build());
  }

  /** A set for evaluation: with noise, if the published program is followed. */
  private ImageSource judged(ImageSource set, RandomStreams streams) {
    return compat.evaluationNoise() && data.sigma > 0
        ? new NoisyImages(set, data.sigma, streams.child(set.name()))
        : set;
  }

  private Optional<Calibration> calibration(
      EnergyModel model, TrainingImages images, RandomStreams streams) {
    if (run.calibrate == RunOptions.Calibrate.NONE) {
      return Optional.empty();
    }
    Calibrator calibrator =
        run.calibrate == RunOptions.Calibrate.TEMPERATURE
            ? new TemperatureScaling()
            : new VectorScaling();
    return images
        .validation()
        .map(set -> calibrator.fit(LabeledLogits.of(model, judged(set, streams))));
  }

  private Map<String, Double> judge(Judge judge, TrainingImages images, RandomStreams streams)
      throws IOException {
    Map<String, Double> metrics = new LinkedHashMap<>();
    if (images.validation().isPresent()) {
      judge(judge, judged(images.validation().get(), streams), "validation", metrics);
    }
    judge(judge, judged(images.test(), streams), "test", metrics);
    return metrics;
  }

  /** A trained model, and the destination of its pictures. */
  private record Judge(
      EnergyModel model, Optional<Calibration> calibration, RunEvents events, long steps) {}

  private void judge(Judge judge, ImageSource set, String split, Map<String, Double> metrics)
      throws IOException {
    LabeledLogits logits = LabeledLogits.of(judge.model, set);
    ClassificationEvaluator classification = ClassificationEvaluator.ofDefaults();
    CalibrationEvaluator bins = CalibrationEvaluator.ofDefaults();
    add(metrics, logits.evaluate(classification).metrics(split));
    CalibrationResult calibrated = logits.evaluate(bins);
    add(metrics, calibrated.metrics(split));
    judge.events.reliability(judge.steps, split, calibrated);
    judge.calibration.ifPresent(
        by -> {
          add(metrics, logits.evaluate(classification.withCalibration(by)).metrics(split));
          add(metrics, logits.evaluate(bins.withCalibration(by)).metrics(split));
        });
    out()
        .printf(
            Locale.ROOT,
            "%s (%d images): accuracy %.4f, NLL %.4f, Brier %.4f, ECE15 %.4f, ECE20 %.4f%n",
            split,
            set.size(),
            metrics.get(split + "/accuracy"),
            metrics.get(split + "/nll"),
            metrics.get(split + "/brier"),
            metrics.get(split + "/ece15"),
            metrics.get(split + "/ece20"));
  }

  private static void add(Map<String, Double> metrics, List<Metric> more) {
    more.forEach(metric -> metrics.put(metric.key(), metric.value()));
  }

  /** Best epoch and metrics are those of the model file, even if a rollback went further back. */
  private ObjectNode unfinished(
      TrainingResult training,
      String reason,
      ObjectNode settings,
      TrainingImages images,
      Optional<EpochReport> saved) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    saved
        .flatMap(EpochReport::validation)
        .ifPresent(
            validation -> {
              metrics.put("validation/accuracy", validation.accuracy());
              metrics.put("validation/nll", validation.nll());
            });
    ObjectNode result = result(training, settings, images, metrics);
    result.remove("best_epoch");
    saved.ifPresent(report -> result.put("best_epoch", report.epoch()));
    result.put("stop_reason", reason);
    return result;
  }

  private ObjectNode result(
      TrainingResult training,
      ObjectNode settings,
      TrainingImages images,
      Map<String, Double> metrics) {
    Provenance provenance = training.provenance();
    ObjectNode result =
        RunFolder.result("train", settings, run.place.seed(), provenance, images.hashes());
    result.set("compat", compat.toJson());
    result.put("objective", training.objective());
    result.set("metrics", JsonFiles.numbers(metrics));
    ObjectNode timing = result.putObject("timing");
    timing.set("step_ms_median", JsonFiles.number(training.medianStepMilliseconds()));
    timing.put("train_s", training.seconds());
    ArrayNode events = result.putArray("divergence");
    training.events().forEach(event -> events.add(event.toString()));
    result.put("steps", training.steps());
    training.bestEpoch().ifPresent(epoch -> result.put("best_epoch", epoch));
    result.put("stop_reason", training.stopReason().name().toLowerCase(Locale.ROOT));
    return result;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
