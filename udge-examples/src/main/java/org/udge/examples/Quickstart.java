package org.udge.examples;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.udge.EnergyModel;
import org.udge.Provenance;
import org.udge.data.ImageSource;
import org.udge.datasets.Augmentations;
import org.udge.datasets.PrefetchingData;
import org.udge.datasets.ShapesDataset;
import org.udge.datasets.ShuffledBatches;
import org.udge.evaluation.ClassificationEvaluator;
import org.udge.evaluation.Evaluation;
import org.udge.evaluation.EvaluationReport;
import org.udge.evaluation.calibration.CalibrationEvaluator;
import org.udge.evaluation.detection.OutOfDistributionEvaluator;
import org.udge.evaluation.detection.OutOfDistributionScores;
import org.udge.examples.cli.Cli;
import org.udge.examples.cli.DebugOption;
import org.udge.examples.cli.EngineOptions;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.cli.Numbers;
import org.udge.examples.cli.ProgressListener;
import org.udge.examples.cli.RunFolder;
import org.udge.examples.cli.RunPlace;
import org.udge.examples.cli.Settings;
import org.udge.examples.plots.ReliabilityDiagramPlot;
import org.udge.examples.plots.ScoreHistogramPlot;
import org.udge.examples.plots.TrainingCurvesPlot;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.CrossEntropy;
import org.udge.network.Architecture;
import org.udge.network.ConvNet;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.Trainer;
import org.udge.training.TrainingResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a plain and a hybrid classifier on the built-in data and compares them. */
@Command(
    name = "quickstart",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    header = "Trains a plain and a hybrid classifier on built-in images and compares them.",
    description = {
      "",
      "The images are drawings of ten figures; five related figures, which neither model ever"
          + " sees in"
          + " training, are out of distribution. The plain classifier minimizes -log p(y|x)"
          + " (cross entropy),"
          + " the hybrid one -log p(y|x) - log p(x|y) (cross entropy and conditional contrast)."
          + " It needs no flags, no files and no network, and takes less than three minutes on"
          + " two cores."
    })
public final class Quickstart extends DebugOption implements Callable<Integer> {

  private static final String PLAIN = "plain";
  private static final String HYBRID = "hybrid";
  private static final String UNSEEN = "unseen";

  /** The smallest network of the paper's kind. */
  private static final Architecture NETWORK = WideResNet.of(10, 1);

  /** For machines without the fast engine: the other engine would take half an hour. */
  private static final Architecture SMALL_NETWORK = ConvNet.of(16, 32, 64);

  private static final int BATCH = 64;
  private static final double SIGMA = 0.03;
  private static final int WARM_UP = 30;
  private static final int PRINT_EVERY = 50;

  private static final int HISTOGRAM_BINS = 60;

  private static final OutOfDistributionEvaluator DETECTION =
      OutOfDistributionEvaluator.of(
          OutOfDistributionScores.logDensity(), OutOfDistributionScores.maxProbability());

  private static final Map<String, String> ROWS = rows();

  @Spec private CommandSpec spec;

  @Option(
      names = "--n_train",
      defaultValue = "4000",
      converter = Numbers.Images.class,
      description = "Images to train on. Default: ${DEFAULT-VALUE}.")
  private int trainCount;

  @Option(
      names = "--n_test",
      defaultValue = "1000",
      converter = Numbers.Images.class,
      description = "Test images of each kind. Default: ${DEFAULT-VALUE}.")
  private int testCount;

  @Option(
      names = "--n_epochs",
      defaultValue = "8",
      converter = Numbers.AtLeastOne.class,
      description = "Epochs of training. Default: ${DEFAULT-VALUE}.")
  private int epochs;

  @Option(
      names = "--lr",
      defaultValue = "3e-3",
      converter = Numbers.Rate.class,
      description = "Learning rate of Adam. Default: ${DEFAULT-VALUE}.")
  private double learningRate;

  @Mixin(name = "Run")
  private RunPlace place = new RunPlace("quickstart");

  @Mixin(name = "Engine")
  private EngineOptions engine;

  /** The command, for the runnable jar. */
  public Quickstart() {}

  /**
   * Runs the command and exits the process.
   *
   * @param args its flags
   */
  public static void main(String... args) {
    Cli.runAndExit(new Quickstart(), args);
  }

  /** A trained model. */
  private record Outcome(TrainingResult training, EvaluationReport report) {}

  @Override
  public Integer call() throws IOException {
    try (RunFolder folder = place.create()) {
      compare(folder);
    }
    return 0;
  }

  private void compare(RunFolder folder) throws IOException {
    ObjectNode settings = Settings.of(spec);
    folder.writeSettings(settings);
    ShapesDataset shapes = ShapesDataset.standard();
    ImageSource train = shapes.train(trainCount);
    ImageSource test = shapes.test(testCount);
    ImageSource unseen = shapes.unseen(testCount);
    Objective plain = Objective.of(CrossEntropy.ofDefaults());
    Objective hybrid = plain.plus(ConditionalContrastive.ofDefaults());
    Outcome plainOutcome = run(PLAIN, plain, train, test, unseen, folder);
    Outcome hybridOutcome = run(HYBRID, hybrid, train, test, unseen, folder);
    print(plainOutcome, hybridOutcome);
    folder.writeResult(result(settings, plainOutcome, hybridOutcome));
    out().println("models, plots and result.json: " + folder);
  }

