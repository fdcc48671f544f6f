package org.udge.examples.eval;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.udge.Calibration;
import org.udge.PredictionSets;
import org.udge.Provenance;
import org.udge.data.ImageSource;
import org.udge.engine.Mode;
import org.udge.evaluation.Bootstrap;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.Evaluation;
import org.udge.evaluation.EvaluationReport;
import org.udge.evaluation.calibration.BootstrapEvaluator;
import org.udge.evaluation.calibration.CalibrationComparison;
import org.udge.evaluation.calibration.CalibrationEvaluator;
import org.udge.evaluation.calibration.CalibrationResult;
import org.udge.evaluation.calibration.PredictionSetEvaluator;
import org.udge.evaluation.calibration.RiskCoverageEvaluator;
import org.udge.evaluation.calibration.RiskCoverageResult;
import org.udge.examples.cli.Choice;
import org.udge.examples.cli.Cli;
import org.udge.examples.cli.DebugOption;
import org.udge.examples.cli.EngineOptions;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.cli.RunFolder;
import org.udge.examples.cli.Settings;
import org.udge.examples.models.ImageSets;
import org.udge.examples.models.LoadedModel;
import org.udge.examples.models.ModelOptions;
import org.udge.examples.models.OnnxOptions;
import org.udge.examples.models.ScoreOptions;
import org.udge.examples.models.TrainedAs;
import org.udge.examples.plots.ReliabilityDiagramPlot;
import org.udge.examples.plots.RiskCoveragePlot;
import org.udge.random.RandomStreams;
import org.udge.sampling.Langevin;
import org.udge.sampling.ReplayBuffer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Evaluates a model: classification, calibration, out-of-distribution detection, samples. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    header =
        "Evaluates a model: classification, calibration, out-of-distribution detection,"
            + " samples.",
    description = {
      "",
      "--eval test_clf        accuracy, NLL, Brier score, calibration errors on --dataset",
      "--eval eval_ece        calibration with reliability diagrams, before and after calibration",
      "--eval ood             how well --score_fn separates --dataset from each --ood_dataset",
      "--eval logp_hist       histograms of --score_fn over --datasets in one picture",
      "--eval uncond_samples  fresh Langevin samples of p(x), a grid every --print_every rounds",
      "--eval cond_samples    samples by predicted class, one row per class",
      "",
      "Models run in evaluation mode, without noise or refinement unless flags specify them."
          + " test_clf, eval_ece and ood accept several models, evaluate them one after the other,"
          + " and end with a table: one column per method, with mean +- deviation over runs that"
          + " differ only in their seed. Tables are printed; numbers (result.json) and pictures are"
          + " written to LOG_DIR/ID-... A flag that has no effect on the task is refused."
    })
public final class Eval extends DebugOption implements Callable<Integer> {

  private static final ClassificationEvaluator CLASSIFICATION =
      ClassificationEvaluator.ofDefaults();
  private static final CalibrationEvaluator BINS = CalibrationEvaluator.ofDefaults();

  /** The tasks. */
  enum Task {
    TEST_CLF,
    EVAL_ECE,
    OOD,
    LOGP_HIST,
    UNCOND_SAMPLES,
    COND_SAMPLES;

    private static final Set<Task> OF_SEVERAL_MODELS = EnumSet.of(TEST_CLF, EVAL_ECE, OOD);

    boolean ofSeveralModels() {
      return OF_SEVERAL_MODELS.contains(this);
    }
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--eval",
      required = true,
      description =
          "test_clf, eval_ece, ood, logp_hist, uncond_samples or cond_samples: see above.")
  private Task task;

  @Mixin(name = "Model")
  private ModelOptions model;

  @Mixin(name = "ONNX file")
  private OnnxOptions onnx;

  @Mixin(name = "Images")
  private EvaluationData data;

  @Mixin(name = "Calibration")
  private CalibrationFitting fitting;

  @Mixin(name = "Settings of scores")
  private ScoreOptions scoring;

  @Mixin(name = "Sampling")
  private EvaluationSampling sampling;

  @Mixin(name = "Run")
  private EvaluationRun run;

  @Mixin(name = "Engine")
  private EngineOptions engine;

  @Mixin(name = "Differences from the published program")
  private EvaluationCompat compat;

  /** The command, for the runnable jar. */
  public Eval() {}

