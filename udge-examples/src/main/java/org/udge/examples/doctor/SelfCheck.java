package org.udge.examples.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.Engines;
import org.udge.data.ImageShape;
import org.udge.engine.Engine;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.engine.Precision;
import org.udge.internal.HostImages;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;

/**
 * Runs small networks on every engine of this machine, and compares with Deeplearning4j's own
 * layers and with finite differences.
 */
final class SelfCheck {

  private static final ImageShape SHAPE = new ImageShape(3, 12, 12);
  private static final int IMAGES = 4;
  private static final int CLASSES = 10;

  /** Length of a step along the gradient, small compared with a pixel's range of 2. */
  private static final double STEP = 1e-2;

  /** Tolerance for float32 rounding and for rectifiers that switch within a step. */
  private static final double DIFFERENCES = 5e-2;

  private final Consumer<String> lines;
  private final INDArray images = uniform("images", SHAPE.batch(IMAGES));
  private final INDArray direction = uniform("direction", IMAGES, CLASSES);
  private final List<Check> failed = new ArrayList<>();

  /** A network with its correct results. */
  private record Expected(
      Norm norm, ComputationGraph graph, INDArray logits, INDArray input, INDArray parameters) {
    @Override
    public String toString() {
      return "WRN-10-1 norm " + norm.name().toLowerCase(Locale.ROOT);
    }
  }

  private SelfCheck(Consumer<String> lines) {
    this.lines = lines;
  }

  /** Runs all checks, reports each, and returns those that failed. */
  static List<Check> run(Consumer<String> lines) {
    SelfCheck all = new SelfCheck(lines);
    for (Norm norm : Norm.values()) {
      Expected expected = all.reference(norm);
      for (EngineSettings settings : others()) {
        all.compare(settings, expected);
      }
    }
    return all.failed;
  }

  /** The results of Deeplearning4j's own layers. */
  private Expected reference(Norm norm) {
    ComputationGraph graph =
        WideResNet.of(10, 1).withNorm(norm).initialize(SHAPE, CLASSES, RandomStreams.of(1));
    try (Engine engine = Engines.create(graph, EngineSettings.of(EngineChoice.GRAPH));
        Pass pass = engine.forward(images, Mode.TRAINING)) {
      Expected expected =
          new Expected(
              norm,
              graph,
              pass.logits().dup(),
              pass.inputGradient(direction).dup(),
              parameterGradient(graph, pass));
      if (norm == Norm.NONE) {
        differences(engine, expected);
      }
      return expected;
    }
  }

  private static List<EngineSettings> others() {
    List<EngineSettings> others = new ArrayList<>();
    for (EngineChoice choice :
        EnumSet.complementOf(EnumSet.of(EngineChoice.AUTO, EngineChoice.GRAPH))) {
      for (Precision precision : Precision.values()) {
        others.add(EngineSettings.of(choice).withPrecision(precision));
      }
    }
    return others;
  }

  private void compare(EngineSettings settings, Expected expected) {
    String name = name(settings) + ", " + expected;
    boolean exact = settings.precision() == Precision.FLOAT32;
    double gradients = exact ? 1e-4 : 0.2;
    try (Engine engine = Engines.create(expected.graph, settings);
        Pass pass = engine.forward(images, Mode.TRAINING)) {
      check(name + ", logits", pass.logits(), expected.logits, exact ? 1e-5 : 2e-2);
      check(
          name + ", gradient of images", pass.inputGradient(direction), expected.input, gradients);
      check(
          name + ", gradient of parameters",
          parameterGradient(expected.graph, pass),
          expected.parameters,
          gradients);
    } catch (IllegalArgumentException | IllegalStateException e) {
      if (expected.norm == Norm.NONE) {
        lines.accept("not here  " + name(settings) + ": " + e.getMessage());
      }
    }
  }

  private static String name(EngineSettings settings) {
    return (settings.choice() + " " + settings.precision()).toLowerCase(Locale.ROOT);
  }

  /** Checks that a step along the gradient changes the logits as predicted by the gradient. */
  private void differences(Engine engine, Expected expected) {
    INDArray gradient = expected.input;
    INDArray step = gradient.mul(STEP / gradient.norm2Number().doubleValue());
    double told = gradient.mul(step).sumNumber().doubleValue();
    double seen = (value(engine, images.add(step)) - value(engine, images.sub(step))) / 2;
    tell(
        new Check(
            "graph float32, " + expected + ", finite differences",
            Math.abs(seen - told) / Math.abs(told),
            DIFFERENCES));
  }

  private double value(Engine engine, INDArray moved) {
    try (Pass pass = engine.forward(moved, Mode.TRAINING)) {
      return pass.logits().mul(direction).sumNumber().doubleValue();
    }
  }

  private INDArray parameterGradient(ComputationGraph graph, Pass pass) {
    if (graph.getGradientsViewArray() == null) {
      graph.initGradientsView();
    }
    graph.getGradientsViewArray().assign(0);
    pass.parameterGradient(direction);
    return graph.getGradientsViewArray().dup();
  }

  private static INDArray uniform(String name, long... shape) {
    float[] numbers =
        new float[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
    RandomStreams.of(2).stream(name).fillUniform(numbers, -1, 1);
    return HostImages.array(numbers, shape);
  }

  private void check(String name, INDArray actual, INDArray expected, double allowed) {
    tell(new Check(name, RelativeError.of(actual, expected), allowed));
  }

  private void tell(Check check) {
    lines.accept(check.line());
    if (!check.passed()) {
      failed.add(check);
    }
  }
}
