package org.udge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.List;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.ImageShape;
import org.udge.engine.graph.GraphEngine;
import org.udge.network.ActNormalization;
import org.udge.network.Initialization;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStream;
import org.udge.random.RandomStreams;

/**
 * What every engine must do: the same numbers as {@link GraphEngine}, and the same manners.
 * Subclasses say how an engine is made.
 */
public abstract class EngineContract {

  private static final double LOGITS = 1e-5;
  private static final double GRADIENTS = 1e-4;
  private static final double DIFFERENCES = 2e-3;
  private static final ImageShape SMALL = new ImageShape(3, 12, 12);

  /** Makes the engine under test. */
  protected abstract Engine engineOf(ComputationGraph graph);

  /** A network and images for it. */
  protected record Case(WideResNet network, ImageShape shape, int images) {
    ComputationGraph graph() {
      return network.initialize(shape, 10, RandomStreams.of(7));
    }

    /** The same network and parameters with swish in place of every leaky rectifier. */
    ComputationGraph smoothGraph() {
      ComputationGraphConfiguration configuration = network.configuration(shape, 10);
      for (GraphVertex vertex : configuration.getVertices().values()) {
        if (vertex instanceof LayerVertex layer
            && layer.getLayerConf().getLayer() instanceof ActivationLayer activation) {
          activation.setActivationFn(new ActivationSwish());
        }
      }
      return Initialization.PYTORCH_DEFAULT.initialize(configuration, RandomStreams.of(7));
    }

    INDArray input() {
      float[] pixels = new float[images * shape.size()];
      RandomStreams.of(8).stream("images").fillUniform(pixels, -1, 1);
      return Nd4j.createFromArray(pixels).reshape(shape.batch(images));
    }

    /** Without batch statistics and dropout all modes are the same. */
    List<Mode> modes() {
      return network.norm() == Norm.BATCH
          ? List.of(Mode.TRAINING, Mode.TRAINING_FROZEN_STATISTICS, Mode.EVALUATION)
          : List.of(Mode.TRAINING);
    }

    @Override
    public String toString() {
      return network.name() + " " + network.norm() + " " + shape + " batch " + images;
    }
  }

