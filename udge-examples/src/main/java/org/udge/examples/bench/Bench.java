package org.udge.examples.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.math.Quantiles;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.datasets.PrefetchingData;
import org.udge.engine.Engine;
import org.udge.engine.Logits;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.engine.Precision;
import org.udge.engine.onednn.OneDnnEngine;
import org.udge.engine.onednn.StepTime;
import org.udge.examples.cli.Choice;
import org.udge.examples.cli.Cli;
import org.udge.examples.cli.DebugOption;
import org.udge.examples.cli.EngineOptions;
import org.udge.examples.cli.JsonFiles;
import org.udge.examples.cli.Numbers;
import org.udge.examples.doctor.RelativeError;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.CrossEntropy;
import org.udge.loss.MarginalSGLD;
import org.udge.loss.NegativeQueueSettings;
import org.udge.loss.QueueStart;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;
import org.udge.sampling.Langevin;
import org.udge.sampling.NoiseSource;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.Trainer;
import org.udge.training.TrainingSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Times one training step on random images, or analyzes a network pass. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    header = "Times one training step of a WideResNet and prints one line of JSON.",
    description = {
      "",
      "Random images, Adam; step_ms is the median of --steps steps after a warm-up of --warmup_s"
          + " seconds and at least two steps, outside_passes is the median share of a step that"
          + " was not spent in the network. The queue of negatives is full from the start, the"
          + " replay buffer holds 10,000 images. With jem and hdge+jem, noise_share is the time to draw"
          + " a step's noise by itself, divided by step_ms.",
      "",
      "--mode layers first prints a table: the steps of the onednn engine's plan by kind, and"
          + " what oneDNN alone reaches on the same convolutions (individually, in its preferred"
          + " layout, nothing fused, memory warm), for the gradient of the images and for that of"
          + " the parameters. In its JSON, ceiling_gflops is oneDNN alone, conv_gflops the plan's"
          + " convolutions, step_gflops the convolutions' operations divided by the time of the"
          + " whole gradient; fields that start with parameter_ are for the parameters' gradient.",
      "",
      "--mode logging trains with cross entropy for an epoch of --steps steps, after a warm-up"
          + " epoch, and logs all numbers that train logs, every 100 steps: logging_share is the"
          + " share of the time spent on logging. Use a few hundred --steps.",
      "",
      "--mode precision prints the relative errors of logits and image gradients in --precision:"
          + " the norm of the difference from float32 divided by the norm."
    })
public final class Bench extends DebugOption implements Callable<Integer> {

  private static final int WARM_UP_STEPS = 2;

  /** The default logging interval of train. */
  private static final int LOG_EVERY = 100;

  private static final Set<Workload> TRAINING =
      Set.of(Workload.CE, Workload.HDGE, Workload.JEM, Workload.HDGE_JEM);

  private static final Set<Workload> SAMPLING = Set.of(Workload.JEM, Workload.HDGE_JEM);

  /** What a step computes. */
  enum Workload {
    CE("ce"),
    HDGE("hdge"),
    JEM("jem"),
    HDGE_JEM("hdge+jem"),
    GRADX("gradx"),
    LAYERS("layers"),
    PRECISION("precision"),
    LOGGING("logging");

    private final String text;

