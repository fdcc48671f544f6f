package org.udge.examples.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.Engines;
import org.udge.data.ImageShape;
import org.udge.engine.Engine;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.engine.Precision;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/**
 * Runs small networks on every engine of this machine, and compares with Deeplearning4j's own
 * layers and with finite differences.
 */
final class SelfCheck {

  private static final ImageShape SHAPE = new ImageShape(3, 12, 12);
  private static final int IMAGES = 4;
  private static final int CLASSES = 10;

  /** Length of a step along the gradient, small beside a pixel's range of 2. */
  private static final double STEP = 1e-2;

  /** Rounding of float32, and rectifiers that change within a step. */
  private static final double DIFFERENCES = 5e-2;

  private final Consumer<String> lines;
  private final List<Check> failed = new ArrayList<>();

  private SelfCheck(Consumer<String> lines) {
    this.lines = lines;
  }

  /** Runs all checks, tells each, and returns those that failed. */
  static List<Check> run(Consumer<String> lines) {
    SelfCheck all = new SelfCheck(lines);
    for (Norm norm : Norm.values()) {
      all.network(norm);
    }
    return all.failed;
  }

  private void network(Norm norm) {
    ComputationGraph graph =
        WideResNet.of(10, 1).withNorm(norm).initialize(SHAPE, CLASSES, RandomStreams.of(1));
    INDArray images = uniform("images", SHAPE.batch(IMAGES));
    INDArray direction = uniform("direction", IMAGES, CLASSES);
    String network = "WRN-10-1 norm " + norm.name().toLowerCase(Locale.ROOT);
    try (Engine reference = Engines.create(graph, EngineSettings.of(EngineChoice.GRAPH));
        Pass expected = reference.forward(images, Mode.TRAINING)) {
      INDArray logits = expected.logits().dup();
      INDArray input = expected.inputGradient(direction).dup();
      INDArray parameters = parameterGradient(graph, expected, direction);
      if (norm == Norm.NONE) {
        differences(network, reference, images, direction, input);
      }
      for (EngineChoice choice : EngineChoice.values()) {
        if (choice != EngineChoice.AUTO && choice != EngineChoice.GRAPH) {
          for (Precision precision : Precision.values()) {
            EngineSettings settings = EngineSettings.of(choice).withPrecision(precision);
            String name = name(settings) + ", " + network;
            boolean exact = precision == Precision.FLOAT32;
            try (Engine engine = Engines.create(graph, settings);
                Pass pass = engine.forward(images, Mode.TRAINING)) {
              check(name + ", logits", pass.logits(), logits, exact ? 1e-5 : 2e-2);
              check(
                  name + ", gradient of images",
                  pass.inputGradient(direction),
                  input,
                  exact ? 1e-4 : 0.2);
              check(
                  name + ", gradient of parameters",
                  parameterGradient(graph, pass, direction),
                  parameters,
                  exact ? 1e-4 : 0.2);
            } catch (IllegalArgumentException | IllegalStateException e) {
              if (norm == Norm.NONE) {
                lines.accept("not here  " + name(settings) + ": " + e.getMessage());
              }
            }
          }
        }
      }
    }
  }

  private static String name(EngineSettings settings) {
    return (settings.choice() + " " + settings.precision()).toLowerCase(Locale.ROOT);
  }

  /** A step along the gradient changes the logits as the gradient says. */
  private void differences(
      String network, Engine engine, INDArray images, INDArray direction, INDArray gradient) {
    INDArray step = gradient.mul(STEP / gradient.norm2Number().doubleValue());
    double expected = gradient.mul(step).sumNumber().doubleValue();
    double actual =
        (value(engine, images.add(step), direction) - value(engine, images.sub(step), direction))
            / 2;
    tell(
        new Check(
            "graph float32, " + network + ", finite differences",
            Math.abs(actual - expected) / Math.abs(expected),
            DIFFERENCES));
  }

  private static double value(Engine engine, INDArray images, INDArray direction) {
    try (Pass pass = engine.forward(images, Mode.TRAINING)) {
      return pass.logits().mul(direction).sumNumber().doubleValue();
    }
  }

  private static INDArray parameterGradient(ComputationGraph graph, Pass pass, INDArray direction) {
    if (graph.getGradientsViewArray() == null) {
      graph.initGradientsView();
    }
    graph.getGradientsViewArray().assign(0);
    pass.parameterGradient(direction);
    return graph.getGradientsViewArray().dup();
  }

  private static INDArray uniform(String name, long... shape) {
    RandomStream stream = RandomStreams.of(2).stream(name);
    INDArray array = Nd4j.create(shape);
    float[] numbers = new float[Math.toIntExact(array.length())];
    stream.fillUniform(numbers, -1, 1);
    return Nd4j.createFromArray(numbers).reshape(shape);
  }

  private void check(String name, INDArray actual, INDArray expected, double allowed) {
    double error = actual.distance2(expected) / expected.norm2Number().doubleValue();
    tell(new Check(name, error, allowed));
  }

  private void tell(Check check) {
    lines.accept(check.line());
    if (!check.passed()) {
      failed.add(check);
    }
  }
}