  /**
   * Runs the command and exits the process.
   *
   * @param args its flags
   */
  public static void main(String... args) {
    Cli.runAndExit(new Eval(), args);
  }

  @Override
  public Integer call() throws IOException {
    check();
    List<TrainedAs> trainings = trainings();
    if (data.dataset == null) {
      data.dataset = trainedOn(trainings);
    }
    fitting.check(data.dataset, spec.commandLine());
    ObjectNode settings = Settings.of(spec);
    Optional<RunFolder> folder = Optional.empty();
    List<EvaluationWork> done = new ArrayList<>();
    Optional<Provenance> provenance = Optional.empty();
    try {
      for (Path path : model.paths) {
        try (LoadedModel loaded = model.read(path, engine, onnx, spec.commandLine())) {
          requireGradients(loaded);
          RandomStreams streams = RandomStreams.of(run.place.seed()).child("evaluation");
          ImageSets sets = sets(loaded, streams);
          requireSets(loaded, sets);
          if (folder.isEmpty()) {
            folder = Optional.of(run.place.create());
            folder.get().writeSettings(settings);
          }
          EvaluationWork work = begin(path, done.size() + 1, loaded, sets, streams, folder.get());
          run(work);
          provenance = Optional.of(loaded.provenance());
          done.add(work);
        }
      }
      folder.orElseThrow().writeResult(result(done, trainings, settings, provenance.orElseThrow()));
      out().println("numbers and pictures: " + folder.get());
    } finally {
      if (folder.isPresent()) {
        folder.get().close();
      }
    }
    return 0;
  }

  private EvaluationWork begin(
      Path path,
      int number,
      LoadedModel loaded,
      ImageSets sets,
      RandomStreams streams,
      RunFolder folder)
      throws IOException {
    boolean several = model.paths.size() > 1;
    if (several) {
      out().println("model " + number + ": " + path);
    }
    return EvaluationWork.begin(
        path,
        loaded.inMode(compat.mode()),
        sets,
        streams,
        several ? folder.within("model_" + number) : folder,
        out());
  }

  /** The training of each model. */
  private List<TrainedAs> trainings() throws IOException {
    List<TrainedAs> trainings = new ArrayList<>();
    for (Path path : model.paths) {
      trainings.add(TrainedAs.of(path));
    }
    return trainings;
  }

  /** The set that all models were trained on. */
  private String trainedOn(List<TrainedAs> trainings) {
    Set<String> sets = new LinkedHashSet<>();
    trainings.forEach(run -> sets.add(run.dataset().orElse(ImageSets.DEFAULT)));
    if (sets.size() > 1) {
      throw new ParameterException(
          spec.commandLine(),
          "the models of --load_path were trained on different sets, "
              + String.join(", ", sets)
              + ": choose the set to evaluate them on with --dataset");
    }
    return sets.iterator().next();
  }

  private void check() throws IOException {
    TaskFlags.check(task, spec.commandLine());
    ScoreOptions.check(data.scores, spec.commandLine());
    if (!task.ofSeveralModels()) {
      model.requireOne("--eval " + Choice.text(task), spec.commandLine());
    }
    for (String flag : List.of("--features", "--save_features")) {
      if (spec.commandLine().getParseResult().hasMatchedOption(flag)) {
        model.requireOne(flag, spec.commandLine());
      }
    }
    if (task == Task.OOD && data.outOfDistributionSets == null) {
      throw new ParameterException(
          spec.commandLine(), "--eval ood needs --ood_dataset: " + ImageSets.NAMES);
    }
    if (fitting.set != null && !asServed()) {
      throw new ParameterException(
          spec.commandLine(),
          CalibrationFitting.FLAG
              + " calibrates a model as it is used: not with --n_steps, --sigma or --eval_mode"
              + " training");
    }
    model.requireFiles();
    model.paths.forEach(path -> onnx.requireFor(path, spec.commandLine()));
  }

  private ImageSets sets(LoadedModel loaded, RandomStreams streams) {
    return ImageSets.of(loaded, Optional.ofNullable(data.root), streams, spec.commandLine());
  }

  /** Classifiers in ONNX files provide none. */
  private void requireGradients(LoadedModel loaded) {
    if (task == Task.UNCOND_SAMPLES || task == Task.COND_SAMPLES) {
      loaded.requireModel("--eval " + Choice.text(task), spec.commandLine());
    }
    if (sampling.steps > 0) {
      loaded.requireModel("--n_steps", spec.commandLine());
    }
    if (compat.mode() != Mode.EVALUATION) {
      loaded.requireModel("--eval_mode " + Choice.text(compat.mode()), spec.commandLine());
    }
  }

