package org.udge.engine.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.udge.data.ImageShape;
import org.udge.engine.Engine;
import org.udge.engine.EngineContract;
import org.udge.engine.Mode;
import org.udge.engine.Pass;
import org.udge.engine.Precision;
import org.udge.engine.UnsupportedNetworkException;
import org.udge.network.ConvNet;
import org.udge.network.Norm;
import org.udge.network.WideResNet;
import org.udge.random.RandomStreams;

class OneDnnEngineTest extends EngineContract {

  private static final ImageShape SHAPE = new ImageShape(3, 8, 8);

  @Override
  protected Engine engineOf(ComputationGraph graph) {
    return OneDnnEngine.compile(graph, OneDnnOptions.ofDefaults());
  }

  private static ComputationGraph graph() {
    return WideResNet.of(10, 1).initialize(SHAPE, 10, RandomStreams.of(7));
  }

  private static INDArray images(int count) {
    float[] pixels = new float[count * SHAPE.size()];
    RandomStreams.of(8).stream("images").fillUniform(pixels, -1, 1);
    return Nd4j.createFromArray(pixels).reshape(SHAPE.batch(count));
  }

  private static INDArray logits(Engine engine, INDArray images) {
    try (Pass pass = engine.forward(images, Mode.EVALUATION)) {
      return pass.logits().dup();
    }
  }

  @Test
  void reads_images_in_any_memory_order() {
    INDArray all = images(4);
    try (Engine engine = engineOf(graph())) {
      INDArray expected = logits(engine, all.get(NDArrayIndex.interval(1, 3)).dup('c'));
      assertThat(logits(engine, all.get(NDArrayIndex.interval(1, 3)))).isEqualTo(expected);
      assertThat(logits(engine, all.get(NDArrayIndex.interval(1, 3)).dup('f'))).isEqualTo(expected);
    }
  }

  @Test
  void reads_logit_gradients_in_any_memory_order() {
    INDArray direction = logitGradient(2);
    try (Engine engine = engineOf(graph());
        Pass pass = engine.forward(images(2), Mode.EVALUATION)) {
      INDArray expected = pass.inputGradient(direction).dup();
      assertThat(pass.inputGradient(direction.mul(2)).distance2(expected)).isGreaterThan(1e-4);
      assertThat(pass.inputGradient(direction.dup('f'))).isEqualTo(expected);
    }
  }

  @Test
  void finishes_the_input_gradient_after_a_parameter_gradient() {
    INDArray direction = logitGradient(2);
    try (Engine engine = engineOf(graph());
        Pass pass = engine.forward(images(2), Mode.EVALUATION);
        Pass other = engine.forward(images(2), Mode.EVALUATION)) {
      INDArray alone = pass.inputGradient(direction).dup();
      other.parameterGradient(direction);
      assertThat(other.inputGradient(direction)).isEqualTo(alone);
      other.parameterGradient(direction.mul(3));
      assertClose("another", other.inputGradient(direction), alone, 1e-6);
    }
  }

  @Test
  void notices_a_new_iteration() {
    ComputationGraph graph = graph();
    INDArray images = images(2);
    try (Engine engine = engineOf(graph)) {
      INDArray before = logits(engine, images);
      graph.params().muli(1.5);
      graph.getConfiguration().setIterationCount(1);
      assertThat(logits(engine, images).distance2(before)).isGreaterThan(1e-3);
    }
  }

  @Test
  void keeps_open_passes_when_their_plan_leaves_the_cache() {
    OneDnnOptions options = OneDnnOptions.ofDefaults().withCachedPlans(1);
    try (Engine engine = OneDnnEngine.compile(graph(), options);
        Pass two = engine.forward(images(2), Mode.EVALUATION)) {
      INDArray before = two.inputGradient(logitGradient(2)).dup();
      try (Pass three = engine.forward(images(3), Mode.EVALUATION)) {
        assertThat(three.logits().size(0)).isEqualTo(3);
        assertThat(two.inputGradient(logitGradient(2))).isEqualTo(before);
      }
      assertThat(engine.describe()).contains("[3, 3, 8, 8]").doesNotContain("[2, 3, 8, 8]");
    }
  }

