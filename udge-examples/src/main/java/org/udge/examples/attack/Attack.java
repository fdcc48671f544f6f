package org.udge.examples.attack;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.udge.EnergyModel;
import org.udge.Provenance;
import org.udge.data.ImageSource;
import org.udge.evaluation.Evaluation;
import org.udge.evaluation.EvaluationReport;
import org.udge.evaluation.robustness.GradientPath;
import org.udge.evaluation.robustness.LangevinRefinement;
import org.udge.evaluation.robustness.PerturbationNorm;
import org.udge.evaluation.robustness.ProjectedGradient;
import org.udge.evaluation.robustness.Refinement;
import org.udge.evaluation.robustness.RobustnessEvaluator;
import org.udge.examples.cli.Cli;
import org.udge.examples.cli.DebugOption;
import org.udge.examples.cli.EngineOptions;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.cli.Numbers;
import org.udge.examples.cli.RunFolder;
import org.udge.examples.cli.RunPlace;
import org.udge.examples.cli.Settings;
import org.udge.examples.models.ImageSets;
import org.udge.examples.models.LangevinOptions;
import org.udge.examples.models.LoadedModel;
import org.udge.examples.models.ModelOptions;
import org.udge.examples.plots.RobustnessPlot;
import org.udge.random.RandomStreams;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures accuracy as a function of the size of adversarial perturbations. */
@Command(
    name = "attack",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    header =
        "Attacks a model through its gradients, and reports accuracy as a function of"
            + " epsilon.",
    description = {
      "",
      "The accuracies are upper bounds: more --steps and --restarts may lower them. Prints a"
          + " table, and writes result.json and a curve to LOG_DIR/ID-..."
    })
public final class Attack extends DebugOption implements Callable<Integer> {

  private static final List<Double> LINF =
      List.of(0.0, 1 / 255.0, 2 / 255.0, 4 / 255.0, 8 / 255.0, 16 / 255.0);
  private static final List<Double> L2 = List.of(0.0, 0.125, 0.25, 0.5, 1.0);

  /** Flags of the refinement by --n_steps. */
  private static final List<String> REFINING = List.of("--gradient", "--sgld_lr", "--sgld_std");

  /** Flags of the projected gradient. */
  private static final List<String> PROJECTING =
      List.of("--steps", "--step_size", "--random_start", "--restarts");

  @Spec private CommandSpec spec;

  @Mixin(name = "Model")
  private ModelOptions model;

  /** Kinds of attack. */
  enum Method {
    PGD,
    FGSM
  }

  @Option(
      names = "--attack",
      defaultValue = "pgd",
      description =
          "pgd: steps within the ball around the image; fgsm: a single step of length epsilon"
              + " from the image, fast and weak. Default: ${DEFAULT-VALUE}.")
  private Method method;

  @Option(
      names = "--distance",
      defaultValue = "Linf",
      description = "Norm of perturbations: Linf or L2. Default: ${DEFAULT-VALUE}.")
  private PerturbationNorm distance;

  @Option(
      names = "--epsilon",
      split = ",",
      arity = "1..*",
      converter = Numbers.NotNegative.class,
      description =
          "Sizes of perturbations, ascending, in units of [0, 1] pixels; 0: unperturbed images."
              + " Default: 0, 1/255,"
              + " 2/255, 4/255, 8/255, 16/255 for Linf; 0, .125, .25, .5, 1 for L2.")
  private List<Double> epsilons;

  @Option(
      names = "--steps",
      defaultValue = "40",
      converter = Numbers.AtLeastOne.class,
      description = "Gradient steps of --attack pgd. Default: ${DEFAULT-VALUE}.")
  private int steps;

  @Option(
      names = "--step_size",
      converter = Numbers.Positive.class,
      description =
          "Length of a step, the same for each epsilon, in units of [0, 1] pixels. Default: 2.5"
              + " epsilon"
              + " / --steps.")
  private Double stepSize;

