package org.udge.engine.onednn;

import static org.assertj.core.api.Assumptions.assumeThat;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
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
