package org.udge.engine.onednn;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.udge.engine.Engine;
import org.udge.engine.NodeContract;

class OneDnnNodesTest extends NodeContract {

  @Override
  protected Engine engineOf(ComputationGraph graph) {
    return OneDnnEngine.compile(graph, OneDnnOptions.ofDefaults());
  }
}