  @Option(
      names = "--random_start",
      arity = "1",
      defaultValue = "1",
      converter = Numbers.Switch.class,
      description =
          "1: --attack pgd starts at a random point of the ball; 0: at the image. Default:"
              + " ${DEFAULT-VALUE}.")
  private boolean randomStart;

  @Option(
      names = "--restarts",
      defaultValue = "1",
      converter = Numbers.AtLeastOne.class,
      description =
          "Random starts for images that withstand the previous ones. Default:"
              + " ${DEFAULT-VALUE}.")
  private int restarts;

  @Option(
      names = "--n_steps",
      defaultValue = "0",
      converter = Numbers.AtLeastZero.class,
      description =
          "Langevin steps that refine images before they are classified, as JEM does; 0: none."
              + " Default: ${DEFAULT-VALUE}.")
  private int refinementSteps;

  @Mixin(name = "Steps of --n_steps")
  private LangevinOptions refining;

  @Option(
      names = "--gradient",
      defaultValue = "through",
      description =
          "Whether the attack's gradient is propagated through the refinement's steps or around"
              + " them, which is cheaper and overstates robustness. Default: ${DEFAULT-VALUE}.")
  private GradientPath gradient;

  @Option(
      names = "--sigma",
      defaultValue = "0",
      converter = Numbers.NotNegative.class,
      description =
          "Standard deviation of noise added before classification, instead of --n_steps. Default:"
              + " ${DEFAULT-VALUE}.")
  private double sigma;

  @Option(
      names = "--samples",
      defaultValue = "1",
      converter = Numbers.AtLeastOne.class,
      description =
          "Number of draws of refinement or noise over which gradients and decisions are"
              + " averaged. Default:"
              + " ${DEFAULT-VALUE}.")
  private int samples;

  @Option(
      names = "--dataset",
      description =
          "Labeled images: "
              + ImageSets.NAMES
              + ". Default: what the run was trained on, else cifar10.")
  private String dataset;

  @Option(
      names = "--data_root",
      description = "Folder of the data set's files. Default: as the run was trained.")
  private Path root;

  @Option(
      names = "--n_images",
      defaultValue = "1000",
      converter = Numbers.AtLeastOne.class,
      description =
          "Maximum number of images to attack, the first ones. Default:" + " ${DEFAULT-VALUE}.")
  private int limit;

  @Option(
      names = "--batch_size",
      defaultValue = "128",
      converter = Numbers.BatchSize.class,
      description = "Images per batch. Default: ${DEFAULT-VALUE}.")
  private int batchSize;

  @Mixin(name = "Run")
  private RunPlace run = new RunPlace("attack");

  @Mixin(name = "Engine")
  private EngineOptions engine;

  /** The command, for the runnable jar. */
  public Attack() {}

  /**
   * Runs the command and exits the process.
   *
   * @param args its flags
   */
  public static void main(String... args) {
    Cli.runAndExit(new Attack(), args);
  }

  @Override
  public Integer call() throws IOException {
    check();
    try (LoadedModel loaded = model.read(engine, spec.commandLine())) {
      loaded.requireModel("attack", spec.commandLine());
      if (dataset == null) {
        dataset = loaded.run().dataset().orElse(ImageSets.DEFAULT);
      }
      RandomStreams streams = RandomStreams.of(run.seed()).child("attack");
      ImageSets sets = ImageSets.of(loaded, Optional.ofNullable(root), streams, spec.commandLine());
      ImageSource set = sets.openLabeled("--dataset", dataset, limit, loaded.model());
      try (RunFolder folder = run.create()) {
        attack(loaded.model(), set, streams, folder);
      }
    }
    return 0;
  }