  @Test
  void gives_several_threads_the_same_numbers() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    INDArray direction = logitGradient(3);
    try (Engine engine = engineOf(graph())) {
      List<INDArray> batches = new ArrayList<>();
      List<INDArray> expected = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        batches.add(images(3).mul(1 - i / 3.0));
        expected.add(inputGradient(engine, batches.get(i), direction));
      }
      List<Future<INDArray>> results = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        INDArray batch = batches.get(i % 4);
        Callable<INDArray> task = () -> inputGradient(engine, batch, direction);
        results.add(pool.submit(task));
      }
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i).get()).isEqualTo(expected.get(i % 4));
      }
    } finally {
      pool.shutdown();
    }
  }

  private static INDArray inputGradient(Engine engine, INDArray images, INDArray direction) {
    try (Pass pass = engine.forward(images, Mode.EVALUATION)) {
      return pass.inputGradient(direction).dup();
    }
  }

  @Test
  void uses_as_many_threads_as_asked_and_leaves_the_callers_number() {
    int before = OneDnnLibrary.get().maximumThreads();
    try (Engine engine = OneDnnEngine.compile(graph(), OneDnnOptions.ofDefaults().withThreads(1));
        Engine usual = engineOf(graph())) {
      assertThat(engine.threads()).isEqualTo(1);
      assertThat(usual.threads()).isEqualTo(before);
      assertClose("logits", logits(engine, images(2)), logits(usual, images(2)), 1e-6);
    }
    assertThat(OneDnnLibrary.get().maximumThreads()).isEqualTo(before);
  }

  @Test
  void bfloat16_stays_close_to_float32() {
    assumeThat(OneDnnLibrary.get().hasBfloat16()).isTrue();
    ComputationGraph graph = graph();
    INDArray images = images(5);
    INDArray direction = logitGradient(5);
    OneDnnOptions options = OneDnnOptions.ofDefaults().withPrecision(Precision.BFLOAT16);
    try (Engine exact = engineOf(graph);
        Engine half = OneDnnEngine.compile(graph, options)) {
      assertThat(half.precision()).isEqualTo(Precision.BFLOAT16);
      assertClose("logits", logits(half, images), logits(exact, images), 0.02);
      assertClose(
          "input gradient",
          inputGradient(half, images, direction),
          inputGradient(exact, images, direction),
          0.2);
    }
  }

  @Test
  void gives_the_same_input_gradient_again_in_bfloat16() {
    assumeThat(OneDnnLibrary.get().hasBfloat16()).isTrue();
    OneDnnOptions options = OneDnnOptions.ofDefaults().withPrecision(Precision.BFLOAT16);
    INDArray direction = logitGradient(3);
    try (Engine engine = OneDnnEngine.compile(graph(), options);
        Pass pass = engine.forward(images(3), Mode.EVALUATION)) {
      INDArray first = pass.inputGradient(direction).dup();
      for (int i = 0; i < 3; i++) {
        assertThat(pass.inputGradient(direction)).isEqualTo(first);
      }
      pass.parameterGradient(direction);
      assertThat(pass.inputGradient(direction)).isEqualTo(first);
      assertThat(pass.inputGradient(direction)).isEqualTo(first);
    }
  }

  @Test
  void keeps_memory_flat_over_2000_steps_and_frees_it() {
    ComputationGraph graph = graph();
    INDArray images = images(2);
    INDArray direction = logitGradient(2);
    Pointer.deallocateReferences();
    long before = Pointer.totalBytes();
    try (Engine engine = engineOf(graph)) {
      for (int i = 0; i < 200; i++) {
        step(engine, images, direction);
      }
      long warm = Pointer.physicalBytes();
      long held = Pointer.totalBytes();
      for (int i = 0; i < 2000; i++) {
        step(engine, images, direction);
      }
      assertThat(Pointer.totalBytes() - held).isLessThan(1L << 20);
      assertThat(Pointer.physicalBytes() - warm).isLessThan(64L << 20);
    }
    assertThat(Pointer.totalBytes() - before).isLessThan(1L << 20);
  }

  @Test
  void keeps_memory_flat_while_plans_come_and_go() {
    OneDnnOptions options = OneDnnOptions.ofDefaults().withCachedPlans(1);
    List<INDArray> batches = List.of(images(1), images(2), images(3));
    try (Engine engine = OneDnnEngine.compile(graph(), options)) {
      for (int i = 0; i < 12; i++) {
        step(engine, batches.get(i % 3), logitGradient(1 + i % 3));
      }
      Pointer.deallocateReferences();
      long held = Pointer.totalBytes();
      long warm = Pointer.physicalBytes();
      for (int i = 0; i < 120; i++) {
        step(engine, batches.get(i % 3), logitGradient(1 + i % 3));
      }
      Pointer.deallocateReferences();
      assertThat(Pointer.totalBytes() - held).isLessThan(16L << 10);
      assertThat(Pointer.physicalBytes() - warm).isLessThan(64L << 20);
    }
  }

  @Test
  void keeps_nothing_of_a_compilation_that_fails() {
    ComputationGraph graph = ConvNet.of(8, 8).initialize(SHAPE, 10, RandomStreams.of(7));
    INDArray fitting = images(2);
    INDArray large = Nd4j.zeros(DataType.FLOAT, 2, 3, 16, 8);
    try (Engine engine = engineOf(graph)) {
      INDArray expected = logits(engine, fitting);
      refuse(engine, large);
      Pointer.deallocateReferences();
      long held = Pointer.totalBytes();
      for (int i = 0; i < 100; i++) {
        refuse(engine, large);
      }
      Pointer.deallocateReferences();
      assertThat(Pointer.totalBytes() - held).isLessThan(16L << 10);
      assertThat(logits(engine, fitting)).isEqualTo(expected);
      assertThat(engine.describe()).doesNotContain("[2, 3, 16, 8]");
    }
  }

  private static void refuse(Engine engine, INDArray images) {
    assertThatThrownBy(() -> engine.forward(images, Mode.EVALUATION))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layer 'dense' wants");
  }

  @Test
  void runs_beside_other_engines() {
    ComputationGraph wide = graph();
    ComputationGraph small = ConvNet.of(8, 8).initialize(SHAPE, 10, RandomStreams.of(7));
    INDArray images = images(3);
    INDArray direction = logitGradient(3);
    INDArray expectedWide;
    INDArray expectedSmall;
    try (Engine alone = engineOf(wide)) {
      expectedWide = inputGradient(alone, images, direction);
    }
    try (Engine alone = engineOf(small)) {
      expectedSmall = inputGradient(alone, images, direction);
    }
    try (Engine one = engineOf(wide)) {
      try (Engine two = engineOf(small);
          Engine three = OneDnnEngine.compile(wide, OneDnnOptions.ofDefaults().withThreads(2));
          Pass open = two.forward(images, Mode.TRAINING)) {
        for (int i = 0; i < 3; i++) {
          assertThat(inputGradient(one, images, direction)).isEqualTo(expectedWide);
          assertThat(inputGradient(two, images, direction)).isEqualTo(expectedSmall);
          assertClose("two threads", inputGradient(three, images, direction), expectedWide, 1e-6);
        }
        assertThat(open.inputGradient(direction)).isEqualTo(expectedSmall);
      }
      assertThat(inputGradient(one, images, direction)).isEqualTo(expectedWide);
    }
  }

  @Test
  void frees_an_open_pass_when_it_is_closed_after_its_engine() {
    ComputationGraph graph = graph();
    INDArray images = images(4);
    engineOf(graph).close();
    Pointer.deallocateReferences();
    long before = Pointer.totalBytes();
    Engine engine = engineOf(graph);
    Pass pass = engine.forward(images, Mode.EVALUATION);
    engine.close();
    assertThat(Pointer.totalBytes() - before).as("the pass's own").isGreaterThan(64L << 10);
    pass.close();
    Pointer.deallocateReferences();
    assertThat(Pointer.totalBytes() - before).isLessThan(16L << 10);
  }

  private static void step(Engine engine, INDArray images, INDArray direction) {
    engine.parametersChanged();
    try (Pass pass = engine.forward(images, Mode.TRAINING)) {
      pass.parameterGradient(direction);
      pass.inputGradient(direction);
    }
  }

  @Test
  void outlives_the_pointer_scope_it_was_made_in() {
    ComputationGraph graph = graph();
    INDArray images = images(2);
    Engine engine;
    float[] expected;
    PointerScope scope = NativeScope.temporaries();
    try {
      engine = OneDnnEngine.compile(graph, OneDnnOptions.ofDefaults());
      try (Pass pass = engine.forward(images, Mode.EVALUATION)) {
        expected = pass.logits().data().asFloat();
      }
    } finally {
      scope.close();
    }
    try (engine;
        Pass pass = engine.forward(images, Mode.EVALUATION)) {
      assertThat(pass.logits().data().asFloat()).isEqualTo(expected);
    }
  }

  @Test
  void profiles_every_step_without_touching_gradients() {
    ComputationGraph graph = graph();
    try (OneDnnEngine engine = OneDnnEngine.compile(graph, OneDnnOptions.ofDefaults())) {
      graph.getGradientsViewArray().assign(1);
      List<StepTime> times = engine.profile(SHAPE, 2, 2);
      assertThat(times).allMatch(time -> time.milliseconds() > 0);
      assertThat(kinds(times, StepKind.CONVOLUTION_FORWARD)).hasSize(9);
      assertThat(kinds(times, StepKind.CONVOLUTION_INPUT_GRADIENT)).hasSize(9);
      assertThat(kinds(times, StepKind.CONVOLUTION_WEIGHT_GRADIENT)).hasSize(9);
      assertThat(kinds(times, StepKind.DENSE)).hasSize(3);
      assertThat(kinds(times, StepKind.POOLING)).hasSize(2);
      assertThat(kinds(times, StepKind.ELEMENT_WISE))
          .contains("layer1.0.lrelu1: leaky relu 0.2", "layer1.0.conv1: leaky relu 0.2 backward");
      assertThat(kinds(times, StepKind.REORDER))
          .contains("logits: reorder", "conv1 bias: add to gradients");
      assertThat(kinds(times, StepKind.HOST)).isEmpty();
      assertThat(times)
          .filteredOn(time -> time.label().equals("layer2.0.conv2: convolution 3x3/2 + sum"))
          .singleElement()
          .satisfies(
              time -> {
                assertThat(time.phase()).isEqualTo("FORWARD");
                assertThat(time.operations()).isEqualTo(2L * 2 * 32 * 4 * 4 * 32 * 9);
                assertThat(time.gigaflops()).isPositive();
                assertThat(time.toString()).contains("GFLOP/s");
              });
      assertThat(graph.getGradientsViewArray().sumNumber().doubleValue())
          .isEqualTo(graph.numParams());
    }
  }

  private static List<String> kinds(List<StepTime> times, StepKind kind) {
    return times.stream().filter(time -> time.kind() == kind).map(StepTime::label).toList();
  }

  @Test
  void knows_norms_and_java_steps_apart() {
    WideResNet network = WideResNet.of(10, 1).withNorm(Norm.LAYER);
    try (OneDnnEngine engine =
        OneDnnEngine.compile(
            network.initialize(SHAPE, 10, RandomStreams.of(7)), OneDnnOptions.ofDefaults())) {
      List<StepTime> times = engine.profile(SHAPE, 1, 1);
      assertThat(kinds(times, StepKind.NORMALIZATION))
          .contains("bn1: layer norm", "bn1: layer norm backward", "bn1: scale and shift");
      assertThat(kinds(times, StepKind.HOST)).contains("bn1: constants");
    }
  }

  @Test
  void measures_the_same_convolutions_alone() {
    try (OneDnnEngine engine = OneDnnEngine.compile(graph(), OneDnnOptions.ofDefaults())) {
      List<StepTime> bare = engine.bareConvolutions(SHAPE, 2, 2);
      List<StepTime> inPlan =
          engine.profile(SHAPE, 2, 1).stream().filter(t -> t.kind().isConvolution()).toList();
      assertThat(bare).hasSize(27).allMatch(time -> time.milliseconds() > 0);
      for (int i = 0; i < bare.size(); i++) {
        assertThat(bare.get(i).label()).isEqualTo(inPlan.get(i).label());
        assertThat(bare.get(i).phase()).isEqualTo(inPlan.get(i).phase());
        assertThat(bare.get(i).operations()).isEqualTo(inPlan.get(i).operations());
      }
      assertThatThrownBy(() -> engine.bareConvolutions(SHAPE, 0, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("batch must be at least 1, was 0");
      assertThatThrownBy(() -> engine.profile(SHAPE, 1, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("rounds must be at least 1, was 0");
    }
  }

  @Test
  void is_available_here() {
    assertThat(OneDnnEngine.availability()).isEmpty();
  }

  @Test
  @SuppressWarnings("rawtypes")
  void refuses_layers_it_does_not_know() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "in")
                .addLayer(
                    "depth", new SpaceToDepthLayer.Builder(2, CNN2DFormat.NCHW).build(), "conv")
                .addLayer("out", new OutputLayer.Builder().nOut(10).build(), "depth")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(8, 8, 3))
                .build());
    graph.init();
    assertThatThrownBy(() -> engineOf(graph))
        .isInstanceOf(UnsupportedNetworkException.class)
        .hasMessage(
            "the onednn engine cannot run layer 'depth': SpaceToDepthLayer; to have it faster, put"
                + " layers that it knows in its place");
  }

  @Test
  void refuses_double_precision_graphs() {
    ComputationGraph graph = graph().convertDataType(DataType.DOUBLE);
    assertThatThrownBy(() -> engineOf(graph))
        .isInstanceOf(UnsupportedNetworkException.class)
        .hasMessageContaining("parameters must be FLOAT, are DOUBLE");
  }

  @Test
  void refuses_images_of_another_type_or_rank() {
    try (Engine engine = engineOf(graph())) {
      assertThatThrownBy(() -> logits(engine, images(2).castTo(DataType.DOUBLE)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "images must be FLOAT [N, C, H, W] with N at least 1, were DOUBLE [2, 3, 8, 8]");
      assertThatThrownBy(() -> logits(engine, images(2).reshape(2, -1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("were FLOAT [2, 192]");
    }
  }

  @Test
  void refuses_images_with_other_channels() {
    try (Engine engine = engineOf(graph())) {
      assertThatThrownBy(() -> logits(engine, Nd4j.zeros(DataType.FLOAT, 2, 1, 8, 8)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("images must have 3 channels, had 1");
    }
  }

  @Test
  void refuses_logit_gradients_of_another_shape() {
    try (Engine engine = engineOf(graph());
        Pass pass = engine.forward(images(2), Mode.EVALUATION)) {
      assertThatThrownBy(() -> pass.inputGradient(logitGradient(3)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("logitGradient must be FLOAT [2, 10] like the logits, was FLOAT [3, 10]");
    }
  }

  @Test
  void refuses_work_after_close() {
    Engine engine = engineOf(graph());
    Pass pass = engine.forward(images(2), Mode.EVALUATION);
    engine.close();
    engine.close();
    assertThatThrownBy(() -> engine.forward(images(2), Mode.EVALUATION))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the engine is closed");
    assertThatThrownBy(() -> pass.inputGradient(logitGradient(2)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the engine is closed");
    pass.close();
  }

  @Test
  void refuses_bad_options() {
    assertThatThrownBy(() -> OneDnnOptions.ofDefaults().withThreads(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads must be at least 1, was 0");
    assertThatThrownBy(() -> OneDnnOptions.ofDefaults().withCachedPlans(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("cachedPlans must be at least 1, was 0");
  }
}
