package org.udge;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.udge.engine.Engine;
import org.udge.engine.EngineChoice;
import org.udge.engine.Precision;
import org.udge.engine.graph.GraphEngine;

/** Chooses the engine of a model. */
final class Engines {

  private Engines() {}

  static Engine create(
      ComputationGraph graph, EngineChoice choice, Precision precision, int threads) {
    checkArgument(
        precision == Precision.FLOAT32, "the graph engine computes in FLOAT32, not %s", precision);
    return GraphEngine.of(graph);
  }
}