  private Outcome run(
      String name,
      Objective objective,
      ImageSource train,
      ImageSource test,
      ImageSource unseen,
      RunFolder folder)
      throws IOException {
    RandomStreams streams = RandomStreams.of(place.seed()).child("data");
    try (EnergyModel model = model(train.classNames());
        PrefetchingData data =
            PrefetchingData.of(
                ShuffledBatches.builder(train, Math.min(BATCH, trainCount), streams)
                    .augmentation(Augmentations.standard(SIGMA))
                    .build(),
                1);
        ProgressListener progress = ProgressListener.onStandardError(name, PRINT_EVERY)) {
      TrainingResult training =
          Trainer.builder(model, objective)
              .learningRate(
                  LearningRate.constant(learningRate)
                      .withWarmUp(WARM_UP)
                      .withDecay(0.3, epochs * 3L / 4))
              .epochs(epochs)
              .seed(place.seed())
              .listener(progress)
              .build()
              .fit(data);
      model.save(folder.file(name + ".zip"));
      EvaluationReport report = judge(model, test, unseen);
      plot(name, training, report, unseen, folder);
      return new Outcome(training, report);
    }
  }

  private EnergyModel model(List<String> classNames) {
    EnergyModel model = model(NETWORK, classNames);
    if (model.engine().name().equals("onednn")) {
      return model;
    }
    model.close();
    return model(SMALL_NETWORK, classNames);
  }

  private EnergyModel model(Architecture network, List<String> classNames) {
    return engine
        .configure(EnergyModel.builder(network).classNames(classNames).seed(place.seed()))
        .build();
  }

  private static EvaluationReport judge(EnergyModel model, ImageSource test, ImageSource unseen) {
    return Evaluation.of(model)
        .with(ClassificationEvaluator.ofDefaults())
        .with(CalibrationEvaluator.ofDefaults())
        .with(DETECTION.against(UNSEEN, unseen))
        .run(test);
  }

  private static void plot(
      String name,
      TrainingResult training,
      EvaluationReport report,
      ImageSource unseen,
      RunFolder folder)
      throws IOException {
    List<String> terms =
        training.history().get(0).values().keySet().stream()
            .filter(value -> !value.contains("/"))
            .toList();
    TrainingCurvesPlot.of(training.history(), terms, name).write(folder.path(), name + "-training");
    ReliabilityDiagramPlot.of(report.get(CalibrationEvaluator.ofDefaults()).diagram(15), name)
        .write(folder.path(), name + "-reliability");
    ScoreHistogramPlot.of(
            report.get(DETECTION.against(UNSEEN, unseen)).histogram("px", HISTOGRAM_BINS),
            name,
            "log p(x) + constant")
        .write(folder.path(), name + "-logp");
  }

  private static Map<String, String> rows() {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("test/accuracy", "accuracy (higher is better)");
    rows.put("test/nll", "NLL, nats (lower is better)");
    rows.put("test/ece15", "ECE, 15 bins (lower is better)");
    rows.put("ood/unseen/px/auroc", "AUROC of log p(x), unseen figures (higher is better)");
    rows.put("ood/unseen/py/auroc", "AUROC of max p(y|x), unseen figures (higher is better)");
    return rows;
  }

  private void print(Outcome plain, Outcome hybrid) {
    out().println();
    out().printf(Locale.ROOT, "%-56s %10s %10s%n", "", PLAIN, HYBRID);
    ROWS.forEach(
        (key, title) ->
            out()
                .printf(
                    Locale.ROOT,
                    "%-56s %10.4f %10.4f%n",
                    title,
                    plain.report.values().get(key),
                    hybrid.report.values().get(key)));
    out()
        .printf(
            Locale.ROOT,
            "%-56s %10.1f %10.1f%n%n",
            "training, seconds",
            plain.training.seconds(),
            hybrid.training.seconds());
  }

  private ObjectNode result(ObjectNode settings, Outcome plain, Outcome hybrid) {
    Provenance provenance = plain.training.provenance();
    ObjectNode result =
        RunFolder.result(
            "quickstart",
            settings,
            place.seed(),
            provenance,
            Map.of("shapes", "drawn by this version, seed 0"));
    Map<String, Double> metrics = new LinkedHashMap<>();
    ObjectNode timing = JsonFiles.object();
    for (Map.Entry<String, Outcome> each :
        List.of(Map.entry(PLAIN, plain), Map.entry(HYBRID, hybrid))) {
      Outcome outcome = each.getValue();
      outcome
          .report
          .values()
          .forEach((key, value) -> metrics.put(each.getKey() + "/" + key, value));
      timing
          .put(each.getKey() + "/step_ms_median", outcome.training.medianStepMilliseconds())
          .put(each.getKey() + "/train_s", outcome.training.seconds());
    }
    result.set("metrics", JsonFiles.numbers(metrics));
    result.set("timing", timing);
    result.put("stop_reason", hybrid.training.stopReason().name().toLowerCase(Locale.ROOT));
    return result;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