    Workload(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** The source of a training step's images. */
  enum Data {
    FIXED,
    AUGMENTED
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--mode",
      defaultValue = "hdge",
      description =
          "ce: cross entropy; hdge: cross entropy and conditional contrast; jem: cross entropy and"
              + " Langevin samples of p(x); hdge+jem: all three; gradx: the gradient of log p(x)"
              + " with respect to the images, one Langevin step's work; layers: where the time of"
              + " gradients goes; precision: errors of --precision; logging: the cost of logging."
              + " Default: ${DEFAULT-VALUE}.")
  private Workload mode;

  @Option(
      names = "--depth",
      defaultValue = "10",
      converter = Numbers.Depth.class,
      description = "Layers of the network, 6n + 4. Default: ${DEFAULT-VALUE}.")
  private int depth;

  @Option(
      names = "--width",
      defaultValue = "1",
      converter = Numbers.Width.class,
      description = "Widening factor of the network. Default: ${DEFAULT-VALUE}.")
  private int width;

  @Option(
      names = "--norm",
      defaultValue = "none",
      description =
          "Normalization before each rectifier: ${COMPLETION-CANDIDATES}. Default:"
              + " ${DEFAULT-VALUE}.")
  private Norm norm;

  @Option(
      names = "--batch",
      defaultValue = "64",
      converter = Numbers.BatchSize.class,
      description = "Images per step. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--classes",
      defaultValue = "10",
      converter = Numbers.BatchSize.class,
      description = "Number of classes. Default: ${DEFAULT-VALUE}.")
  private int classes;

  @Option(
      names = "--k",
      defaultValue = "65536",
      converter = Numbers.Capacity.class,
      description = "Negatives in the queue. Default: ${DEFAULT-VALUE}.")
  private int negatives;

  @Option(
      names = "--sgld_steps",
      defaultValue = "20",
      converter = Numbers.AtLeastOne.class,
      description = "Langevin steps per training step. Default: ${DEFAULT-VALUE}.")
  private int sgldSteps;

  @Option(
      names = "--in_steps",
      defaultValue = "1",
      converter = Numbers.AtLeastOne.class,
      description =
          "Moves per Langevin step, through the network's first layer alone (PYLD), as train's"
              + " --in_steps. Default: ${DEFAULT-VALUE}.")
  private int innerSteps;

  @Option(
      names = "--data",
      defaultValue = "fixed",
      description =
          "Images of training steps: fixed (the same batch in every step) or augmented (drawn from"
              + " 5,000, padded, cropped, flipped and with noise, prefetched by --workers)."
              + " Default:"
              + " ${DEFAULT-VALUE}.")
  private Data data;

  @Option(
      names = "--workers",
      defaultValue = "1",
      converter = Numbers.Threads.class,
      description = "Threads that prefetch augmented batches. Default: ${DEFAULT-VALUE}.")
  private int workers;

  @Option(
      names = "--steps",
      defaultValue = "15",
      converter = Numbers.Capacity.class,
      description = "Number of timed steps, whose median is reported. Default: ${DEFAULT-VALUE}.")
  private int steps;

  @Option(
      names = "--warmup_s",
      defaultValue = "2",
      converter = Numbers.NotNegative.class,
      description =
          "Seconds of warm-up steps, for the compilers of Java and oneDNN. Default:"
              + " ${DEFAULT-VALUE}.")
  private double warmUpSeconds;

  @Mixin(name = "Engine")
  private EngineOptions engine;

  /** The command, for the runnable jar. */
  public Bench() {}

  /**
   * Runs the command and exits the process.
   *
   * @param args its flags
   */
  public static void main(String... args) {
    Cli.runAndExit(new Bench(), args);
  }

  /** The times of steps. */
  private record Timing(double milliseconds, double outsidePasses) {}

  @Override
  public Integer call() throws IOException {
    if (data == Data.AUGMENTED && !TRAINING.contains(mode)) {
      throw new ParameterException(
          spec.commandLine(), "--data augmented is for training steps, not for --mode " + mode);
    }
    ObjectNode result =
        switch (mode) {
          case LAYERS -> layers();
          case PRECISION -> precision();
          case LOGGING -> logging();
          default -> steps();
        };
    spec.commandLine().getOut().println(new ObjectMapper().writeValueAsString(result));
    return 0;
  }

  private EnergyModel.Builder model() {
    return engine.configure(
        EnergyModel.builder(WideResNet.of(depth, width).withNorm(norm)).classes(classes));
  }

  private ObjectNode steps() {
    PassTimer passes = new PassTimer();
    try (EnergyModel untimed = model().build()) {
      EnergyModel model = untimed.withEngine(passes.around(untimed.engine()));
      Timing timing =
          mode == Workload.GRADX ? gradient(model.engine(), passes) : training(model, passes);
      ObjectNode node =
          json(model.engine(), timing.milliseconds)
              .put("data", Choice.text(data))
              .put("outside_passes", rounded(timing.outsidePasses, 4));
      return SAMPLING.contains(mode)
          ? node.put("noise_share", rounded(noiseMilliseconds() / timing.milliseconds, 4))
          : node;
    }
  }

  /** The time to draw the noise of one training step's samples, and nothing else. */
  private double noiseMilliseconds() {
    NoiseSource noise = NoiseSource.of(RandomStreams.of(1).stream("noise"));
    float[] values = new float[ImageShape.CIFAR.size()];
    return milliseconds(
        () -> {
          for (int step = 0; step < sgldSteps; step++) {
            for (int chain = 0; chain < batch; chain++) {
              noise.fillGaussian(step, chain, values);
            }
          }
        });
  }

  private Timing gradient(Engine used, PassTimer passes) {
    INDArray images = RandomImages.batch(batch);
    return time(() -> scoreGradient(used, images), passes);
  }

  /** The gradient of log p(x) with respect to the images. */
  private static void scoreGradient(Engine engine, INDArray images) {
    try (Pass pass = engine.forward(images, Mode.EVALUATION)) {
      INDArray unused = pass.inputGradient(probabilities(pass));
    }
  }

  private static INDArray probabilities(Pass pass) {
    Logits logits = Logits.of(pass.logits());
    double[][] score =
        IntStream.range(0, logits.rows()).mapToObj(logits::probabilities).toArray(double[][]::new);
    return Logits.of(score).toArray();
  }

  private Timing training(EnergyModel model, PassTimer passes) {
    TrainingSession session =
        Trainer.builder(model, objective())
            .learningRate(LearningRate.constant(1e-4))
            .build()
            .begin();
    if (data == Data.FIXED) {
      Batch same = sameBatch();
      return time(() -> session.step(same), passes);
    }
    AtomicLong position = new AtomicLong();
    try (PrefetchingData batches = RandomImages.augmented(batch, classes, workers)) {
      return time(
          () -> {
            long next = position.getAndIncrement();
            int inEpoch = batches.batchesPerEpoch();
            try (Batch made = batches.batch(next / inEpoch, (int) (next % inEpoch))) {
              session.step(made);
            }
          },
          passes);
    }
  }

  private ObjectNode layers() {
    try (EnergyModel model = model().build()) {
      if (!(model.engine() instanceof OneDnnEngine oneDnn)) {
        throw new ParameterException(
            spec.commandLine(),
            "--mode layers shows plans of the onednn engine, but the network runs on "
                + model.engine().name());
      }
      INDArray images = RandomImages.batch(batch);
      INDArray direction;
      try (Pass pass = oneDnn.forward(images, Mode.TRAINING)) {
        direction = probabilities(pass);
      }
      double input = milliseconds(() -> scoreGradient(oneDnn, images));
      double parameter = milliseconds(() -> parameterGradient(oneDnn, images, direction));
      List<StepTime> profile = oneDnn.profile(ImageShape.CIFAR, batch, steps);
      List<StepTime> bare = oneDnn.bareConvolutions(ImageShape.CIFAR, batch, steps);
      LayersReport inputs =
          new LayersReport(
              "forward and gradient of the images", "INPUT_GRADIENT", input, profile, bare);
      LayersReport parameters =
          new LayersReport(
              "forward and gradient of the parameters",
              "PARAMETER_GRADIENT",
              parameter,
              profile,
              bare);
      spec.commandLine().getOut().println(inputs.text());
      spec.commandLine().getOut().println(parameters.text());
      ObjectNode node = json(oneDnn, input);
      put(node, "", inputs);
      node.put("parameter_step_ms", rounded(parameter, 2));
      put(node, "parameter_", parameters);
      return node;
    }
  }

  private static void parameterGradient(Engine engine, INDArray images, INDArray direction) {
    try (Pass pass = engine.forward(images, Mode.TRAINING)) {
      pass.parameterGradient(direction);
    }
  }

  private static void put(ObjectNode node, String prefix, LayersReport report) {
    node.put(prefix + "ceiling_gflops", rounded(report.ceiling(), 1))
        .put(prefix + "conv_gflops", rounded(report.convolutions(), 1))
        .put(prefix + "step_gflops", rounded(report.whole(), 1));
  }

  private ObjectNode precision() {
    if (engine.precision == Precision.FLOAT32) {
      throw new ParameterException(
          spec.commandLine(),
          "--mode precision compares with float32: give another --precision (bfloat16)");
    }
    INDArray images = RandomImages.batch(batch);
    try (EnergyModel other = model().build();
        EnergyModel exact =
            EnergyModel.builder(other.graph())
                .shape(other.shape())
                .engine(engine.settings().withPrecision(Precision.FLOAT32))
                .build();
        Pass approximate = other.engine().forward(images, Mode.EVALUATION);
        Pass reference = exact.engine().forward(images, Mode.EVALUATION)) {
      INDArray score = probabilities(reference);
      double logits = RelativeError.of(approximate.logits(), reference.logits());
      double gradients =
          RelativeError.of(approximate.inputGradient(score), reference.inputGradient(score));
      double time = milliseconds(() -> scoreGradient(other.engine(), images));
      return json(other.engine(), time)
          .put("logits_error", rounded(logits, 6))
          .put("input_gradient_error", rounded(gradients, 6));
    }
  }

  private ObjectNode logging() throws IOException {
    try (EnergyModel model = model().build()) {
      LoggingCost.Result result =
          new LoggingCost(steps, LOG_EVERY).measure(model, objective(), sameBatch());
      return json(model.engine(), result.milliseconds())
          .put("logging_share", rounded(result.share(), 6));
    }
  }

  private Batch sameBatch() {
    int[] labels = IntStream.range(0, batch).map(i -> i % classes).toArray();
    return Batch.of(RandomImages.batch(batch), labels);
  }

  private Objective objective() {
    Objective objective = Objective.of(CrossEntropy.ofDefaults());
    if (SAMPLING.contains(mode)) {
      objective =
          objective.plus(
              MarginalSGLD.ofDefaults()
                  .withLangevin(Langevin.ofSteps(sgldSteps).withInnerSteps(innerSteps))
                  .withBatchSize(batch));
    }
    if (mode == Workload.HDGE || mode == Workload.HDGE_JEM) {
      NegativeQueueSettings full =
          NegativeQueueSettings.ofDefaults().withCapacity(negatives).withStart(QueueStart.NOISE);
      objective = objective.plus(ConditionalContrastive.ofDefaults().withQueue(full));
    }
    return objective;
  }

  private double milliseconds(Runnable step) {
    return time(step, new PassTimer()).milliseconds;
  }

  private Timing time(Runnable step, PassTimer passes) {
    long start = System.nanoTime();
    for (int i = 0; i < WARM_UP_STEPS || System.nanoTime() - start < 1e9 * warmUpSeconds; i++) {
      step.run();
    }
    double[] milliseconds = new double[steps];
    double[] outside = new double[steps];
    for (int i = 0; i < steps; i++) {
      long passesBefore = passes.nanoseconds();
      long begin = System.nanoTime();
      step.run();
      long all = System.nanoTime() - begin;
      milliseconds[i] = all / 1e6;
      outside[i] = 1 - (double) (passes.nanoseconds() - passesBefore) / all;
    }
    return new Timing(
        Quantiles.median().compute(milliseconds), Quantiles.median().compute(outside));
  }

  private ObjectNode json(Engine used, double milliseconds) {
    return JsonFiles.object()
        .put("engine", used.name())
        .put("precision", Choice.text(used.precision()))
        .put("mode", mode.toString())
        .put("net", "WRN-" + depth + "-" + width)
        .put("norm", Choice.text(norm))
        .put("batch", batch)
        .put("k", negatives)
        .put("sgld_steps", sgldSteps)
        .put("in_steps", innerSteps)
        .put("threads", used.threads())
        .put("step_ms", rounded(milliseconds, 2));
  }

  private static double rounded(double value, int digits) {
    return BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_UP).doubleValue();
  }
}
