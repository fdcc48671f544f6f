package org.udge.engine.graph;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.udge.engine.Engine;
import org.udge.engine.NodeContract;

class GraphNodesTest extends NodeContract {

  @Override
  protected Engine engineOf(ComputationGraph graph) {
    return GraphEngine.of(graph);
  }
}
