package org.udge.engine;

/** Arithmetic of the network's inner layers. Parameters and logits are always float32. */
public enum Precision {
  /** 32-bit floating point throughout. */
  FLOAT32,
  /** Activations and packed weights in bfloat16, sums in float32. */
  BFLOAT16
}
