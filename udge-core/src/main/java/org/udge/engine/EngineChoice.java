package org.udge.engine;

/** The engine that runs a network. */
public enum EngineChoice {
  /** The fastest engine that can run the network on this machine. */
  AUTO,
  /** Deeplearning4j's own layers: any network, any backend. */
  GRAPH,
  /** Fused oneDNN primitives; an error if the network or machine does not support them. */
  ONEDNN
}