  /** Detects wrong names and missing files before anything is written. */
  private void requireSets(LoadedModel loaded, ImageSets sets) throws IOException {
    switch (task) {
      case TEST_CLF, EVAL_ECE -> {
        labeledSet("--dataset", data.dataset, loaded, sets);
        if (fitting.set != null) {
          labeledSet(CalibrationFitting.FLAG, fitting.set, loaded, sets);
        }
      }
      case OOD, LOGP_HIST -> {
        sets.open("--dataset", data.dataset, data.limit);
        for (String name :
            Objects.requireNonNullElse(data.outOfDistributionSets, List.<String>of())) {
          sets.require("--ood_dataset", name);
        }
        for (String name : Objects.requireNonNullElse(data.datasets, List.<String>of())) {
          sets.require("--datasets", name);
        }
      }
      case UNCOND_SAMPLES, COND_SAMPLES -> {
        if (data.realSet != null) {
          sets.openTraining("--real_dataset", data.realSet, data.limit);
        }
      }
    }
  }

  private void run(EvaluationWork work) throws IOException {
    switch (task) {
      case TEST_CLF -> {
        EvaluationReport unused =
            classify(work, work.classifier().calibration(), work.classifier().predictionSets());
      }
      case EVAL_ECE -> calibrate(work);
      case OOD -> scores(work).detect(evaluation(work), asServed());
      case LOGP_HIST -> scores(work).histogram(preprocessing(work));
      case UNCOND_SAMPLES, COND_SAMPLES -> sample(work);
    }
  }

  private ObjectNode result(
      List<EvaluationWork> done,
      List<TrainedAs> trainings,
      ObjectNode settings,
      Provenance provenance) {
    EvaluationWork first = done.get(0);
    ObjectNode result =
        RunFolder.result("eval", settings, run.place.seed(), provenance, first.images());
    result.set("compat", compat.toJson());
    if (done.size() == 1) {
      result.put("load_path", first.path().toString());
      result.set("metrics", JsonFiles.numbers(first.metrics()));
      result.set("results", first.details());
    } else {
      MethodTable table = MethodTable.of(done, trainings);
      table.print(out());
      table.writeTo(result);
    }
    result.put("stop_reason", "done");
    return result;
  }

  private ImageSource labeledSet(String flag, String name, LoadedModel loaded, ImageSets sets)
      throws IOException {
    return sets.openLabeled(
        flag, name, flag.equals("--dataset") ? data.limit : null, loaded.classifier());
  }

  /** Whether images are evaluated as by {@code score}, so that thresholds are valid there. */
  private boolean asServed() {
    return compat.mode() == Mode.EVALUATION && compat.sigma() == 0 && sampling.steps == 0;
  }

  private Preprocessing preprocessing(EvaluationWork work) {
    Optional<Langevin> refinement =
        sampling.steps > 0 ? Optional.of(sampling.langevin()) : Optional.empty();
    return new Preprocessing(work.loaded(), compat.sigma(), refinement, work.streams());
  }

  private Evaluation evaluation(EvaluationWork work) {
    return Evaluation.of(work.classifier())
        .withBatchSize(data.batchSize)
        .withPreprocessing(preprocessing(work));
  }

  /** Evaluates the model uncalibrated and, if there is a calibration, calibrated. */
  private EvaluationReport classify(
      EvaluationWork work, Optional<Calibration> calibration, Optional<PredictionSets> sets)
      throws IOException {
    Evaluation evaluation =
        evaluation(work).with(CLASSIFICATION).with(BINS).with(RiskCoverageEvaluator.ofDefaults());
    if (sets.isPresent()) {
      evaluation = evaluation.with(new PredictionSetEvaluator(sets.get(), calibration));
    }
    if (calibration.isPresent()) {
      evaluation =
          evaluation
              .with(CLASSIFICATION.withCalibration(calibration.get()))
              .with(BINS.withCalibration(calibration.get()))
              .with(risk(calibration));
    }
    if (data.resamples > 0) {
      BootstrapEvaluator intervals =
          BootstrapEvaluator.of(Bootstrap.of(work.streams()).withResamples(data.resamples));
      evaluation = evaluation.with(intervals);
      if (calibration.isPresent()) {
        evaluation = evaluation.with(intervals.withCalibration(calibration.get()));
      }
    }
    EvaluationReport report =
        evaluation.run(work.use(labeledSet("--dataset", data.dataset, work.loaded(), work.sets())));
    work.keep(report);
    draw(work, report.get(risk(calibration)));
    return report;
  }