  static Stream<Case> cases() {
    ImageShape gray = new ImageShape(1, 28, 28);
    return Stream.of(
        new Case(WideResNet.of(10, 1), ImageShape.CIFAR, 2),
        new Case(WideResNet.of(10, 1), gray, 3),
        new Case(WideResNet.of(16, 2), ImageShape.CIFAR, 1),
        new Case(WideResNet.of(16, 2), gray, 3),
        new Case(WideResNet.of(10, 1), gray, 7),
        new Case(WideResNet.of(10, 1), SMALL, 7),
        new Case(WideResNet.of(10, 1).withNorm(Norm.BATCH), SMALL, 5),
        new Case(WideResNet.of(10, 1).withNorm(Norm.BATCH), new ImageShape(1, 12, 12), 7),
        new Case(WideResNet.of(10, 1).withNorm(Norm.INSTANCE), SMALL, 3),
        new Case(WideResNet.of(10, 1).withNorm(Norm.LAYER), SMALL, 1),
        new Case(WideResNet.of(10, 1).withNorm(Norm.LAYER), SMALL, 3),
        new Case(WideResNet.of(10, 1).withNorm(Norm.ACT), SMALL, 7));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agrees_with_the_graph_engine_in_every_mode(Case example) {
    ComputationGraph graph = example.graph();
    INDArray images = example.input();
    INDArray direction = logitGradient(example.images);
    try (Engine engine = engineOf(graph)) {
      for (Mode mode : example.modes()) {
        checkAgreement(graph, engine, images, direction, mode);
      }
    }
  }

  static void checkAgreement(
      ComputationGraph graph, Engine engine, INDArray images, INDArray direction, Mode mode) {
    checkAgreement(graph, engine, images, direction, mode, LOGITS, GRADIENTS);
  }

  /** Compares logits and both gradients with the graph engine's, within relative tolerances. */
  public static void checkAgreement(
      ComputationGraph graph,
      Engine engine,
      INDArray images,
      INDArray direction,
      Mode mode,
      double ofLogits,
      double ofGradients) {
    try (Engine reference = GraphEngine.of(graph);
        Pass expected = reference.forward(images, mode);
        Pass actual = engine.forward(images, mode)) {
      assertClose(mode + " logits", actual.logits(), expected.logits(), ofLogits);
      assertClose(
          mode + " input gradient",
          actual.inputGradient(direction),
          expected.inputGradient(direction),
          ofGradients);
      assertClose(
          mode + " parameter gradient",
          parameterGradient(graph, actual, direction),
          parameterGradient(graph, expected, direction),
          ofGradients);
      assertClose(
          mode + " input gradient after the parameters'",
          actual.inputGradient(direction),
          expected.inputGradient(direction),
          ofGradients);
    }
  }

  static Stream<Arguments> smoothCases() {
    WideResNet network = WideResNet.of(10, 1);
    return Stream.concat(
        Stream.of(
            Arguments.of(new Case(network, ImageShape.CIFAR, 1), Mode.EVALUATION),
            Arguments.of(new Case(network, new ImageShape(1, 28, 28), 3), Mode.EVALUATION),
            Arguments.of(
                new Case(WideResNet.of(16, 2), new ImageShape(1, 28, 28), 3), Mode.EVALUATION),
            Arguments.of(new Case(network.withNorm(Norm.BATCH), SMALL, 7), Mode.TRAINING),
            Arguments.of(
                new Case(network.withNorm(Norm.BATCH).withDropout(0.3), SMALL, 3),
                Mode.TRAINING_FROZEN_STATISTICS)),
        Stream.of(Norm.values())
            .map(
                norm -> Arguments.of(new Case(network.withNorm(norm), SMALL, 3), Mode.EVALUATION)));
  }

  /**
   * Gradients against differences of what the engine itself computes, so that no other engine is
   * trusted.
   *
   * <p>For a direction v of independent normal numbers, the mean square of v times an error e of
   * the gradient is |e|^2. So the derivative along v, by differences, may differ from v times the
   * gradient by a small share of the gradient's norm, whatever the sign and size of the derivative
   * itself; a few directions suffice to notice an error in any part of the gradient.
   *
   * <p>Logits are float32: differences over a step h are off by about 1e-7 |f| / h. With the second
   * order's h^2 that would leave 1e-4 at best; the difference of fourth order, (8 (f(h) - f(-h)) -
   * (f(2h) - f(-2h))) / 12h, has an error of h^4 and allows for a longer step. Swish in place of
   * leaky rectifiers: a step over the kink of one of thousands of rectifiers would be an error of
   * the difference, not of the gradient.
   */
  @ParameterizedTest
  @MethodSource("smoothCases")
  void gradients_agree_with_differences_of_logits(Case example, Mode mode) {
    ComputationGraph graph = example.smoothGraph();
    INDArray images = example.input();
    INDArray weights = logitGradient(example.images);
    try (Engine engine = engineOf(graph)) {
      checkGradients(graph, engine, images, weights, mode);
    }
  }

  static void checkGradients(
      ComputationGraph graph, Engine engine, INDArray images, INDArray weights, Mode mode) {
    INDArray inputGradient;
    INDArray parameterGradient;
    try (Pass pass = engine.forward(images, mode, 1)) {
      inputGradient = pass.inputGradient(weights).dup();
      parameterGradient = parameterGradient(graph, pass, weights);
    }
    ToDoubleFunction<INDArray> scalar =
        x -> {
          engine.parametersChanged();
          try (Pass pass = engine.forward(x, mode, 1)) {
            return pass.logits().castTo(DataType.DOUBLE).mul(weights).sumNumber().doubleValue();
          }
        };
    for (int i = 0; i < 4; i++) {
      INDArray toward = direction("images " + i, images);
      checkDerivative("images", images, toward, inputGradient, () -> scalar.applyAsDouble(images));
      INDArray other = trained(graph, direction("parameters " + i, graph.params()));
      checkDerivative(
          "parameters",
          graph.params(),
          other,
          trained(graph, parameterGradient),
          () -> scalar.applyAsDouble(images));
    }
  }

  /** Independent normal numbers times the typical size of the array's. */
  private static INDArray direction(String name, INDArray array) {
    float[] values = new float[(int) array.length()];
    RandomStreams.of(11).stream(name).fillGaussian(values);
    double size = array.norm2Number().doubleValue() / Math.sqrt(array.length());
    return Nd4j.createFromArray(values).reshape(array.shape()).muli(size);
  }

  /**
   * Zero where parameters are frozen, running statistics or flags, which are not trained by
   * gradient.
   */
  private static INDArray trained(ComputationGraph graph, INDArray flat) {
    INDArray result = flat.dup().reshape(graph.params().shape());
    ComputationGraph cut = new ComputationGraph(graph.getConfiguration().clone());
    cut.init(result, false);
    for (Layer layer : cut.getLayers()) {
      layer
          .paramTable()
          .forEach(
              (name, view) -> {
                if (BatchStatistics.isFrozen(layer)
                    || Set.of("mean", "var", "log10stdev", ActNormalization.INITIALIZED)
                        .contains(name)) {
                  view.assign(0);
                }
              });
    }
    return result;
  }

  private static void checkDerivative(
      String what, INDArray varied, INDArray direction, INDArray gradient, DoubleSupplier scalar) {
    double step = 1.0 / 128;
    INDArray original = varied.dup();
    double[] values = new double[5];
    for (int i = -2; i <= 2; i++) {
      varied.assign(original.add(direction.mul(i * step)));
      values[i + 2] = scalar.getAsDouble();
    }
    varied.assign(original);
    double difference = (8 * (values[3] - values[1]) - (values[4] - values[0])) / (12 * step);
    INDArray exact = direction.castTo(DataType.DOUBLE);
    double derivative = exact.mul(gradient.castTo(DataType.DOUBLE)).sumNumber().doubleValue();
    double size =
        gradient.norm2Number().doubleValue()
            * direction.norm2Number().doubleValue()
            / Math.sqrt(direction.length());
    assertThat(Math.abs(difference - derivative) / size)
        .as(
            "derivative along a direction of %s: %s, by differences %s",
            what, derivative, difference)
        .isLessThan(DIFFERENCES);
  }

  @Test
  void adds_into_the_gradient_view() {
    Case example = new Case(WideResNet.of(10, 1), SMALL, 2);
    ComputationGraph graph = example.graph();
    INDArray direction = logitGradient(2);
    try (Engine engine = engineOf(graph);
        Pass pass = engine.forward(example.input(), Mode.TRAINING)) {
      INDArray once = parameterGradient(graph, pass, direction);
      pass.parameterGradient(direction);
      assertClose("twice", graph.getGradientsViewArray(), once.mul(2), 1e-6);
    }
  }

  @Test
  void keeps_several_passes_apart() {
    ComputationGraph graph = WideResNet.of(10, 1).initialize(SMALL, 10, streams());
    INDArray first = new Case(WideResNet.of(10, 1), SMALL, 3).input();
    INDArray second = first.mul(-0.5);
    INDArray direction = logitGradient(3);
    try (Engine engine = engineOf(graph)) {
      INDArray alone;
      try (Pass pass = engine.forward(first, Mode.EVALUATION)) {
        alone = pass.inputGradient(direction).dup();
      }
      try (Pass one = engine.forward(first, Mode.EVALUATION);
          Pass two = engine.forward(second, Mode.EVALUATION)) {
        assertThat(one.logits()).isNotEqualTo(two.logits());
        assertClose("first of two", one.inputGradient(direction), alone, 1e-6);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gives_the_same_input_gradient_whatever_was_asked_before(Case example) {
    INDArray images = example.input();
    INDArray direction = logitGradient(example.images);
    ComputationGraph graph = example.graph();
    try (Engine engine = engineOf(graph);
        Pass pass = engine.forward(images, Mode.EVALUATION)) {
      INDArray first = pass.inputGradient(direction).dup();
      assertClose("again", pass.inputGradient(direction), first, 1e-6);
      pass.inputGradient(direction.mul(-2));
      assertClose("after another", pass.inputGradient(direction), first, 1e-6);
      pass.parameterGradient(direction);
      assertClose("after parameters", pass.inputGradient(direction), first, 1e-6);
      assertClose("and again", pass.inputGradient(direction), first, 1e-6);
      pass.parameterGradient(direction.mul(3));
      assertClose("after other parameters", pass.inputGradient(direction), first, 1e-6);
    }
  }

  @Test
  void switches_modes_between_passes() {
    Case example = new Case(WideResNet.of(10, 1).withNorm(Norm.BATCH), SMALL, 5);
    ComputationGraph graph = example.graph();
    INDArray images = example.input();
    INDArray direction = logitGradient(5);
    try (Engine engine = engineOf(graph)) {
      INDArray training = inputGradient(engine, images, Mode.TRAINING, direction);
      INDArray evaluation = inputGradient(engine, images, Mode.EVALUATION, direction);
      assertThat(training.distance2(evaluation)).isGreaterThan(1e-4);
      try (Pass first = engine.forward(images, Mode.TRAINING);
          Pass second = engine.forward(images, Mode.EVALUATION);
          Pass third = engine.forward(images, Mode.TRAINING_FROZEN_STATISTICS)) {
        assertClose("frozen", third.inputGradient(direction), evaluation, 1e-6);
        assertClose("training", first.inputGradient(direction), training, 1e-6);
        assertClose("evaluation", second.inputGradient(direction), evaluation, 1e-6);
        assertThat(third.logits()).isEqualTo(second.logits());
      }
      assertClose(
          "training again",
          inputGradient(engine, images, Mode.TRAINING, direction),
          training,
          1e-6);
    }
  }

  private static INDArray inputGradient(
      Engine engine, INDArray images, Mode mode, INDArray direction) {
    try (Pass pass = engine.forward(images, mode)) {
      return pass.inputGradient(direction).dup();
    }
  }

  @Test
  void gives_out_arrays_of_its_own() {
    Case example = new Case(WideResNet.of(10, 1), SMALL, 3);
    INDArray direction = logitGradient(3);
    try (MemoryWorkspace workspace = Nd4j.getWorkspaceManager().getAndActivateWorkspace("callers");
        Engine engine = engineOf(example.graph());
        Pass pass = engine.forward(example.input(), Mode.EVALUATION)) {
      assertThat(workspace.getId()).isEqualTo("callers");
      INDArray logits = pass.logits();
      assertThat(logits.dataType()).isEqualTo(DataType.FLOAT);
      assertThat(logits.shape()).containsExactly(3, 10);
      assertThat(logits.isAttached()).isFalse();
      INDArray before = logits.dup();
      INDArray gradient = pass.inputGradient(direction);
      assertThat(gradient.dataType()).isEqualTo(DataType.FLOAT);
      assertThat(gradient.shape()).containsExactly(SMALL.batch(3));
      assertThat(gradient.isAttached()).isFalse();
      try (Pass other = engine.forward(example.input().neg(), Mode.EVALUATION)) {
        other.inputGradient(direction);
        other.parameterGradient(direction);
      }
      assertThat(pass.logits()).isEqualTo(before);
    }
  }

  @Test
  void uses_as_many_threads_as_openmp_is_told_to() {
    String told = System.getenv("OMP_NUM_THREADS");
    assumeThat(told).isNotNull();
    try (Engine engine = engineOf(new Case(WideResNet.of(10, 1), SMALL, 1).graph())) {
      assertThat(engine.threads()).isEqualTo(Integer.parseInt(told));
    }
  }

  @Test
  void sees_changed_parameters() {
    Case example = new Case(WideResNet.of(10, 1), SMALL, 2);
    ComputationGraph graph = example.graph();
    try (Engine engine = engineOf(graph)) {
      INDArray before;
      try (Pass pass = engine.forward(example.input(), Mode.EVALUATION)) {
        before = pass.logits().dup();
      }
      graph.params().muli(1.1);
      engine.parametersChanged();
      try (Pass pass = engine.forward(example.input(), Mode.EVALUATION);
          Engine reference = GraphEngine.of(graph);
          Pass expected = reference.forward(example.input(), Mode.EVALUATION)) {
        assertThat(pass.logits().distance2(before)).isGreaterThan(1e-3);
        assertClose("new logits", pass.logits(), expected.logits(), LOGITS);
      }
    }
  }

  @Test
  void repeats_dropout_masks_with_the_seed() {
    WideResNet network = WideResNet.of(10, 1).withDropout(0.3);
    Case example = new Case(network, SMALL, 2);
    ComputationGraph graph = example.graph();
    INDArray images = example.input();
    try (Engine engine = engineOf(graph);
        Pass one = engine.forward(images, Mode.TRAINING, 5);
        Pass same = engine.forward(images, Mode.TRAINING, 5);
        Pass other = engine.forward(images, Mode.TRAINING, 6);
        Pass without = engine.forward(images, Mode.EVALUATION, 5)) {
      assertThat(one.logits()).isEqualTo(same.logits());
      assertThat(one.logits().distance2(other.logits())).isGreaterThan(1e-4);
      assertThat(one.logits().distance2(without.logits())).isGreaterThan(1e-4);
      INDArray direction = logitGradient(2);
      assertThat(one.inputGradient(direction).dup()).isEqualTo(same.inputGradient(direction));
    }
  }

  @Test
  void goes_back_without_dropout_in_evaluation() {
    WideResNet network = WideResNet.of(10, 1);
    Case with = new Case(network.withDropout(0.3), SMALL, 2);
    Case without = new Case(network, SMALL, 2);
    INDArray direction = logitGradient(2);
    try (Engine engine = engineOf(with.graph());
        Engine reference = engineOf(without.graph());
        Pass pass = engine.forward(with.input(), Mode.EVALUATION);
        Pass expected = reference.forward(with.input(), Mode.EVALUATION)) {
      assertClose(
          "gradient", pass.inputGradient(direction), expected.inputGradient(direction), 1e-6);
    }
  }

  @Test
  void leaves_the_callers_generator_alone() {
    Case example = new Case(WideResNet.of(10, 1).withDropout(0.3), SMALL, 2);
    Nd4j.getRandom().setSeed(42);
    INDArray expected = Nd4j.rand(3);
    Nd4j.getRandom().setSeed(42);
    ComputationGraph graph = example.graph();
    try (Engine engine = engineOf(graph);
        Pass pass = engine.forward(example.input(), Mode.TRAINING, 1)) {
      pass.parameterGradient(logitGradient(2));
    }
    assertThat(Nd4j.rand(3)).isEqualTo(expected);
  }

  @Test
  void refuses_closed_passes() {
    Case example = new Case(WideResNet.of(10, 1), SMALL, 2);
    try (Engine engine = engineOf(example.graph())) {
      Pass pass = engine.forward(example.input(), Mode.EVALUATION);
      pass.close();
      assertThatThrownBy(pass::logits)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void describes_itself() {
    try (Engine engine = engineOf(new Case(WideResNet.of(10, 1), SMALL, 2).graph())) {
      assertThat(engine.describe()).contains("engine " + engine.name()).contains("conv1");
      assertThat(engine.threads()).isPositive();
    }
  }

  private static RandomStreams streams() {
    return RandomStreams.of(7);
  }

  /** The gradient of some scalar with respect to the logits. */
  protected static INDArray logitGradient(int images) {
    float[] values = new float[images * 10];
    RandomStream random = RandomStreams.of(9).stream("direction");
    random.fillGaussian(values);
    return Nd4j.createFromArray(values).reshape(images, 10);
  }

  private static INDArray parameterGradient(
      ComputationGraph graph, Pass pass, INDArray logitGradient) {
    graph.getGradientsViewArray().assign(0);
    pass.parameterGradient(logitGradient);
    return graph.getGradientsViewArray().dup();
  }

  /** Asserts that |actual - expected| / |expected| is small. */
  public static void assertClose(
      String what, INDArray actual, INDArray expected, double tolerance) {
    double distance = actual.castTo(expected.dataType()).distance2(expected);
    double size = expected.norm2Number().doubleValue();
    assertThat(distance / size).as(what).isLessThan(tolerance);
  }
}
