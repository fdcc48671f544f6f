/**
 * Runs Deeplearning4j's own computation graph: any layer, any backend, the reference that other
 * engines are tested against. Use {@link org.udge.engine.graph.GraphEngine#of}.
 */
package org.udge.engine.graph;
