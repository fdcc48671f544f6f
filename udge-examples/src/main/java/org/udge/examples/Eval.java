package org.udge.examples;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.udge.Calibration;
import org.udge.EnergyModel;
import org.udge.Provenance;
import org.udge.data.ImageSource;
import org.udge.evaluation.CalibrationComparison;
import org.udge.evaluation.CalibrationEvaluator;
import org.udge.evaluation.CalibrationResult;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.Evaluation;
import org.udge.evaluation.EvaluationReport;
import org.udge.evaluation.Evaluators;
import org.udge.evaluation.LabelledLogits;
import org.udge.evaluation.OutOfDistributionEvaluator;
import org.udge.evaluation.OutOfDistributionResult;
import org.udge.evaluation.OutOfDistributionScore;
import org.udge.evaluation.ScoreHistogram;
import org.udge.evaluation.Threshold;
import org.udge.examples.plots.ReliabilityDiagramPlot;
import org.udge.examples.plots.ScoreHistogramPlot;
import org.udge.random.RandomStreams;
import org.udge.sampling.Langevin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Judges a model: classification, calibration, outsiders, samples. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    header = "Judges a model: classification, calibration, out-of-distribution detection, samples.",
    description = {
      "",
      "--eval test_clf        accuracy, NLL, Brier score, calibration errors on --dataset",
      "--eval eval_ece        calibration with reliability diagrams, before and after calibration",
      "--eval OOD             how well --score_fn tells --dataset from each --ood_dataset",
      "--eval logp_hist       histograms of --score_fn over --datasets in one picture",
      "--eval uncond_samples  fresh Langevin samples of p(x), a grid every --print_every rounds",
      "--eval cond_samples    samples by predicted class, a row for each class",
      "",
      "Models are run in evaluation mode, without noise or refinement unless flags say so. Tables are"
          + " printed; numbers (result.json) and pictures go to LOG_DIR/ID-..."
    })
public final class Eval extends DebugOption implements Callable<Integer> {

  private static final double FALSE_ALARMS = 0.05;
  private static final int HISTOGRAM_BINS = 100;

  /** What to do. */
  enum Task {
    TEST_CLF,
    EVAL_ECE,
    OOD,
    LOGP_HIST,
    UNCOND_SAMPLES,
    COND_SAMPLES
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--eval",
      required = true,
      description =
          "test_clf, eval_ece, OOD, logp_hist, uncond_samples or cond_samples: see above.")
  private Task task;

  @Mixin(name = "Model")
  private ModelOptions model;

  @Mixin(name = "Images")
  private EvaluationData data;

  @Mixin(name = "Sampling")
  private EvaluationSampling sampling;

  @Mixin(name = "Run")
  private EvaluationRun run;

  @Mixin(name = "Engine")
  private EngineOptions engine;

  /** The command, for the runnable jar. */
  public Eval() {}

  /**
   * Runs the command and ends the process.
   *
   * @param args its flags
   */
  public static void main(String... args) {
    Cli.runAndExit(new Eval(), args);
  }

  /** Everything at hand while a task runs. */
  private record Work(
      LoadedModel loaded,
      ImageSets sets,
      RandomStreams streams,
      RunFolder folder,
      Map<String, Double> metrics,
      ObjectNode details,
      Map<String, String> images) {

    EnergyModel model() {
      return loaded.model();
    }

    ImageSource use(ImageSource set) {
      images.put(set.name(), set.size() + " images");
      return set;
    }
  }

  @Override
  public Integer call() throws IOException {
    try (LoadedModel loaded = model.read(engine)) {
      RandomStreams streams = RandomStreams.of(run.seed).child("evaluation");
      ImageSets sets =
          new ImageSets(
              Optional.ofNullable(data.root), loaded.shape(), streams, spec.commandLine());
      RunFolder folder = RunFolder.create(run.logs, run.id);
      ObjectNode settings = Settings.of(spec);
      folder.writeSettings(settings);
      Work work =
          new Work(
              loaded,
              sets,
              streams,
              folder,
              new LinkedHashMap<>(),
              JsonFiles.object(),
              new LinkedHashMap<>());
      switch (task) {
        case TEST_CLF -> classify(work);
        case EVAL_ECE -> calibrate(work);
        case OOD -> detect(work);
        case LOGP_HIST -> histogram(work);
        case UNCOND_SAMPLES, COND_SAMPLES -> sample(work);
      }
      ObjectNode result =
          RunFolder.result(
              "eval",
              settings,
              run.seed,
              Provenance.capture(loaded.model().engine()),
              work.images());
      result.set("metrics", JsonFiles.numbers(work.metrics()));
      result.set("results", work.details());
      result.put("stop_reason", "done");
      folder.writeResult(result);
      out().println("numbers and pictures: " + folder);
    }
    return 0;
  }

  private ImageSource labelledSet(Work work) throws IOException {
    ImageSource set = work.sets().open("--dataset", data.dataset, data.limit);
    int classes = work.model().classCount();
    if (set.classCount() != classes) {
      throw new ParameterException(
          spec.commandLine(),
          String.format(
              "--dataset %s has %s, the model has %d classes",
              data.dataset,
              set.classCount() == 0 ? "no labels" : set.classCount() + " classes",
              classes));
    }
    return work.use(set);
  }

  private Evaluation evaluation(Work work) {
    Optional<Langevin> refinement =
        sampling.steps > 0 ? Optional.of(sampling.langevin()) : Optional.empty();
    return Evaluation.of(work.model())
        .batchSize(data.batchSize)
        .preprocessing(new Preprocessing(work.model(), data.sigma, refinement, work.streams()));
  }

