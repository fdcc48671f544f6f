package org.udge.examples;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.math.Quantiles;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.EnergyModel;
import org.udge.data.Batch;
import org.udge.data.ImageShape;
import org.udge.engine.Engine;
import org.udge.engine.Logits;
import org.udge.engine.Pass;
import org.udge.loss.ConditionalContrastive;
import org.udge.loss.CrossEntropy;
import org.udge.loss.MarginalSGLD;
import org.udge.loss.NegativeQueueSettings;
import org.udge.loss.QueueStart;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;
import org.udge.sampling.Langevin;
import org.udge.training.LearningRate;
import org.udge.training.Objective;
import org.udge.training.Trainer;
import org.udge.training.TrainingSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times one training step on random images and prints one line of JSON. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    abbreviateSynopsis = true,
    sortOptions = false,
    header = "Times one training step of a WideResNet and prints one line of JSON.",
    description = {
      "",
      "Random images, Adam; the median of --steps steps after a warm-up of --warmup_s seconds and"
          + " at least two steps. The queue of negatives is full from the start, the replay buffer holds"
          + " 10,000 images."
    })
public final class Bench extends DebugOption implements Callable<Integer> {

  private static final int WARM_UP_STEPS = 2;

  /** What a step does. */
  enum Mode {
    CE("ce"),
    HDGE("hdge"),
    JEM("jem"),
    HDGE_JEM("hdge+jem"),
    GRADX("gradx");

    private final String text;

    Mode(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--mode",
      defaultValue = "hdge",
      description =
          "ce: cross entropy; hdge: cross entropy and conditional contrast; jem: cross entropy and"
              + " Langevin samples of p(x); hdge+jem: all three; gradx: the gradient of log p(x)"
              + " with respect to the images, one Langevin step's work. Default: ${DEFAULT-VALUE}.")
  private Mode mode;

  @Option(
      names = "--depth",
      defaultValue = "10",
      converter = Numbers.Depth.class,
      description = "Layers of the network, 6n + 4. Default: ${DEFAULT-VALUE}.")
  private int depth;

  @Option(
      names = "--width",
      defaultValue = "1",
      converter = Numbers.AtLeastOne.class,
      description = "Widening factor of the network. Default: ${DEFAULT-VALUE}.")
  private int width;

  @Option(
      names = "--batch",
      defaultValue = "64",
      converter = Numbers.AtLeastOne.class,
      description = "Images a step. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--classes",
      defaultValue = "10",
      converter = Numbers.AtLeastOne.class,
      description = "Number of classes. Default: ${DEFAULT-VALUE}.")
  private int classes;

  @Option(
      names = "--k",
      defaultValue = "65536",
      converter = Numbers.AtLeastOne.class,
      description = "Negatives in the queue. Default: ${DEFAULT-VALUE}.")
  private int negatives;

  @Option(
      names = "--sgld_steps",
      defaultValue = "20",
      converter = Numbers.AtLeastOne.class,
      description = "Langevin steps a training step. Default: ${DEFAULT-VALUE}.")
  private int sgldSteps;

  @Option(
      names = "--steps",
      defaultValue = "15",
      converter = Numbers.AtLeastOne.class,
      description = "Timed steps, of which the median counts. Default: ${DEFAULT-VALUE}.")
  private int steps;

  @Option(
      names = "--warmup_s",
      defaultValue = "2",
      converter = Numbers.NotNegative.class,
      description =
          "Seconds of steps before those timed, for the compilers of Java and oneDNN. Default:"
              + " ${DEFAULT-VALUE}.")
  private double warmUpSeconds;

  @Mixin(name = "Engine")
  private EngineOptions engine;

  /** The command, for the runnable jar. */
  public Bench() {}

  /**
   * Runs the command and ends the process.
   *
   * @param args its flags
   */
  public static void main(String... args) {
    Cli.runAndExit(new Bench(), args);
  }

  @Override
  public Integer call() throws JsonProcessingException {
    try (EnergyModel model =
        engine
            .configure(EnergyModel.builder(WideResNet.of(depth, width)).classes(classes))
            .build()) {
      double milliseconds = time(mode == Mode.GRADX ? gradient(model) : training(model));
      spec.commandLine().getOut().println(json(model.engine(), milliseconds));
    }
    return 0;
  }

  private Runnable gradient(EnergyModel model) {
    INDArray images = randomImages();
    return () -> {
      try (Pass pass = model.engine().forward(images, org.udge.engine.Mode.EVALUATION)) {
        Logits logits = Logits.of(pass.logits());
        double[][] score =
            IntStream.range(0, batch).mapToObj(logits::probabilities).toArray(double[][]::new);
        pass.inputGradient(Logits.of(score).toArray());
      }
    };
  }

  private Runnable training(EnergyModel model) {
    TrainingSession session =
        Trainer.builder(model, objective())
            .learningRate(LearningRate.constant(1e-4))
            .build()
            .begin();
    int[] labels = IntStream.range(0, batch).map(i -> i % classes).toArray();
    Batch data = Batch.of(randomImages(), labels);
    return () -> session.step(data);
  }

  private Objective objective() {
    Objective objective = Objective.of(CrossEntropy.ofDefaults());
    if (mode == Mode.JEM || mode == Mode.HDGE_JEM) {
      objective =
          objective.plus(
              MarginalSGLD.ofDefaults().langevin(Langevin.steps(sgldSteps)).batchSize(batch));
    }
    if (mode == Mode.HDGE || mode == Mode.HDGE_JEM) {
      NegativeQueueSettings full =
          NegativeQueueSettings.ofDefaults().capacity(negatives).start(QueueStart.NOISE);
      objective = objective.plus(ConditionalContrastive.ofDefaults().queue(full));
    }
    return objective;
  }

  private INDArray randomImages() {
    float[] pixels = new float[batch * ImageShape.CIFAR.size()];
    RandomStreams.of(0).stream("images").fillUniform(pixels, -1, 1);
    return Nd4j.createFromArray(pixels).reshape(ImageShape.CIFAR.batch(batch));
  }

  private double time(Runnable step) {
    long start = System.nanoTime();
    for (int i = 0; i < WARM_UP_STEPS || System.nanoTime() - start < 1e9 * warmUpSeconds; i++) {
      step.run();
    }
    long[] nanoseconds = new long[steps];
    Arrays.setAll(
        nanoseconds,
        i -> {
          long begin = System.nanoTime();
          step.run();
          return System.nanoTime() - begin;
        });
    return Quantiles.median().compute(nanoseconds) / 1e6;
  }

  private String json(Engine used, double milliseconds) throws JsonProcessingException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode node =
        mapper
            .createObjectNode()
            .put("engine", used.name())
            .put("precision", Choice.text(used.precision()))
            .put("mode", mode.toString())
            .put("net", "WRN-" + depth + "-" + width)
            .put("batch", batch)
            .put("k", negatives)
            .put("sgld_steps", sgldSteps)
            .put("threads", used.threads())
            .put("step_ms", Math.round(milliseconds * 100) / 100.0);
    return mapper.writeValueAsString(node);
  }
}