  private void calibrate(EvaluationWork work) throws IOException {
    Optional<Calibration> calibration = work.classifier().calibration();
    Optional<PredictionSets> sets = work.classifier().predictionSets();
    if (fitting.set != null) {
      ImageSource images =
          labeledSet(CalibrationFitting.FLAG, fitting.set, work.loaded(), work.sets());
      CalibrationFitting.Fitted fitted = fitting.fit(work, work.use(images));
      calibration = Optional.of(fitted.calibration());
      sets = fitted.sets();
    }
    EvaluationReport report = classify(work, calibration, sets);
    draw(work, report.get(BINS), "reliability");
    if (calibration.isPresent()) {
      CalibrationComparison comparison =
          new CalibrationComparison(
              report.get(CLASSIFICATION),
              report.get(BINS),
              report.get(CLASSIFICATION.withCalibration(calibration.get())),
              report.get(BINS.withCalibration(calibration.get())));
      out()
          .println(
              "with the calibration fitted on "
                  + (fitting.set == null ? "the validation set" : fitting.set));
      out().println(comparison);
      draw(work, comparison.calibrationAfter(), "reliability-calibrated");
    }
  }

  private static RiskCoverageEvaluator risk(Optional<Calibration> calibration) {
    RiskCoverageEvaluator raw = RiskCoverageEvaluator.ofDefaults();
    return calibration.map(raw::withCalibration).orElse(raw);
  }

  /** The curve, and the threshold for the chosen risk. */
  private void draw(EvaluationWork work, RiskCoverageResult result) throws IOException {
    RiskCoveragePlot.of(Map.of("this model", result), data.dataset)
        .write(work.folder().path(), "risk-coverage");
    if (data.risk == null) {
      return;
    }
    Optional<RiskCoverageResult.Line> line = result.lineForRisk(data.risk);
    work.metrics()
        .put(
            SetScores.THRESHOLD + "risk",
            line.map(RiskCoverageResult.Line::confidence).orElse(Double.NaN));
    out()
        .println(
            line.map(
                    found ->
                        String.format(
                            Locale.ROOT,
                            "answering where the probability is at least %s answers %.1f %% of"
                                + " these"
                                + " images, %.2f %% of them wrongly: choose the threshold for"
                                + " serving on held-out images",
                            found.confidence(),
                            100 * found.coverage(),
                            100 * found.risk()))
                .orElse(
                    "even the most confident predictions are wrong more often than --risk "
                        + data.risk
                        + ": there is no such threshold"));
  }

  private void draw(EvaluationWork work, CalibrationResult result, String name) throws IOException {
    for (int bins : new int[] {15, 20}) {
      ReliabilityDiagramPlot.of(result.diagram(bins), data.dataset)
          .write(work.folder().path(), name + bins);
    }
  }

  private SetScores scores(EvaluationWork work) {
    return new SetScores(
        work, data, scoring, compat.labels() == EvaluationCompat.Labels.TRUE, spec.commandLine());
  }

  private void sample(EvaluationWork work) throws IOException {
    Optional<ImageSource> real = realSet(work);
    SampleDrawing drawing =
        new SampleDrawing(work.loaded(), sampling, work.folder(), work.streams());
    ReplayBuffer samples =
        task == Task.UNCOND_SAMPLES
            ? drawing.unconditional(run.printEvery)
            : drawing.byClass(run.printEvery);
    work.metrics().putAll(drawing.numbers(samples));
    if (real.isPresent()) {
      work.metrics()
          .putAll(
              new SampleQuality(work.loaded(), real.get(), work.folder())
                  .compare(samples, work.details(), out()));
    }
    work.printMetrics();
  }

  private Optional<ImageSource> realSet(EvaluationWork work) throws IOException {
    if (data.realSet == null) {
      return Optional.empty();
    }
    return Optional.of(
        work.use(work.sets().openTraining("--real_dataset", data.realSet, data.limit)));
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