  private void classify(Work work) throws IOException {
    ClassificationEvaluator classification = Evaluators.classification();
    CalibrationEvaluator bins = Evaluators.calibration();
    Evaluation evaluation = evaluation(work).with(classification).with(bins);
    Optional<Calibration> calibration = work.model().calibration();
    if (calibration.isPresent()) {
      evaluation =
          evaluation
              .with(classification.calibrated(calibration.get()))
              .with(bins.calibrated(calibration.get()));
    }
    keep(work, evaluation.run(labelledSet(work)));
  }

  private void calibrate(Work work) throws IOException {
    CalibrationEvaluator bins = Evaluators.calibration();
    ImageSource set = labelledSet(work);
    EvaluationReport report = evaluation(work).with(bins).run(set);
    keep(work, report);
    CalibrationResult result = report.get(bins);
    draw(work, result, "reliability");
    if (work.model().calibration().isPresent()) {
      Calibration calibration = work.model().calibration().orElseThrow();
      CalibrationComparison comparison =
          CalibrationComparison.of(calibration, LabelledLogits.of(work.model(), set));
      out().println("with the calibration fitted on the validation set");
      out().println(comparison);
      comparison
          .calibrationAfter()
          .metrics("test")
          .forEach(metric -> work.metrics().put(metric.key(), metric.value()));
      draw(work, comparison.calibrationAfter(), "reliability-calibrated");
    }
  }

  private void draw(Work work, CalibrationResult result, String name) throws IOException {
    for (int bins : new int[] {15, 20}) {
      ReliabilityDiagramPlot.of(result.diagram(bins), data.dataset)
          .write(work.folder().path(), name + bins);
    }
  }

  private List<OutOfDistributionScore> scores(Work work) {
    List<OutOfDistributionScore> scores = new ArrayList<>();
    for (String name : data.scores) {
      scores.add(ScoreFunctions.named(name, data.temperature, work.loaded(), spec.commandLine()));
    }
    return scores;
  }

  private void detect(Work work) throws IOException {
    if (data.outsiders == null) {
      throw new ParameterException(
          spec.commandLine(), "--eval OOD needs --ood_dataset: " + ImageSets.NAMES);
    }
    OutOfDistributionEvaluator evaluator =
        Evaluators.outOfDistribution(scores(work).toArray(new OutOfDistributionScore[0]));
    ImageSource inside = work.use(work.sets().open("--dataset", data.dataset, data.limit));
    for (String name : data.outsiders) {
      evaluator = evaluator.against(shortName(name), outsider(work, "--ood_dataset", name, inside));
    }
    EvaluationReport report = evaluation(work).with(evaluator).run(inside);
    keep(work, report);
    OutOfDistributionResult result = report.get(evaluator);
    for (String score : result.scores()) {
      Threshold threshold = result.threshold(score, FALSE_ALARMS);
      work.metrics().put("threshold/" + score, threshold.value());
      out()
          .printf(
              "score --score_fn %s --threshold %.6g takes %.1f %% of these images for outsiders%n",
              score, threshold.value(), 100 * threshold.falseAlarmRate());
      draw(work, result.histogram(score, HISTOGRAM_BINS), score);
    }
  }

  private static String shortName(String name) {
    Path file = Path.of(name).getFileName();
    return file == null ? name : file.toString();
  }

  private ImageSource outsider(Work work, String flag, String name, ImageSource inside)
      throws IOException {
    ImageSource set =
        name.equals("interp")
            ? work.sets().interpolated(inside)
            : work.sets().open(flag, name, data.limit);
    return work.use(set);
  }

  private void histogram(Work work) throws IOException {
    ImageSource inside = work.sets().open("--dataset", data.dataset, data.limit);
    List<String> names = data.datasets == null ? List.of(data.dataset) : data.datasets;
    Preprocessing none =
        new Preprocessing(work.model(), data.sigma, Optional.empty(), work.streams());
    for (OutOfDistributionScore score : scores(work)) {
      Map<String, double[]> values = new LinkedHashMap<>();
      for (String name : names) {
        ImageSource set = outsider(work, "--datasets", name, inside);
        double[] ofSet = Scoring.scores(work.model(), score, set, data.batchSize, none);
        values.put(shortName(name), ofSet);
        work.metrics()
            .put(
                "mean/" + shortName(name) + "/" + score.name(),
                Arrays.stream(ofSet).average().orElse(Double.NaN));
      }
      draw(work, ScoreHistogram.of(score.name(), values, HISTOGRAM_BINS), score.name());
    }
    work.metrics().forEach((key, value) -> out().printf("%-40s %10.4f%n", key, value));
  }

  private static void draw(Work work, ScoreHistogram histogram, String score) throws IOException {
    String axis =
        switch (score) {
          case "px" -> "log p(x) + constant";
          case "py" -> "max p(y|x)";
          case "pxgrad" -> "-||d log p(x)/dx||";
          default -> score;
        };
    ScoreHistogramPlot.of(histogram, "", axis).write(work.folder().path(), "histogram-" + score);
  }

  private void sample(Work work) throws IOException {
    SampleDrawing drawing =
        new SampleDrawing(work.loaded(), sampling, work.folder(), work.streams(), out());
    Map<String, Double> numbers =
        task == Task.UNCOND_SAMPLES
            ? drawing.unconditional(run.printEvery)
            : drawing.byClass(run.printEvery);
    work.metrics().putAll(numbers);
    numbers.forEach((key, value) -> out().printf("%-40s %10.4f%n", key, value));
  }

  private void keep(Work work, EvaluationReport report) {
    out().println(report);
    work.metrics().putAll(report.values());
    work.details().setAll((ObjectNode) report.toJson().get("results"));
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
