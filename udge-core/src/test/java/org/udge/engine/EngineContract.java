package org.udge.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.udge.data.ImageShape;
import org.udge.engine.graph.GraphEngine;
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
  private static final ImageShape SMALL = new ImageShape(3, 12, 12);

  /** Makes the engine under test. */
  protected abstract Engine engineOf(ComputationGraph graph);

  /** A network and images for it. */
  protected record Case(WideResNet network, ImageShape shape, int images) {
    ComputationGraph graph() {
      return network.initialise(shape, 10, RandomStreams.of(7));
    }

    INDArray input() {
      float[] pixels = new float[images * shape.size()];
      RandomStreams.of(8).stream("images").fillUniform(pixels, -1, 1);
      return Nd4j.createFromArray(pixels).reshape(shape.batch(images));
    }

    /** Without batch statistics and dropout all modes are the same. */
    List<Mode> modes() {
      return network.norm() == Norm.BATCH ? List.of(Mode.values()) : List.of(Mode.TRAINING);
    }

    @Override
    public String toString() {
      return network.name() + " " + network.norm() + " " + shape + " batch " + images;
    }
  }

  static Stream<Case> cases() {
    ImageShape grey = new ImageShape(1, 28, 28);
    return Stream.of(
        new Case(WideResNet.of(10, 1), ImageShape.CIFAR, 2),
        new Case(WideResNet.of(10, 1), grey, 3),
        new Case(WideResNet.of(16, 2), ImageShape.CIFAR, 1),
        new Case(WideResNet.of(16, 2), grey, 3),
        new Case(WideResNet.of(10, 1).norm(Norm.BATCH), new ImageShape(3, 12, 12), 5));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agrees_with_the_graph_engine_in_every_mode(Case example) {
    ComputationGraph graph = example.graph();
    INDArray images = example.input();
    INDArray direction = logitGradient(example.images);
    try (Engine reference = GraphEngine.of(graph);
        Engine engine = engineOf(graph)) {
      for (Mode mode : example.modes()) {
        try (Pass expected = reference.forward(images, mode);
            Pass actual = engine.forward(images, mode)) {
          assertClose(mode + " logits", actual.logits(), expected.logits(), LOGITS);
          assertClose(
              mode + " input gradient",
              actual.inputGradient(direction),
              expected.inputGradient(direction),
              GRADIENTS);
          assertClose(
              mode + " parameter gradient",
              parameterGradient(graph, actual, direction),
              parameterGradient(graph, expected, direction),
              GRADIENTS);
        }
      }
    }
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
    ComputationGraph graph = WideResNet.of(10, 1).initialise(SMALL, 10, streams());
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
    WideResNet network = WideResNet.of(10, 1).dropout(0.3);
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
    Case with = new Case(network.dropout(0.3), SMALL, 2);
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
    Case example = new Case(WideResNet.of(10, 1).dropout(0.3), SMALL, 2);
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