  private void attack(EnergyModel target, ImageSource set, RandomStreams streams, RunFolder folder)
      throws IOException {
    ObjectNode settings = Settings.of(spec);
    folder.writeSettings(settings);
    RobustnessEvaluator evaluator =
        RobustnessEvaluator.of(attack(target), streams).withEpsilons(sizes());
    EvaluationReport report =
        Evaluation.of(target).withBatchSize(batchSize).with(evaluator).run(set);
    spec.commandLine().getOut().println(report);
    Path name = model.paths.get(0).toAbsolutePath().normalize().getFileName();
    RobustnessPlot.of(
            Map.of("model", report.get(evaluator)),
            name + ", " + set.size() + " images of " + dataset)
        .write(folder.path(), "attack");
    ObjectNode result =
        RunFolder.result(
            "attack",
            settings,
            run.seed(),
            Provenance.capture(target.engine()),
            Map.of(set.name(), set.size() + " images"));
    result.put("load_path", model.paths.get(0).toString());
    result.set("metrics", JsonFiles.numbers(report.values()));
    result.set("results", JsonFiles.parse(report.toJson()).get("results"));
    result.put("stop_reason", "done");
    folder.writeResult(result);
    spec.commandLine().getOut().println("numbers and pictures: " + folder);
  }

  private void check() {
    double[] sizes = sizes();
    for (int i = 1; i < sizes.length; i++) {
      if (sizes[i] <= sizes[i - 1]) {
        throw new ParameterException(
            spec.commandLine(), "--epsilon must be ascending, was " + epsilons);
      }
    }
    if (sizes[sizes.length - 1] == 0) {
      throw new ParameterException(spec.commandLine(), "--epsilon must have a size above 0");
    }
    if (refinementSteps > 0 && sigma > 0) {
      throw new ParameterException(
          spec.commandLine(), "--n_steps and --sigma exclude each other: give one of them");
    }
    if (samples > 1 && refinementSteps == 0 && sigma == 0) {
      throw new ParameterException(
          spec.commandLine(), "--samples " + samples + " needs --n_steps or --sigma above 0");
    }
    if (refinementSteps == 0) {
      refuse(REFINING, "without --n_steps");
    }
    if (method == Method.FGSM) {
      refuse(PROJECTING, "with --attack fgsm");
    }
    if (!randomStart && refinementSteps == 0 && sigma == 0) {
      refuse(List.of("--restarts"), "with --random_start 0: every try would be the same");
    }
  }

  /** Refuses flags that have no effect. */
  private void refuse(List<String> flags, String why) {
    for (String flag : flags) {
      if (spec.commandLine().getParseResult().hasMatchedOption(flag)) {
        throw new ParameterException(spec.commandLine(), flag + " has no effect " + why);
      }
    }
  }

  private double[] sizes() {
    List<Double> chosen =
        epsilons != null ? epsilons : distance == PerturbationNorm.LINF ? LINF : L2;
    return chosen.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private ProjectedGradient attack(EnergyModel target) {
    double largest = sizes()[sizes().length - 1];
    ProjectedGradient attack =
        method == Method.FGSM
            ? ProjectedGradient.fastGradient(distance, largest)
            : projected(largest);
    return refinement(target).map(change -> attack.withRefinement(change, samples)).orElse(attack);
  }

  private ProjectedGradient projected(double largest) {
    ProjectedGradient attack =
        (distance == PerturbationNorm.LINF
                ? ProjectedGradient.linf(largest)
                : ProjectedGradient.l2(largest))
            .withSteps(steps)
            .withRandomStart(randomStart)
            .withRestarts(restarts);
    return stepSize == null ? attack : attack.withStepSize(stepSize);
  }

  private Optional<Refinement> refinement(EnergyModel target) {
    if (sigma > 0) {
      return Optional.of(Refinement.noise(sigma));
    }
    if (refinementSteps == 0) {
      return Optional.empty();
    }
    LangevinRefinement through =
        LangevinRefinement.of(target, refinementSteps)
            .withStepSize(refining.stepSize())
            .withNoise(refining.noise());
    return Optional.of(
        gradient == GradientPath.THROUGH
            ? through
            : Refinement.around((images, random) -> through.refine(images, random).images()));
  }
}
