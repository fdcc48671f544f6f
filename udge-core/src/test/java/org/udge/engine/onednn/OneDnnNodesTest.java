package org.udge.engine.onednn;

import static org.assertj.core.api.Assumptions.assumeThat;

import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.udge.engine.Engine;
import org.udge.engine.NodeContract;
import org.udge.engine.Precision;

class OneDnnNodesTest extends NodeContract {

  /** Eight bits of a number are kept: 0.4 % of each, which sums and norms make more of. */
  private static final double BFLOAT16_LOGITS = 0.05;

  /** Rectifiers and maxima near a kink fall on its other side. */
  private static final double BFLOAT16_GRADIENTS = 0.25;

  @Override
  protected Engine engineOf(ComputationGraph graph) {
    return OneDnnEngine.compile(graph, OneDnnOptions.ofDefaults());
  }

  /** Deeplearning4j takes a window that is larger than the image by less than a stride. */
  @Test
  void takes_the_maximum_of_what_there_is_where_the_window_is_larger_than_the_image() {
    Case clipped =
        new Case(
            "clipped",
            b ->
                b.addLayer(
                        "c",
                        new ConvolutionLayer.Builder(8, 9)
                            .nOut(6)
                            .activation(Activation.TANH)
                            .build(),
                        "in")
                    .addLayer("a", pooling(SubsamplingLayer.PoolingType.MAX, 3, 2).build(), "c"),
            "a",
            InputType.convolutional(9, 10, 2));
    ComputationGraph graph = graph(clipped);
    try (Engine engine = engineOf(graph)) {
      compare(graph, engine, 1e-5, 1e-4);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void bfloat16_stays_close_to_the_graph_engine_in_every_mode(Case example) {
    assumeThat(OneDnnLibrary.get().hasBfloat16()).isTrue();
    ComputationGraph graph = graph(example);
    OneDnnOptions options = OneDnnOptions.ofDefaults().withPrecision(Precision.BFLOAT16);
    try (Engine engine = OneDnnEngine.compile(graph, options)) {
      compare(graph, engine, BFLOAT16_LOGITS, BFLOAT16_GRADIENTS);
    }
  }
}
