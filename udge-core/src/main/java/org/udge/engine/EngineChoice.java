package org.udge.engine;

/** Which engine runs a network. */
public enum EngineChoice {
  /** The fastest engine that can run the network on this machine. */
  AUTO,
  /** Deeplearning4j's own layers: any network, any backend. */
  GRAPH,
  /** Fused oneDNN primitives; an error where that is not possible. */
  ONEDNN
}
