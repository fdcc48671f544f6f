package org.udge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.LoggerFactory;
import org.udge.data.ImageShape;
import org.udge.engine.Engine;
import org.udge.engine.EngineChoice;
import org.udge.engine.EngineSettings;
import org.udge.engine.Precision;
import org.udge.engine.UnsupportedNetworkException;
import org.udge.engine.graph.GraphEngine;
import org.udge.network.ConvNet;
import org.udge.random.RandomStreams;

class EnginesTest {

  private static final ImageShape SHAPE = new ImageShape(3, 8, 8);

  private static ComputationGraph known() {
    return ConvNet.of(4).initialize(SHAPE, 3, RandomStreams.of(1));
  }

  /** A network with an activation function that only Deeplearning4j knows. */
  private static ComputationGraph unknown() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                    "odd",
                    new ConvolutionLayer.Builder(3, 3)
                        .nOut(2)
                        .activation(Activation.SOFTSIGN)
                        .build(),
                    "in")
                .addLayer("out", new OutputLayer.Builder().nOut(3).build(), "odd")
                .setOutputs("out")
                .setInputTypes(InputType.convolutional(8, 8, 3))
                .build());
    graph.init();
    return graph;
  }

  private static String name(ComputationGraph graph, EngineChoice choice) {
    try (Engine engine = Engines.create(graph, EngineSettings.of(choice).withThreads(1))) {
      return engine.name();
    }
  }

  @Test
  void takes_the_fast_engine_where_it_can_run() {
    assertThat(name(known(), EngineChoice.AUTO)).isEqualTo("onednn");
    assertThat(name(known(), EngineChoice.ONEDNN)).isEqualTo("onednn");
    assertThat(name(known(), EngineChoice.GRAPH)).isEqualTo("graph");
    assertThat(name(unknown(), EngineChoice.AUTO)).isEqualTo("graph");
  }

  private static ConvolutionLayer tanh(int kernel) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .nIn(3)
        .nOut(4)
        .activation(Activation.TANH)
        .build();
  }

  /** A network that weights its channels by what it sees in the whole of an 8x8 image. */
  private static ComputationGraph gated() {
    ComputationGraph graph =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("map", tanh(1), "in")
                .addLayer("gate", tanh(8), "in")
                .addVertex(
                    "product", new ElementWiseVertex(ElementWiseVertex.Op.Product), "map", "gate")
                .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "product")
                .addLayer("out", new OutputLayer.Builder().nIn(4).nOut(3).build(), "pool")
                .setOutputs("out")
                .build());
    graph.init();
    return graph;
  }

  @Test
  void a_model_of_known_images_takes_the_graph_engine_where_shapes_differ_within() {
    try (EnergyModel model = EnergyModel.builder(gated()).shape(SHAPE).build()) {
      assertThat(model.engine().name()).isEqualTo("graph");
      INDArray images = Nd4j.rand(SHAPE.batch(2));
      assertThat(model.logits(images).toArray().shape()).containsExactly(2, 3);
    }
    assertThatThrownBy(
            () -> Engines.create(gated(), EngineSettings.of(EngineChoice.ONEDNN), SHAPE).close())
        .isInstanceOf(UnsupportedNetworkException.class)
        .hasMessage(
            "the onednn engine cannot run layer 'product': vertex ElementWiseVertex of inputs of"
                + " different shapes, [4x8x8, 4x1x1]; to have it faster, give all its inputs the same"
                + " channels, height and width");
  }

  @Test
  void warns_with_the_layer_and_what_would_help() {
    Logger logger = (Logger) LoggerFactory.getLogger(Engines.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      assertThat(name(unknown(), EngineChoice.AUTO)).isEqualTo("graph");
    } finally {
      logger.detachAppender(lines);
    }
    assertThat(lines.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .isEqualTo(
            "using the slower graph engine: the onednn engine cannot run layer 'odd': activation"
                + " function softsign; to have it faster, take one that it knows, LEAKYRELU for"
                + " example");
  }

  @Test
  void refuses_what_the_engine_asked_for_cannot_do() {
    assertThatThrownBy(() -> name(unknown(), EngineChoice.ONEDNN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "the onednn engine cannot run layer 'odd': activation function softsign");
    assertThatThrownBy(
            () ->
                Engines.create(
                        known(),
                        EngineSettings.of(EngineChoice.GRAPH).withPrecision(Precision.BFLOAT16))
                    .close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the graph engine computes in FLOAT32, not BFLOAT16");
  }

  @Test
  void a_model_uses_as_many_threads_as_its_builder_was_told() {
    for (int threads : new int[] {1, 2, 3}) {
      try (EnergyModel model =
          EnergyModel.builder(known())
              .shape(SHAPE)
              .engine(EngineSettings.ofDefaults().withThreads(threads))
              .build()) {
        assertThat(model.engine().threads()).isEqualTo(threads);
        assertThat(model.engine().describe()).contains("threads " + threads);
      }
    }
    assertThatThrownBy(() -> EngineSettings.ofDefaults().withThreads(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads must be at least 1, was 0");
  }

  @Test
  void models_side_by_side_do_not_disturb_each_other() {
    INDArray images = Nd4j.ones(DataType.FLOAT, 2, 3, 8, 8);
    try (EnergyModel first = EnergyModel.builder(known()).shape(SHAPE).build();
        EnergyModel other =
            EnergyModel.builder(ConvNet.of(8))
                .shape(SHAPE)
                .classes(5)
                .engine(EngineSettings.ofDefaults().withThreads(2))
                .build()) {
      double[] alone = first.energy(images);
      double[] others = other.energy(images);
      for (int i = 0; i < 3; i++) {
        assertThat(first.energy(images)).containsExactly(alone);
        assertThat(other.energy(images)).containsExactly(others);
      }
      other.close();
      assertThat(first.energy(images)).containsExactly(alone);
    }
  }

  @Test
  void a_model_can_be_run_by_another_engine() {
    ComputationGraph graph = known();
    INDArray images = Nd4j.ones(DataType.FLOAT, 2, 3, 8, 8);
    try (EnergyModel model = EnergyModel.of(graph);
        EnergyModel other = model.withEngine(GraphEngine.of(graph))) {
      assertThat(other.engine().name()).isEqualTo("graph");
      assertThat(other.graph()).isSameAs(graph);
      assertThat(other.energy(images)).containsExactly(model.energy(images), within(1e-4));
    }
  }
}
